"""Processes of an installation that outlived its supervisor."""

import os
import signal
from contextlib import suppress
from pathlib import Path

import psutil

from flowkit_native.home import Home
from flowkit_native.programs import MARKER

PATIENCE = 30.0


def _belongs(process: psutil.Process, home: Home) -> bool:
    try:
        return process.environ().get(MARKER) == str(home.path)
    except (psutil.Error, OSError):
        return False


def _postmaster(home: Home) -> psutil.Process | None:
    """Return the installation's database server if it runs: its data directory names its pid."""
    try:
        lines = (home.flowdb / "postmaster.pid").read_text().splitlines()
        process = psutil.Process(int(lines[0]))
        if "postgres" in process.name() and Path(process.cwd()) == home.flowdb:
            return process
    except (OSError, ValueError, IndexError, psutil.Error):
        return None
    return None


def find(home: Home) -> list[psutil.Process]:
    """Return the processes that this installation's supervisor started, and the supervisor itself."""
    mine = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    found = [p for p in psutil.process_iter() if p.pid not in mine and _belongs(p, home)]
    postmaster = _postmaster(home)
    if postmaster is not None and postmaster not in found:
        found.append(postmaster)
    return found


def end(home: Home) -> int:
    """End what outlived the supervisor, gently first; return how many processes there were."""
    # A fast shutdown of the database needs SIGINT; SIGTERM would wait for its clients.
    postmaster = _postmaster(home)
    ended: set[int] = set()
    if postmaster is not None:
        ended.add(postmaster.pid)
        _send(postmaster, signal.SIGINT)
    strays = find(home)
    for process in strays:
        ended.add(process.pid)
        if process != postmaster:
            _send(process, signal.SIGTERM)
    _, left = psutil.wait_procs(strays, timeout=PATIENCE)
    for process in left:
        _send(process, signal.SIGKILL)
    psutil.wait_procs(left, timeout=PATIENCE)
    return len(ended)


def _send(process: psutil.Process, number: signal.Signals) -> None:
    # It may have ended by itself since it was found.
    with suppress(psutil.NoSuchProcess):
        process.send_signal(number)
