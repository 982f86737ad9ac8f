"""The processes of PostgreSQL in a data directory: the server, one that is ending, what a killed one left."""

from contextlib import suppress
from pathlib import Path

import psutil

_PID_FILE = "postmaster.pid"
_STATE_LINE = 8
_OPTIONS_FILE = "postmaster.opts"
NOBODY_CONNECTS = "listen_addresses="
"""The option of a server that is being prepared, which is reached through its socket only."""


def server_of(data_directory: Path) -> int | None:
    """Return the process id of the server in a data directory, or None.

    A file left by a crash may name a process that has nothing to do with it, in a container nearly always.
    """
    try:
        pid = int((data_directory / _PID_FILE).read_text().split("\n", 1)[0])
        process = psutil.Process(pid)
        if process.name() == "postgres" and Path(process.cwd()) == data_directory.resolve():
            return pid
    except psutil.AccessDenied:
        return pid
    except (FileNotFoundError, psutil.NoSuchProcess, ValueError):
        pass
    return None


def is_stopping(data_directory: Path) -> bool:
    """Say whether a server runs in a data directory that has been told to stop."""
    if server_of(data_directory) is None:
        return False
    try:
        lines = (data_directory / _PID_FILE).read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) >= _STATE_LINE and lines[_STATE_LINE - 1].strip() == "stopping"


def is_preparing(data_directory: Path) -> bool:
    """Say whether a server runs in a data directory that some command is bringing up to date."""
    if server_of(data_directory) is None:
        return False
    try:
        return f'"{NOBODY_CONNECTS}"' in (data_directory / _OPTIONS_FILE).read_text()
    except FileNotFoundError:
        return False


def left_by_killed(data_directory: Path) -> list[int]:
    """Return the processes of a server that is not there any more, and itself while nobody has buried it.

    PostgreSQL does not start beside them.
    """
    file = data_directory / _PID_FILE
    if server_of(data_directory) is not None or not file.exists():
        return []
    found = []
    for process in psutil.process_iter(["name"]):
        if process.info["name"] != "postgres":
            continue
        with suppress(psutil.Error, FileNotFoundError):
            if process.status() == psutil.STATUS_ZOMBIE:
                if file.read_text().startswith(f"{process.pid}\n"):
                    found.append(process.pid)
            elif Path(process.cwd()) == data_directory.resolve():
                found.append(process.pid)
    return found
