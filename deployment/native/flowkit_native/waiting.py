"""Waiting until each program answers, saying what is waited for."""

import time
from collections.abc import Callable
from pathlib import Path

from flowkit_native import supervision
from flowkit_native.home import Home
from flowkit_native.ports import ADDRESS
from flowkit_native.programs import PROGRAMS, Program, is_well

SAY_EVERY = 10.0
TAIL_LINES = 30
# A program that came up this often and went away again will not come to stay.
TOO_MANY_STARTS = 5


class ProgramFailedError(Exception):
    """A program does not come up; the text holds the end of its log."""


def tail(file: Path, lines: int = TAIL_LINES) -> str:
    """Return the last lines of a log."""
    if not file.is_file():
        return "(no log)"
    with file.open("rb") as opened:
        opened.seek(max(0, file.stat().st_size - 64 * 1024))
        return "\n".join(opened.read().decode(errors="replace").splitlines()[-lines:])


def _failure(home: Home, program: Program, why: str) -> ProgramFailedError:
    log = home.logs / f"{program.name}.log"
    return ProgramFailedError(f"{program.title} {why}. The end of {log}:\n\n{tail(log)}\n")


def wait_for(
    program: Program,
    home: Home,
    environment: dict[str, str],
    ports: dict[str, int],
    *,
    timeout: float,
    say: Callable[[str], None],
) -> float:
    """Wait until one program is well; return the seconds it took.

    Raises
    ------
    ProgramFailedError
        If the supervisor gave up, the program keeps ending, or the time is over.
    """
    started = last_said = time.monotonic()
    pids: set[int] = set()
    while True:
        state = supervision.states(home)[program.name]
        if state.given_up:
            raise _failure(home, program, "ended at start, several times over")
        if state.pid:
            pids.add(state.pid)
        if len(pids) >= TOO_MANY_STARTS:
            raise _failure(home, program, "keeps ending")
        if state.running and is_well(program, home, environment, ports):
            return time.monotonic() - started
        now = time.monotonic()
        if now - started > timeout:
            raise _failure(home, program, f"does not answer after {timeout:.0f} s")
        if now - last_said >= SAY_EVERY:
            say(
                f"  waiting for {program.title} on {ADDRESS}:{ports[program.name]}"
                f" ({state.state.lower()}, {now - started:.0f} s)"
            )
            last_said = now
        time.sleep(0.3)


def wait_for_all(
    home: Home,
    environment: dict[str, str],
    ports: dict[str, int],
    *,
    timeout: float,
    say: Callable[[str], None],
) -> None:
    """Wait for every program in the order in which they need each other."""
    for program in PROGRAMS:
        seconds = wait_for(program, home, environment, ports, timeout=timeout, say=say)
        say(f"  {program.title:<12} {ADDRESS}:{ports[program.name]:<6} ready after {seconds:.1f} s")
