"""A Docker engine for tests: the one that runs, else one of our own that ends with them."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from flowkit_containers.docker import DockerError, works

_START_SECONDS = 60.0
_STOP_SECONDS = 60.0


@contextmanager
def engine(directory: Path) -> Iterator[None]:
    """Run with an engine; one that is started here keeps its images below the directory.

    Raises
    ------
    DockerError
        If there is none and none can be started.
    """
    if works("info"):
        yield
        return
    if shutil.which("dockerd") is None:
        raise DockerError(
            "No Docker engine runs, and none is installed (packages docker.io, docker-compose)."
        )
    if os.geteuid() != 0:
        raise DockerError("No Docker engine runs: start it, or run this as root to have one started.")
    directory.mkdir(parents=True, exist_ok=True)
    log = directory / "dockerd.log"
    click.echo(f"No Docker engine runs: starting one in {directory}")
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["dockerd", "--data-root", directory / "data", "--exec-root", directory / "run"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + _START_SECONDS
        while not works("info"):
            if process.poll() is not None or time.monotonic() > deadline:
                raise DockerError(f"The engine did not start: see {log}")
            time.sleep(0.5)
        yield
    finally:
        process.terminate()
        process.wait(_STOP_SECONDS)
