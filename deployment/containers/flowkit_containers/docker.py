"""The command line of Docker, as functions."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[3]


class DockerError(Exception):
    """A command of Docker failed; the text is what it said."""


def docker(
    *arguments: str | Path,
    stdin: str | None = None,
    environment: Mapping[str, str] | None = None,
    timeout: float | None = None,
) -> str:
    """Run a command of Docker and return what it printed.

    Parameters
    ----------
    arguments
        The command.
    stdin
        What it reads.
    environment
        Its whole environment, if not that of this process.
    timeout
        Seconds after which it is given up.

    Raises
    ------
    DockerError
        If it cannot be run, fails or takes too long.
    """
    command = ["docker", *map(str, arguments)]
    shown = " ".join(command[:3])
    try:
        result = subprocess.run(
            command,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            env=environment,
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise DockerError(f"'{shown}' cannot be run: {error}") from error
    if result.returncode != 0:
        raise DockerError(f"'{shown}' failed: {result.stderr.strip() or result.stdout.strip()}")
    return result.stdout.strip()


def works(*arguments: str | Path) -> bool:
    """Tell whether a command of Docker succeeds."""
    try:
        docker(*arguments)
    except DockerError:
        return False
    return True


def lines(*arguments: str | Path) -> list[str]:
    """Return the lines a command of Docker prints."""
    return docker(*arguments).splitlines()


def has_image(name: str) -> bool:
    """Tell whether an image is on this machine."""
    return works("image", "inspect", name)
