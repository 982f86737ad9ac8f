"""Making a cluster so that an interrupted attempt is never taken for one."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flowdb.errors import FlowDBError
from flowdb.programs import SystemUser
from flowdb.settings import ServerSettings

ATTEMPT = ".flowdb-initialising"
"""The directory inside the data directory that says that a cluster is not complete."""


class ClusterError(FlowDBError):
    """The cluster cannot do what was asked; the text says why."""


@contextmanager
def cluster_attempt(data_directory: Path, user: SystemUser) -> Iterator[Path]:
    """Yield an empty directory inside the data directory; it goes when its contents have moved up.

    Only an empty data directory, or one with an interrupted attempt of ours, is taken: what
    somebody else keeps there is never touched.
    """
    attempt = data_directory / ATTEMPT
    data_directory.mkdir(parents=True, exist_ok=True)
    found = {path.name for path in data_directory.iterdir()} - {"lost+found"}
    if found and ATTEMPT not in found:
        raise ClusterError(
            f"'{data_directory}' is not empty and was not made by FlowDB: name an empty directory."
        )
    # What an interrupted attempt left: nothing was ever served from it. The mark goes last.
    for name in sorted(found, key=lambda name: name == ATTEMPT):
        _remove(data_directory / name)
    attempt.mkdir()
    user.own(data_directory, 0o700)
    user.own(attempt, 0o700)
    if user.run(["test", "-w", attempt]).returncode != 0:
        _remove(attempt)
        raise ClusterError(
            f"The system user that runs PostgreSQL (uid {user.uid}) cannot reach '{data_directory}': "
            "let it pass through the directories above it, or put the data elsewhere with PGDATA."
        )
    yield attempt
    attempt.rmdir()


def make_cluster(directory: Path, user: SystemUser, initdb: Path, settings: ServerSettings) -> None:
    """Run initdb with the password of the superuser in a file that only its reader can open."""
    with tempfile.TemporaryDirectory(prefix="flowdb-") as name:
        password = Path(name) / "password"
        password.touch(mode=0o600)
        password.write_text(f"{settings.superuser_password.get_secret_value()}\n", encoding="utf-8")
        user.own(password, 0o600)
        user.own(password.parent, 0o700)
        result = user.run(
            [
                *(initdb, "--pgdata", directory, "--username", settings.superuser),
                *("--pwfile", password, "--auth", "scram-sha-256"),
                *("--encoding", "UTF8", "--locale", "C.UTF-8", "--data-checksums"),
                *([] if settings.durable else ["--no-sync"]),
            ]
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
