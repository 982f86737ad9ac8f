"""The programs of PostgreSQL: where they are and as which system user they run."""

import ctypes
import os
import pwd
import re
import shutil
import signal
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from flowdb.errors import FlowDBError
from flowdb.nameless_user import name_for_nameless_user

OLDEST_SUPPORTED = 15
DEBIAN_PROGRAMS = Path("/usr/lib/postgresql")
_PR_SET_PDEATHSIG = 1


class ProgramError(FlowDBError):
    """PostgreSQL is missing, too old, or one of its programs failed; the text says which."""


def _debian_versions() -> dict[int, Path]:
    return {
        int(path.parent.name): path
        for path in DEBIAN_PROGRAMS.glob("*/bin")
        if path.parent.name.isdigit() and (path / "postgres").exists()
    }


def _other_directory() -> Path | None:
    """Return the directory that PG_CONFIG or PATH leads to."""
    if config := os.environ.get("PG_CONFIG"):
        return Path(_run_plainly([config, "--bindir"]).strip())
    if found := shutil.which("postgres"):
        return Path(found).resolve().parent
    return None


def _run_plainly(command: Sequence[str]) -> str:
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603
    except (OSError, subprocess.CalledProcessError) as error:
        raise ProgramError(f"'{command[0]}' cannot be run: {error}") from error


def major_version(directory: Path) -> int:
    """Return the major version of the server program in a directory."""
    text = _run_plainly([str(directory / "postgres"), "--version"])
    found = re.search(r"\b(\d+)(\.\d+|devel|beta\d+|rc\d+)", text)
    if found is None:
        raise ProgramError(f"'{directory / 'postgres'}' does not state its version: {text.strip()}")
    return int(found.group(1))


def _available_versions() -> dict[int, Path]:
    available = _debian_versions()
    other = _other_directory()
    if other is not None and (other / "postgres").exists():
        if os.environ.get("PG_CONFIG") or not available:
            return {major_version(other): other}
        available.setdefault(major_version(other), other)
    return available


def programs_of_version(major: int, what: str) -> Path:
    """Return the directory of the programs of a major version, which made what is named.

    Raises
    ------
    ProgramError
        If they are not installed.
    """
    available = _available_versions()
    if major not in available:
        raise ProgramError(
            f"{what} was made by PostgreSQL {major}, which is not installed "
            f"(found: {', '.join(map(str, sorted(available))) or 'none'})."
        )
    return available[major]


def find_programs(data_directory: Path) -> Path:
    """Return the directory of the server programs for a data directory.

    An existing data directory can only be served by the major version that made it; a new one is
    made by PG_CONFIG's version if that variable is set, else by the newest one found.

    Raises
    ------
    ProgramError
        If no version fits.
    """
    made_by = data_directory / "PG_VERSION"
    if made_by.exists():
        return programs_of_version(int(made_by.read_text().strip()), f"'{data_directory}'")
    available = _available_versions()
    if not available:
        raise ProgramError(f"PostgreSQL is not installed: version {OLDEST_SUPPORTED} or newer is needed.")
    newest = max(available)
    if newest < OLDEST_SUPPORTED:
        raise ProgramError(f"PostgreSQL {newest} is too old: version {OLDEST_SUPPORTED} or newer is needed.")
    return available[newest]


@dataclass(frozen=True)
class SystemUser:
    """The system user that owns the cluster; PostgreSQL refuses to run as root."""

    uid: int
    gid: int
    switch: bool

    @classmethod
    def for_cluster(cls, name: str) -> "SystemUser":
        """Return the invoking user or, when that is root, the user of the given name."""
        if os.geteuid() != 0:
            return cls(os.geteuid(), os.getegid(), switch=False)
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            raise ProgramError(
                f"PostgreSQL does not run as root and there is no user '{name}': "
                "name another one with FLOWDB_SYSTEM_USER."
            ) from None
        return cls(entry.pw_uid, entry.pw_gid, switch=True)

    def own(self, path: Path, mode: int) -> None:
        """Give a file or directory to this user."""
        if self.switch:
            os.chown(path, self.uid, self.gid)
        path.chmod(mode)

    def _identity(self) -> dict[str, Any]:
        # A directory every user may be in: the caller's own one may be closed to the other user.
        common: dict[str, Any] = {"cwd": "/", "env": environment_of_programs()}
        if not self.switch:
            return common
        return common | {"user": self.uid, "group": self.gid, "extra_groups": [self.gid]}

    def run(
        self, command: Sequence[str | Path], stdin: str | None = None, descriptors: Sequence[int] = ()
    ) -> subprocess.CompletedProcess[str]:
        """Run a program, which ends with this one at the latest, and return what it wrote and its exit.

        Parameters
        ----------
        command
            The program and its arguments.
        stdin
            What it is given to read.
        descriptors
            Open files that it, and what it starts, keeps open.
        """
        return subprocess.run(  # noqa: S603
            [str(part) for part in command],
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            check=False,
            pass_fds=descriptors,
            preexec_fn=end_with_parent(),
            **self._identity(),
        )

    def spawn(self, command: Sequence[str | Path], output: IO[Any] | None = None) -> subprocess.Popen[bytes]:
        """Start a server that ends with the process that started it."""
        return subprocess.Popen(  # noqa: S603
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            preexec_fn=end_with_parent(),
            **self._identity(),
        )


def environment_of_programs() -> dict[str, str]:
    """Return what the programs need of the environment: no secrets, no settings of other clients."""
    wrapper = ("LD_PRELOAD", "NSS_WRAPPER_PASSWD", "NSS_WRAPPER_GROUP")
    kept = ("PATH", "TZ", "LD_LIBRARY_PATH", "TMPDIR", *wrapper)
    own = {name: os.environ[name] for name in kept if name in os.environ}
    return name_for_nameless_user(os.geteuid(), os.getegid()) | own | {"LC_ALL": "C.UTF-8"}


def end_with_parent() -> Callable[[], None]:
    """Return a hook that asks the kernel to stop the child when its parent is killed.

    Without it a killed supervisor leaves a server behind that holds the port and the data directory.
    """
    library = ctypes.CDLL(None, use_errno=True)
    stop = int(signal.SIGINT)

    def hook() -> None:
        library.prctl(_PR_SET_PDEATHSIG, stop, 0, 0, 0)

    return hook
