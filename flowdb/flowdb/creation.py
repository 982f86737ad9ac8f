"""Making a cluster so that an interrupted attempt is never taken for one."""

import fcntl
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flowdb.errors import FlowDBError
from flowdb.programs import SystemUser
from flowdb.settings import ServerSettings

ATTEMPT = ".flowdb-initialising"
"""The directory inside the data directory that says that a cluster is not complete."""

RESTORING = ".flowdb-restoring"
"""Its like while a backup is restored: a start must not make an empty cluster instead."""

_LOCK_SECONDS = 30.0


class ClusterError(FlowDBError):
    """The cluster cannot do what was asked; the text says why."""


def refuse_unless_free(data_directory: Path, mark: str) -> None:
    """Refuse a directory that holds anything but an interrupted attempt of the same kind.

    What somebody else keeps there is never touched. An interrupted attempt at a new cluster gives way to
    a restore, but not the other way round: somebody wants the restored data.
    """
    found = _contents(data_directory)
    if RESTORING in found and mark != RESTORING:
        raise ClusterError(
            f"A restore into '{data_directory}' was interrupted: run flowdb restore again, "
            "or empty the directory."
        )
    if not found or found & {mark, ATTEMPT}:
        return
    if (data_directory / "PG_VERSION").exists() and mark == RESTORING:
        raise ClusterError(f"'{data_directory}' holds a database: restore into an empty directory.")
    raise ClusterError(
        f"'{data_directory}' is not empty and was not made by FlowDB: name an empty directory."
    )


def clear_attempt(data_directory: Path, mark: str) -> None:
    """Remove what an interrupted attempt left: nothing was ever served from it."""
    # The mark goes last.
    for name in sorted(_contents(data_directory), key=lambda name: name == mark):
        _remove(data_directory / name)


def _contents(data_directory: Path) -> set[str]:
    if not data_directory.exists():
        return set()
    return {path.name for path in data_directory.iterdir()} - {"lost+found"}


@dataclass(frozen=True)
class Attempt:
    """A cluster in the making.

    Attributes
    ----------
    directory
        Where its files go first.
    lock
        An open file; nobody else makes a cluster here while this process, or one it passed it on to, lives.
    """

    directory: Path
    lock: int


@contextmanager
def cluster_attempt(data_directory: Path, user: SystemUser, mark: str = ATTEMPT) -> Iterator[Attempt]:
    """Yield an empty directory inside the data directory; it goes when its contents have moved up.

    Only an empty data directory, or one with an interrupted attempt of ours, is taken.
    """
    refuse_unless_free(data_directory, mark)
    data_directory.mkdir(parents=True, exist_ok=True)
    with _locked(data_directory) as lock:
        # Whoever held the lock may have made a cluster meanwhile.
        refuse_unless_free(data_directory, mark)
        clear_attempt(data_directory, mark)
        attempt = data_directory / mark
        attempt.mkdir()
        user.own(data_directory, 0o700)
        user.own(attempt, 0o700)
        if user.run(["test", "-w", attempt]).returncode != 0:
            _remove(attempt)
            raise ClusterError(
                f"The system user that runs PostgreSQL (uid {user.uid}) cannot reach '{data_directory}': "
                "let it pass through the directories above it, or put the data elsewhere with PGDATA."
            )
        yield Attempt(attempt, lock)
        attempt.rmdir()


@contextmanager
def _locked(directory: Path) -> Iterator[int]:
    """Hold the right to make a cluster in a directory, or wait for it for a while.

    A program that a killed attempt had started has inherited the lock: it cannot write into the next attempt.
    """
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        deadline = time.monotonic() + _LOCK_SECONDS
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise ClusterError(
                        f"Another flowdb is making a cluster in '{directory}': wait for it."
                    ) from None
                time.sleep(0.05)
        yield descriptor
    finally:
        os.close(descriptor)


def make_cluster(attempt: Attempt, user: SystemUser, initdb: Path, settings: ServerSettings) -> None:
    """Run initdb with the password of the superuser in a file that only its reader can open."""
    with tempfile.TemporaryDirectory(prefix="flowdb-") as name:
        password = Path(name) / "password"
        password.touch(mode=0o600)
        password.write_text(f"{settings.superuser_password.get_secret_value()}\n", encoding="utf-8")
        user.own(password, 0o600)
        user.own(password.parent, 0o700)
        result = user.run(
            [
                *(initdb, "--pgdata", attempt.directory, "--username", settings.superuser),
                *("--pwfile", password, "--auth", "scram-sha-256"),
                *("--encoding", "UTF8", "--locale", "C.UTF-8", "--data-checksums"),
                *([] if settings.durable else ["--no-sync"]),
            ],
            descriptors=[attempt.lock],
        )
    if result.returncode != 0:
        raise ClusterError(f"initdb failed: {result.stderr.strip()}")


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        for child in path.iterdir():
            _remove(child)
        path.rmdir()
    else:
        path.unlink()
