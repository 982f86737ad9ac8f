"""Programs that the tests start, stop and start again, each with what it needs to know in its environment."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
START_SECONDS = 30.0
STOP_SECONDS = 30.0


def console_script(component: str, name: str) -> Path:
    """Return a console script of a component's own environment."""
    return CHECKOUT / component / ".venv" / "bin" / name


def plain_environment(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the variables with the few that every program needs, and nothing else of ours."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    # A directory that does not exist: secrets of this machine must not reach the tests.
    return {**kept, "LANG": "C.UTF-8", "TZ": "UTC", "FLOWKIT_SECRETS_DIR": "/nonexistent", **variables}


class Program:
    """A program on this machine.

    Parameters
    ----------
    command
        What to run.
    variables
        Its environment, secrets included.
    log
        The file that takes what it writes.
    ready
        Tells whether it answers.
    stdin
        What it reads when it starts.
    """

    def __init__(
        self,
        command: list[str | Path],
        variables: Mapping[str, str],
        log: Path,
        ready: Callable[[], bool],
        stdin: str = "",
    ) -> None:
        self._command = command
        self._variables = plain_environment(variables)
        self.log = log
        self._ready = ready
        self._stdin = stdin
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and return when it answers."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, env=self._variables, stdin=subprocess.PIPE, stdout=log, stderr=log
            )
        assert self._process.stdin is not None
        self._process.stdin.write(self._stdin.encode())
        self._process.stdin.close()
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Return when it answers."""
        deadline = time.monotonic() + START_SECONDS
        while not self._ready():
            ended = self._process is None or self._process.poll() is not None
            if ended or time.monotonic() > deadline:
                raise RuntimeError(f"{self._command[0]} did not start: {self.log.read_text()[-2000:]}")
            time.sleep(0.05)

    def ask(self, *arguments: str) -> int:
        """Run its command with arguments, told the same things; return the exit code."""
        finished = subprocess.run(
            [*self._command, *arguments],
            env=self._variables,
            capture_output=True,
            timeout=START_SECONDS,
            check=False,
        )
        return finished.returncode

    def stop(self) -> None:
        """Ask it to stop, and return when it has."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it without giving it the chance to do anything about it."""
        self._end(signal.SIGKILL)

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self._process is not None
        self._process.send_signal(number)

    def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(number)
        try:
            process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
