"""The operator's file of revoked tokens: one token id a line, and when that token ends.

A line is an id (``jti``), optionally followed by the end of the token as an ISO 8601 time. ``#`` begins a
comment. A token without an end stays on the list for ever.
"""

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from math import inf
from pathlib import Path

LONGEST_ID = 256
MAX_FILE_BYTES = 64 * 1024 * 1024

# Ids of revoked tokens, and when each token ends: seconds since 1970, or infinity.
Revoked = Mapping[str, float]


class DenyListError(Exception):
    """A list of revoked tokens cannot be read or written."""


def parse(text: str) -> dict[str, float]:
    """Read a file's text.

    Raises
    ------
    DenyListError
        Naming the first line that is not understood: it may be a token that somebody meant to revoke.
    """
    revoked: dict[str, float] = {}
    for number, line in enumerate(text.splitlines(), 1):
        fields = line.partition("#")[0].split()
        if not fields:
            continue
        try:
            if len(fields) > 2 or len(fields[0]) > LONGEST_ID:
                raise ValueError(line)
            revoked[fields[0]] = parse_end(fields[1]) if len(fields) == 2 else inf
        except ValueError:
            raise DenyListError(
                f"Line {number} must be a token's id, and possibly the time when the token ends."
            ) from None
    return revoked


def parse_end(text: str) -> float:
    """Read a time; one without an offset is in UTC."""
    time = datetime.fromisoformat(text)
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()


def format_end(end: float) -> str:
    """Write a time as `parse_end` reads it; nothing for one that never comes."""
    return "" if end == inf else datetime.fromtimestamp(end, UTC).isoformat(timespec="seconds")


def read(path: Path) -> dict[str, float]:
    """Read a file.

    Raises
    ------
    DenyListError
        If it is not there, too large, or not understood.
    """
    try:
        with path.open("rb") as file:
            text = file.read(MAX_FILE_BYTES + 1)
        if len(text) > MAX_FILE_BYTES:
            raise DenyListError(f"{path} has more than {MAX_FILE_BYTES} bytes.")
        return parse(text.decode())
    except FileNotFoundError as error:
        raise DenyListError(f"{path} is not there: `flowapi revoked --init` makes an empty list.") from error
    except OSError as error:
        raise DenyListError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError:
        raise DenyListError(f"{path} is not text.") from None


def create(path: Path) -> None:
    """Make an empty file unless there is one.

    Raises
    ------
    DenyListError
        If it cannot be made.
    """
    with _changing(path):
        if not path.exists():
            _replace(path, "# Revoked tokens: an id a line, and when the token ends.\n")


def add(path: Path, revoked: Revoked) -> None:
    """Add tokens to a file; its comments stay.

    Raises
    ------
    DenyListError
        If the file cannot be read or written.
    """
    with _changing(path):
        held = read(path)
        text = path.read_text()
        lines = [f"{jti} {format_end(end)}".rstrip() for jti, end in revoked.items() if jti not in held]
        separator = "" if not text or text.endswith("\n") else "\n"
        _replace(path, text + separator + "".join(f"{line}\n" for line in lines))


def purge(path: Path, now: float) -> int:
    """Take tokens that have ended out of a file; return how many.

    Raises
    ------
    DenyListError
        If the file cannot be read or written.
    """
    with _changing(path):
        ended = {jti for jti, end in read(path).items() if end <= now}
        kept = [
            line
            for line in path.read_text().splitlines(keepends=True)
            if not (fields := line.partition("#")[0].split()) or fields[0] not in ended
        ]
        if ended:
            _replace(path, "".join(kept))
        return len(ended)


@contextlib.contextmanager
def _changing(path: Path) -> Iterator[None]:
    """Let nobody else change the file; a file beside it is locked, because the file itself is replaced."""
    try:
        with path.with_name(f".{path.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
    except OSError as error:
        raise DenyListError(
            f"{path} cannot be changed: {error.strerror}. Its directory has to be writable."
        ) from error


def _replace(path: Path, text: str) -> None:
    """Replace the file at once, so that no reader ever sees a part of it."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new = Path(file.name)
    new.chmod(0o644)
    with contextlib.suppress(FileNotFoundError):
        # The server, possibly another user, has to be able to read the new one like the old one.
        status = path.stat()
        new.chmod(status.st_mode & 0o777)
        with contextlib.suppress(PermissionError):
            os.chown(new, status.st_uid, status.st_gid)
    new.replace(path)
