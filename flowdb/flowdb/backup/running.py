"""Running the backup programs of PostgreSQL: their progress passed on, their errors kept."""

import os
import re
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

from flowdb.backup.progress import Report
from flowdb.programs import end_with_parent, environment_of_programs

_PROGRESS = re.compile(r"^\s*(\d+)/(\d+) kB \(")
_KEPT_LINES = 1000


@dataclass(frozen=True)
class Ended:
    """How a program ended: its exit code, and what it wrote that was not progress."""

    code: int
    lines: list[str]

    @property
    def first_error(self) -> str:
        """Return the first line that says what went wrong, without the name of the program."""
        errors = [line for line in self.lines if "error:" in line] or self.lines
        if not errors:
            return f"exit code {self.code}" if self.code >= 0 else f"ended by signal {-self.code}"
        return errors[0].partition("error: ")[2] or errors[0]


def run_reporting(
    command: Sequence[str | Path],
    report: Report,
    variables: Mapping[str, str] | None = None,
    descriptors: Sequence[int] = (),
) -> Ended:
    """Run a program of PostgreSQL to its end, as the invoking user; it ends with this process.

    Parameters
    ----------
    command
        The program and its arguments.
    report
        Told the bytes that are done and those there are, as the program counts them.
    variables
        Variables of the program's environment.
    descriptors
        Open files that the program inherits.
    """
    lines: list[str] = []
    total = 0
    with subprocess.Popen(  # noqa: S603
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        env=environment_of_programs() | dict(variables or {}),
        pass_fds=descriptors,
        preexec_fn=end_with_parent(),
        start_new_session=True,
    ) as process:
        Thread(target=_end_what_it_left, args=(process,), daemon=True).start()
        try:
            for line in process.stderr or ():
                if found := _PROGRESS.match(line):
                    done, total = (int(number) * 1024 for number in found.groups())
                    # Its total is an estimate: all is done when it ends.
                    report(min(done, total - 1), total)
                elif line.strip() and len(lines) < _KEPT_LINES:
                    lines.append(line.strip())
        except BaseException:
            process.terminate()
            raise
    if total and process.returncode == 0:
        report(total, total)
    return Ended(process.returncode, lines)


def _end_what_it_left(process: subprocess.Popen[str]) -> None:
    """Wait for a program, and end processes of its own that outlive it.

    One that receives the write-ahead log would else keep this process reading what it may still say.
    """
    process.wait()
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
