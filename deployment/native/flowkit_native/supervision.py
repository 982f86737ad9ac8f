"""Starting, asking and stopping the supervisor of an installation."""

import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fcntl import LOCK_EX, flock
from pathlib import Path

import psutil
from supervisor.xmlrpc import SupervisorTransport

from flowkit_native.home import Home

CONFIGURATION = Path(__file__).with_name("supervisord.conf")
# Longer than the longest stopwaitsecs of the programs, one after the other.
STOP_TIMEOUT = 240.0


class SupervisionError(Exception):
    """The supervisor could not be started or does not do what it is told."""


@dataclass(frozen=True)
class State:
    """What the supervisor says about one program."""

    name: str
    state: str
    pid: int
    description: str

    @property
    def running(self) -> bool:
        """Whether its process is there and stayed for long enough."""
        return self.state == "RUNNING"

    @property
    def given_up(self) -> bool:
        """Whether the supervisor no longer tries to start it."""
        return self.state == "FATAL"


@contextmanager
def only_one(home: Home) -> Iterator[None]:
    """Keep a second command on the same installation waiting while this one starts or stops things."""
    with (home.path / ".lock").open("w") as lock:
        flock(lock, LOCK_EX)
        yield


def _proxy(home: Home) -> xmlrpc.client.ServerProxy:
    transport = SupervisorTransport(None, None, serverurl=f"unix://{home.socket}")
    return xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport)


def is_running(home: Home) -> bool:
    """Tell whether the supervisor answers."""
    if not home.socket.exists():
        return False
    try:
        with _proxy(home) as proxy:
            proxy.supervisor.getState()
    except (OSError, xmlrpc.client.Error):
        return False
    return True


def start(home: Home, environment: dict[str, str]) -> None:
    """Start the supervisor in the background.

    Raises
    ------
    SupervisionError
        If it does not answer.
    """
    command = [sys.executable, "-m", "supervisor.supervisord", "--configuration", str(CONFIGURATION)]
    started = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
    deadline = time.monotonic() + 20
    while started.returncode == 0 and time.monotonic() < deadline:
        if is_running(home):
            return
        time.sleep(0.1)
    reason = (started.stderr or started.stdout).strip() or f"see {home.logs / 'supervisor.log'}"
    raise SupervisionError(f"The supervisor did not start: {reason}")


def states(home: Home) -> dict[str, State]:
    """Return what the supervisor says about every program, by name."""
    with _proxy(home) as proxy:
        answer = proxy.supervisor.getAllProcessInfo()
    assert isinstance(answer, list)  # noqa: S101 - narrows the type of a foreign answer
    return {
        info["name"]: State(info["name"], info["statename"], info["pid"], info["description"])
        for info in answer
    }


def start_program(home: Home, name: str) -> None:
    """Start one program unless it runs; does not wait for it."""
    try:
        with _proxy(home) as proxy:
            proxy.supervisor.startProcess(name, False)
    except xmlrpc.client.Fault as fault:
        if "ALREADY_STARTED" not in fault.faultString:
            raise SupervisionError(f"{name} could not be started: {fault.faultString}") from fault


def stop(home: Home) -> bool:
    """Stop every program, the last one started first, then the supervisor; tell whether it ran."""
    if not is_running(home):
        return False
    with _proxy(home) as proxy:
        pid = proxy.supervisor.getPID()
        assert isinstance(pid, int)  # noqa: S101 - narrows the type of a foreign answer
        supervisor = psutil.Process(pid)
        proxy.supervisor.shutdown()
    try:
        supervisor.wait(timeout=STOP_TIMEOUT)
    except psutil.TimeoutExpired:
        raise SupervisionError(f"The supervisor (process {pid}) does not end; see {home.logs}.") from None
    return True
