"""Checking Dockerfiles, compose files and stack files without an engine."""

import itertools
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from flowkit_containers.compose import BASE_FILE, DATA_FILES
from flowkit_containers.docker import CHECKOUT, DockerError, docker, works
from flowkit_containers.images import DOCKERFILES
from flowkit_containers.secrets_file import KEYS, PASSWORDS

STACKS = CHECKOUT / "deployment" / "stacks"
CORE = ("flowdb", "flowmachine", "flowapi")
# Files that may be added to the core, in any combination.
ADDITIONS = ("synthetic-data", "no-ipvs", "flowdb-published", "redis-published", "encrypted-networks")
# What a caller must say; the values are of no meaning here.
REQUIRED = {
    "FLOWDB_HOST_USER_ID": "999",
    "FLOWDB_HOST_GROUP_ID": "999",
    "FLOWDB_DATA_DIR": "/srv/flowdb",
    "FLOWDB_ETL_DIR": "/srv/etl",
    "FLOWDB_HOST_PORT": "9000",
    "REDIS_HOST_PORT": "6379",
    "FLOWAPI_HOST_PORT": "9090",
    "FLOWAPI_IDENTIFIER": "flowapi_server",
    **dict.fromkeys((*PASSWORDS, *KEYS), "x"),
}


def _hadolint() -> list[str]:
    files = sorted(DOCKERFILES.glob("*.Dockerfile"))
    program = Path(sys.executable).parent / "hadolint"
    command: list[str | Path] = [program, "--no-color", "--config", DOCKERFILES / "hadolint.yaml", *files]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return (result.stdout + result.stderr).splitlines() if result.returncode else []


def stack_combinations() -> Iterator[tuple[str, ...]]:
    """Yield the stack files that can be deployed together: each scenario of the guide, with any additions."""
    yield ("flowdb",)
    yield ("flowdb", "flowdb-published")
    yield ("flowdb", "flowmachine", "redis-published")
    for count in range(len(ADDITIONS) + 1):
        for additions in itertools.combinations(ADDITIONS, count):
            yield (*CORE, *additions)


def _configurations() -> Iterator[list[str | Path]]:
    for names in stack_combinations():
        yield ["stack", "config", *(part for n in names for part in ("--compose-file", STACKS / f"{n}.yml"))]
    for file in (None, *DATA_FILES.values()):
        files = [BASE_FILE] if file is None else [BASE_FILE, file]
        named = [part for name in files for part in ("--file", name)]
        yield ["compose", "--env-file", os.devnull, *named, "config", "--quiet"]


def problems() -> tuple[list[str], list[str]]:
    """Return what is wrong, and what could not be checked on this machine."""
    wrong, skipped = _hadolint(), []
    environment = {**os.environ, **REQUIRED}
    if shutil.which("docker") is None or not works("compose", "version"):
        skipped.append("'docker stack config' and 'docker compose config': Docker is not installed")
        return wrong, skipped
    for command in _configurations():
        try:
            docker(*command, environment=environment)
        except DockerError as error:
            wrong.append(f"{' '.join(Path(part).name for part in command)}: {error}")
    return wrong, skipped
