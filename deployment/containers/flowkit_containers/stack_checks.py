"""The quickstart and the stacks, on a swarm."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from flowkit_containers import analysis, containers
from flowkit_containers.checking import Checks, eventually, expect
from flowkit_containers.docker import CHECKOUT, docker, lines
from flowkit_containers.settings import ContainerSettings

SCRIPTS = CHECKOUT / "secrets_quickstart"
SERVICES = ("flowapi", "flowdb", "flowmachine", "flowmachine_query_locker")
SMALL = {
    "N_DAYS": "7",
    "N_SUBSCRIBERS": "2000",
    "N_CALLS": "10000",
    "N_SMS": "10000",
    "N_MDS": "1000",
    "N_CELLS": "200",
}
_SCRIPT_SECONDS = 1200.0


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as opened:
        opened.bind(("", 0))
        port: int = opened.getsockname()[1]
        return port


class Quickstart:
    """A quickstart under names of its own, so that it meets nothing of an installation in use."""

    def __init__(self, settings: ContainerSettings) -> None:
        self.stack = f"flowkit-test-{os.getpid()}"
        self.label = f"{containers.STACK_LABEL}={self.stack}"
        self.state = Path(tempfile.mkdtemp(prefix="flowkit-quickstart-"))
        self.certificate = self.state / "cert-flowkit.pem"
        self.port = free_port()
        self.url = f"https://localhost:{self.port}"
        self.environment = {
            **os.environ,
            **SMALL,
            "STACK_NAME": self.stack,
            "QUICKSTART_STATE": str(self.state),
            "FLOWKIT_SECRETS_PREFIX": f"{self.stack}-",
            "FLOWAPI_HOST_PORT": str(self.port),
            "CONTAINER_REPOSITORY": settings.repository,
            "CONTAINER_TAG": settings.tag,
        }

    def script(self, name: str, *arguments: str) -> str:
        """Run one of the scripts and return what it printed."""
        result = subprocess.run(
            [SCRIPTS / name, *arguments],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=_SCRIPT_SECONDS,
        )
        expect(result.returncode == 0, (result.stdout + result.stderr).strip()[-500:])
        return result.stdout.strip()

    def install(self) -> str:
        """Deploy."""
        return [line for line in self.script("secrets-quickstart.sh").splitlines() if "after " in line][
            -1
        ].strip()

    def secrets(self) -> set[str]:
        """Return the ids of the quickstart's secrets."""
        return set(lines("secret", "ls", "--quiet", "--filter", f"label=org.flowkit.quickstart={self.stack}"))

    def install_again(self) -> str:
        """Expect a second run to keep what the first one made."""
        before, certificate = self.secrets(), self.certificate.read_bytes()
        self.install()
        expect(self.secrets() == before and self.certificate.read_bytes() == certificate, "secrets changed")
        return f"{len(before)} secrets kept"

    def token(self) -> str:
        """Sign a token."""
        return self.script("token.sh")

    def container_of(self, service: str) -> list[str]:
        """Return the running containers of a service."""
        name = f"{self.stack}_{service}"
        return lines("ps", "--quiet", "--filter", f"label=com.docker.swarm.service.name={name}")

    def well(self) -> bool:
        """Tell whether every service is well."""
        return containers.all_healthy(self.label, len(SERVICES))

    def kill(self, service: str, token: str) -> Callable[[], str]:
        """Return a check that a service comes back, and a new query is answered as before."""

        def check() -> str:
            (old,) = self.container_of(service)
            docker("kill", old)
            seconds = eventually(
                lambda: self.container_of(service) not in ([], [old]) and self.well(), f"{service} is well"
            )
            # A healthy server may still be finding the one that was replaced.
            day = 3 + SERVICES.index(service)
            eventually(lambda: self._answers(token, day), "a new query is answered", 60)
            return f"well again after {seconds:.0f} s"

        return check

    def _answers(self, token: str, day: int) -> bool:
        try:
            analysis.ask(self.url, token, self.certificate, day)
        except Exception:  # noqa: BLE001  any failure means: not yet
            return False
        return True

    def uninstall(self, swarm_before: str) -> str:
        """Expect nothing of it to be left."""
        self.script("uninstall.sh", "--yes")
        left = lines("ps", "--all", "--quiet", "--filter", f"label={self.label}")
        left += lines("volume", "ls", "--quiet", "--filter", f"label={self.label}")
        left += lines("network", "ls", "--quiet", "--filter", f"label={self.label}")
        left += [str(self.state)] if self.state.exists() else []
        left += [f"port {self.port}"] if any(port == self.port for _, port in containers.listeners()) else []
        swarm = swarm_state()
        left += [f"swarm {swarm}, was {swarm_before}"] if swarm != swarm_before else []
        left += sorted(self.secrets()) if swarm == "active" else []
        expect(not left, left)
        return "no container, network, volume, secret or file; swarm as before"


def swarm_state() -> str:
    """Return whether this engine is part of a swarm."""
    return docker("info", "--format", "{{.Swarm.LocalNodeState}}")


def check_stacks(checks: Checks, settings: ContainerSettings) -> None:
    """Deploy the quickstart, use it, hurt it and remove it."""
    swarm_before = swarm_state()
    quickstart = Quickstart(settings)
    label = quickstart.label
    tokens: list[str] = []

    def root_free() -> str:
        users = containers.users_of_processes(label)
        expect(0 not in users, users)
        return f"users {', '.join(map(str, sorted(users)))}"

    def healthy() -> str:
        expect(quickstart.well(), containers.running(label))
        return f"{len(SERVICES)} of {len(SERVICES)}"

    def sign() -> str:
        tokens.append(quickstart.token())
        return f"{len(tokens[0])} characters"

    url, certificate = quickstart.url, quickstart.certificate
    try:
        if not checks.run("stack: the quickstart deploys", quickstart.install):
            return
        checks.run("stack: the quickstart can be repeated", quickstart.install_again)
        checks.run("stack: every service is healthy", healthy)
        checks.run("stack: nothing runs as root", root_free)
        checks.run("stack: containers are hardened", lambda: containers.expect_hardened(label))
        checks.run("stack: secrets are files", lambda: containers.expect_no_secrets_in_environment(label))
        checks.run(
            "stack: no internal port answers on the host",
            lambda: containers.expect_only_published(label, quickstart.port),
        )
        if not checks.run("stack: a token is signed", sign):
            return
        token = tokens[0]
        checks.run("stack: a query over TLS is redacted", lambda: analysis.ask(url, token, certificate))
        checks.run(
            "stack: a client without the certificate refuses", lambda: analysis.expect_distrust(url, token)
        )
        checks.run("stack: a stranger's token is refused", lambda: analysis.expect_refusal(url, certificate))
        for service in SERVICES:
            checks.run(f"stack: {service} is killed and recovers", quickstart.kill(service, token))
    finally:
        # Interrupting this would leave a deployment behind.
        former = signal.signal(signal.SIGINT, signal.SIG_IGN)
        checks.run("stack: uninstall leaves nothing", lambda: quickstart.uninstall(swarm_before))
        shutil.rmtree(quickstart.state, ignore_errors=True)
        signal.signal(signal.SIGINT, former)
