"""Checking compressed backups against their manifest, which PostgreSQL's own checker can only do for files.

The format of the manifest: https://www.postgresql.org/docs/current/backup-manifest-format.html
"""

import gzip
import hashlib
import json
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from flowdb.backup.description import ARCHIVE, MANIFEST, WAL_ARCHIVE
from flowdb.backup.errors import BackupError
from flowdb.backup.progress import Report

_BLOCK = 1 << 20
_CHECKSUM_KEY = b'"Manifest-Checksum"'


@dataclass(frozen=True)
class File:
    """What the manifest says about a file: its bytes and their SHA-256."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """The files of a backup, and the write-ahead log that it needs: timeline, first and last octet."""

    files: dict[str, File]
    log_ranges: list[tuple[int, int, int]]

    @property
    def total(self) -> int:
        """Return the bytes of all files."""
        return sum(file.size for file in self.files.values())


def read_manifest(path: Path) -> Manifest:
    """Read a manifest whose own checksum is right."""
    try:
        octets = path.read_bytes()
        content = json.loads(octets)
        # The checksum covers every line before its own.
        covered = octets[: octets.rindex(_CHECKSUM_KEY)]
        if hashlib.sha256(covered).hexdigest() != content["Manifest-Checksum"]:
            raise BackupError(f"'{path}' is damaged: its checksum is wrong.")
        return Manifest(
            {_path_of(entry): File(entry["Size"], entry["Checksum"]) for entry in content["Files"]},
            [
                (entry["Timeline"], _position(entry["Start-LSN"]), _position(entry["End-LSN"]))
                for entry in content["WAL-Ranges"]
            ],
        )
    except FileNotFoundError:
        raise BackupError(f"'{path}' is missing: the backup is incomplete.") from None
    except (ValueError, KeyError, TypeError):
        raise BackupError(f"'{path}' is damaged: it cannot be read.") from None


def _path_of(entry: dict[str, str]) -> str:
    if "Path" in entry:
        return entry["Path"]
    return bytes.fromhex(entry["Encoded-Path"]).decode("utf-8", "surrogateescape")


def _position(text: str) -> int:
    high, _, low = text.partition("/")
    return (int(high, 16) << 32) + int(low, 16)


@contextmanager
def opened_archive(path: Path) -> Iterator[tuple[tarfile.TarFile, IO[bytes]]]:
    """Open a compressed archive, and its file for asking how far it is read; say what is wrong with it."""
    try:
        # tarfile's own decompression does not look at the checksum at the end.
        with (
            path.open("rb") as raw,
            gzip.GzipFile(fileobj=raw) as unpacked,
            tarfile.open(fileobj=unpacked, mode="r|") as archive,
        ):
            yield archive, raw
            while unpacked.read(_BLOCK):
                pass
    except FileNotFoundError:
        raise BackupError(f"'{path}' is missing: the backup is incomplete.") from None
    except (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise BackupError(f"'{path}' is damaged: {error}.") from None


def check_archives(directory: Path, report: Report) -> Manifest:
    """Read compressed archives from end to end and compare them with the manifest beside them."""
    manifest = read_manifest(directory / MANIFEST)
    path = directory / ARCHIVE
    missing = dict(manifest.files)
    with opened_archive(path) as (archive, raw):
        total = path.stat().st_size
        for member in archive:
            if member.isdir():
                continue
            content = archive.extractfile(member)
            known = missing.pop(member.name, None)
            if content is None or known is None:
                raise BackupError(f"'{path}' is damaged: it holds '{member.name}', unknown to its manifest.")
            digest = hashlib.sha256()
            while block := content.read(_BLOCK):
                digest.update(block)
                report(min(raw.tell(), total - 1), total)
            if (member.size, digest.hexdigest()) != (known.size, known.sha256):
                raise BackupError(f"'{path}' is damaged: '{member.name}' is not what its manifest says.")
    if missing:
        raise BackupError(f"'{path}' is incomplete: {len(missing)} files are missing, as '{min(missing)}'.")
    _check_log(directory / WAL_ARCHIVE, manifest)
    report(total, total)
    return manifest


def _check_log(path: Path, manifest: Manifest) -> None:
    with opened_archive(path) as (archive, _raw):
        sizes = {member.name: member.size for member in archive if member.isfile()}
    segment_size = max(sizes.values(), default=0)
    for timeline, first, last in manifest.log_ranges:
        for number in range(first // max(segment_size, 1), (last - 1) // max(segment_size, 1) + 1):
            in_one = (1 << 32) // max(segment_size, 1)
            name = f"{timeline:08X}{number // in_one:08X}{number % in_one:08X}"
            if sizes.get(name) != segment_size:
                raise BackupError(f"'{path}' is incomplete: the write-ahead log '{name}' is missing.")
