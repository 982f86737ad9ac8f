"""Building FlowKit's images."""

import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from flowkit_containers.docker import CHECKOUT, DockerError, docker, has_image
from flowkit_containers.settings import LOCAL_BASE, OFFICIAL_BASE, OFFICIAL_REDIS, ContainerSettings

DOCKERFILES = CHECKOUT / "deployment" / "images"
VERSION = "2.0.0"
# In the order in which they are built; those with data are made from the one before.
IMAGES = ("flowdb", "flowdb-testdata", "flowdb-synthetic-data", "flowmachine", "flowapi")
# Made only where the operator brings what it is made from: we may not pass that on.
ORACLE = "flowdb-oracle"
FROM_FLOWDB = frozenset({"flowdb-testdata", "flowdb-synthetic-data", ORACLE})
_PULL_SECONDS = 600.0


@dataclass(frozen=True)
class Built:
    """An image that was built, what it weighs and how long it took."""

    name: str
    megabytes: float
    seconds: float


def can_pull(image: str) -> bool:
    """Tell whether an image is here or can be fetched."""
    if has_image(image):
        return True
    try:
        docker("pull", "--quiet", image, timeout=_PULL_SECONDS)
    except DockerError:
        return False
    return True


def base_image(settings: ContainerSettings) -> str:
    """Return the image that others start from, made from packages if the official one cannot be had."""
    if settings.base_image:
        return settings.base_image
    if can_pull(OFFICIAL_BASE):
        return OFFICIAL_BASE
    if not has_image(LOCAL_BASE):
        click.echo(f"'{OFFICIAL_BASE}' cannot be pulled: making a base from packages of the distribution")
        program = CHECKOUT / "deployment" / "base-image" / "make"
        as_root: list[str] = [] if os.geteuid() == 0 else ["sudo"]
        if subprocess.run([*as_root, program, "--tag", LOCAL_BASE], check=False).returncode != 0:
            raise DockerError("There is no base image: see above, or set BASE_IMAGE to one that you have.")
    return LOCAL_BASE


def redis_image(settings: ContainerSettings) -> str:
    """Return the image of Redis: the one asked for, else our own if it was made, else the official one."""
    if settings.redis_image:
        return settings.redis_image
    own = settings.image("redis")
    return own if has_image(own) else OFFICIAL_REDIS


def _revision() -> str:
    command = ["git", "describe", "--always", "--abbrev=40", "--exclude=*", "--dirty"]
    result = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    return result.stdout.strip() or "unknown"


def check_oracle(settings: ContainerSettings) -> Path:
    """Return the directory of what the Oracle image is made from.

    Raises
    ------
    DockerError
        If it is not named, or a file is missing.
    """
    directory = settings.oracle_source
    if directory is None:
        raise DockerError(
            f"'{ORACLE}' is made from Oracle's Instant Client, which you bring: name its directory "
            "with ORACLE_BINARY_SOURCE."
        )
    command: list[str | Path] = [
        DOCKERFILES / "oracle-client",
        "check",
        directory,
        settings.instant_client_version,
    ]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise DockerError(result.stderr.strip().removeprefix("oracle-client: "))
    return directory.resolve()


def build_options(name: str, base: str, settings: ContainerSettings) -> list[str | Path]:
    """Return what Docker is told about an image besides its file and its name."""
    given: dict[str, str] = {}
    contexts: list[str] = []
    if name in FROM_FLOWDB:
        given["FLOWDB_IMAGE"] = settings.image("flowdb")
    else:
        identity = docker("image", "inspect", "--format", "{{.Id}}", base)
        given |= {"BASE_IMAGE": base, "VERSION": VERSION, "REVISION": _revision(), "BASE_DIGEST": identity}
    if name == ORACLE:
        given["INSTANT_CLIENT_VERSION"] = settings.instant_client_version
        contexts = ["--build-context", f"oracle={check_oracle(settings)}"]
    bundle = settings.ca_bundle
    trusted = ["--secret", f"id=ca_bundle,src={bundle}"] if bundle and bundle.is_file() else []
    arguments = [part for key, value in given.items() for part in ("--build-arg", f"{key}={value}")]
    return [f"--network={settings.build_network}", *contexts, *trusted, *arguments]


def build_image(name: str, base: str, settings: ContainerSettings) -> Built:
    """Build one image from the checkout."""
    options = build_options(name, base, settings)
    began = time.monotonic()
    docker(
        *("build", "--quiet", *options),
        *("--file", DOCKERFILES / f"{name}.Dockerfile", "--tag", settings.image(name), "."),
        environment={**os.environ, "DOCKER_BUILDKIT": "1"},
    )
    seconds = time.monotonic() - began
    octets = int(docker("image", "inspect", "--format", "{{.Size}}", settings.image(name)))
    return Built(name, octets / 1e6, seconds)


def wanted_images(settings: ContainerSettings, names: tuple[str, ...] = ()) -> list[str]:
    """Return the images to build: those named, or all, with Oracle's where its files were named.

    Raises
    ------
    DockerError
        If Oracle's is among them and its files are not all there.
    """
    wanted = list(names or IMAGES)
    if not names and settings.oracle_source is not None:
        wanted.append(ORACLE)
    if ORACLE in wanted:
        check_oracle(settings)
    return wanted


def build(settings: ContainerSettings, names: tuple[str, ...] = ()) -> Iterator[Built]:
    """Build the named images, or all of them and that of Redis where the official one cannot be pulled."""
    wanted = wanted_images(settings, names)
    base = base_image(settings)
    click.echo(f"Base: {base}")
    if not names and settings.redis_image is None and not can_pull(OFFICIAL_REDIS):
        click.echo(f"'{OFFICIAL_REDIS}' cannot be pulled: making Redis from packages of the distribution")
        wanted.append("redis")
    for name in wanted:
        yield build_image(name, base, settings)
