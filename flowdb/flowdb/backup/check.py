"""Checking that a backup is complete and undamaged."""

import hashlib
from pathlib import Path

from flowdb.backup.description import FILES, MANIFEST, WAL_ARCHIVE, WAL_FILES, Description
from flowdb.backup.errors import BackupError
from flowdb.backup.manifest import Manifest, check_archives, read_manifest
from flowdb.backup.progress import Report
from flowdb.backup.running import run_reporting
from flowdb.programs import major_version

# The first version of pg_verifybackup that tells how far it is.
_TELLS_PROGRESS = 16


def checksums_of_log(backup: Path) -> dict[str, str]:
    """Return the SHA-256 of each file of the write-ahead log in a backup, by its path in the backup."""
    files = backup / FILES
    found = [files / WAL_ARCHIVE, *sorted((files / WAL_FILES).rglob("*"))]
    sums = {}
    for path in found:
        if path.is_file():
            with path.open("rb") as opened:
                sums[str(path.relative_to(backup))] = hashlib.file_digest(opened, "sha256").hexdigest()
    return sums


def check(backup: Path, description: Description, programs: Path, report: Report) -> None:
    """Check a finished backup against its manifest and what it says about itself.

    Raises
    ------
    BackupError
        Naming what is missing or damaged.
    """
    found = checksums_of_log(backup)
    for name, sha256 in description.log_sha256.items():
        if name not in found:
            raise BackupError(f"The backup '{backup}' is incomplete: '{name}' is missing.")
        if found[name] != sha256:
            raise BackupError(f"The backup '{backup}' is damaged: '{name}' has changed.")
    check_files(backup, description.compressed, programs, report)


def check_files(backup: Path, compressed: bool, programs: Path, report: Report) -> Manifest:
    """Compare every file of a backup with the checksums of its manifest; return the manifest.

    Files are checked by PostgreSQL's pg_verifybackup, which also reads the write-ahead log; archives are
    read from end to end.

    Raises
    ------
    BackupError
        Naming what is missing or damaged.
    """
    directory = backup / FILES
    if compressed:
        return check_archives(directory, report)
    manifest = read_manifest(directory / MANIFEST)
    option = "--progress" if major_version(programs) >= _TELLS_PROGRESS else "--quiet"
    ended = run_reporting([programs / "pg_verifybackup", option, directory], report)
    if ended.code != 0:
        more = f" (and {len(ended.lines) - 1} more)" if len(ended.lines) > 1 else ""
        raise BackupError(f"The backup '{backup}' is damaged: {ended.first_error}{more}.")
    return manifest
