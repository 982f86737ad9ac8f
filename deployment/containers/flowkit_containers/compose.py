"""FlowKit on one host under compose."""

import os
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from flowkit_containers import secrets_file
from flowkit_containers.docker import CHECKOUT, DockerError, docker, lines
from flowkit_containers.images import redis_image
from flowkit_containers.settings import ContainerSettings
from flowkit_jwt_generator import generate_token, load_private_key
from flowkit_jwt_generator.jwt import get_all_claims_from_flowapi, get_audience_from_flowapi

BASE_FILE = "docker-compose.yml"
DATA_FILES = {
    "flowdb_testdata": "docker-compose-testdata.yml",
    "flowdb_synthetic_data": "docker-compose-syntheticdata.yml",
}
_START_SECONDS = 1800.0


class SelectionError(Exception):
    """The services asked for contradict each other."""


def selection(services: str) -> tuple[list[str], list[str]]:
    """Return the compose files and services that a list of names stands for.

    Parameters
    ----------
    services
        Names apart by spaces. Those that begin with ``flowdb`` stand for the service ``flowdb``, and say
        which data.

    Raises
    ------
    SelectionError
        If two of them want different data.
    """
    names = list(dict.fromkeys(services.split()))
    databases = [name for name in names if name.startswith("flowdb")]
    if len(databases) > 1:
        raise SelectionError(f"Choose one of {', '.join(databases)}: they are the same service.")
    files = [BASE_FILE, *(DATA_FILES[name] for name in databases if name in DATA_FILES)]
    return files, ["flowdb" if name in DATA_FILES else name for name in names]


class Installation:
    """The containers of one compose project."""

    def __init__(self, settings: ContainerSettings) -> None:
        self.settings = settings
        self.files, self.services = selection(settings.services)
        self.url = f"http://127.0.0.1:{settings.port}"

    def compose(self, *arguments: str | Path) -> str:
        """Run a command of compose."""
        return docker(*self._compose(*arguments), environment=self._environment())

    def follow_logs(self) -> None:
        """Show the logs of all services until interrupted."""
        command = ["docker", *map(str, self._compose("logs", "--follow"))]
        with suppress(KeyboardInterrupt):
            subprocess.run(command, cwd=CHECKOUT, env=self._environment(), check=False)

    def _compose(self, *arguments: str | Path) -> list[str | Path]:
        chosen = [part for file in self.files for part in ("--file", file)]
        project = ("--project-name", self.settings.project, "--env-file", self.settings.env_file)
        return ["compose", *project, *chosen, *arguments]

    def _environment(self) -> dict[str, str]:
        # Who calls may set sizes and log levels; passwords and keys are those of the file.
        own = {k: v for k, v in os.environ.items() if k not in (*secrets_file.PASSWORDS, *secrets_file.KEYS)}
        return own | {
            "REDIS_IMAGE": redis_image(self.settings),
            "CONTAINER_REPOSITORY": self.settings.repository,
            "CONTAINER_TAG": self.settings.tag,
            "FLOWAPI_PORT": str(self.settings.port),
        }

    def up(self, report: Callable[[str], None]) -> None:
        """Start the services and return when all are well."""
        if made := secrets_file.ensure(self.settings.env_file):
            report(f"Made in {self.settings.env_file}: {', '.join(made)}")
        self.compose("up", "--detach", "--no-build", "--remove-orphans", *self.services)
        self.wait(report)

    def wait(self, report: Callable[[str], None]) -> None:
        """Return when the health check of every container passes."""
        began, last = time.monotonic(), ""
        while True:
            states = self.states()
            now = ", ".join(f"{name} {state}" for name, state in sorted(states.items()))
            if now != last:
                report(f"after {time.monotonic() - began:.0f} s: {now}")
                last = now
            if states and all(state == "healthy" for state in states.values()):
                return
            if time.monotonic() - began > _START_SECONDS:
                raise DockerError(f"Not all services are well: {now}")
            time.sleep(1)

    def states(self) -> dict[str, str]:
        """Return the health of each container by its service."""
        found = {}
        for container in self.containers():
            shown = docker(
                *("inspect", "--format"),
                '{{index .Config.Labels "com.docker.compose.service"}} '
                '{{if eq .State.Status "running"}}{{.State.Health.Status}}{{else}}{{.State.Status}}{{end}}',
                container,
            )
            service, _, state = shown.partition(" ")
            found[service] = state
        return found

    def containers(self) -> list[str]:
        """Return the ids of the project's containers."""
        label = f"label=com.docker.compose.project={self.settings.project}"
        return lines("ps", "--all", "--quiet", "--filter", label)

    def down(self, *, with_data: bool = False) -> None:
        """Stop and remove the containers; the data stay unless told otherwise."""
        # Compose wants values for all variables, though none is of any use to it here.
        secrets_file.ensure(self.settings.env_file)
        self.compose("down", "--remove-orphans", *(["--volumes"] if with_data else []))
        if with_data:
            self.settings.env_file.unlink(missing_ok=True)

    def token(self, username: str = "analyst", lifetime: timedelta = timedelta(days=1)) -> str:
        """Sign a token that allows everything the running API offers."""
        key = secrets_file.read(self.settings.env_file)["PRIVATE_JWT_SIGNING_KEY"]
        return generate_token(
            flowapi_identifier=get_audience_from_flowapi(self.url),
            username=username,
            private_key=load_private_key(key),
            lifetime=lifetime,
            roles={"universal_role": get_all_claims_from_flowapi(self.url)},
        )
