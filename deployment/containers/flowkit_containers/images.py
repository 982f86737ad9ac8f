"""Building FlowKit's images."""

import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass

import click

from flowkit_containers.docker import CHECKOUT, DockerError, docker, has_image
from flowkit_containers.settings import LOCAL_BASE, OFFICIAL_BASE, OFFICIAL_REDIS, ContainerSettings

DOCKERFILES = CHECKOUT / "deployment" / "images"
VERSION = "2.0.0"
# In the order in which they are built; those with data are made from the one before.
IMAGES = ("flowdb", "flowdb-testdata", "flowdb-synthetic-data", "flowmachine", "flowapi")
FROM_FLOWDB = frozenset({"flowdb-testdata", "flowdb-synthetic-data"})
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


def build_image(name: str, base: str, settings: ContainerSettings) -> Built:
    """Build one image from the checkout."""
    identity = docker("image", "inspect", "--format", "{{.Id}}", base)
    if name in FROM_FLOWDB:
        given = [f"FLOWDB_IMAGE={settings.image('flowdb')}"]
    else:
        given = [
            f"BASE_IMAGE={base}",
            f"VERSION={VERSION}",
            f"REVISION={_revision()}",
            f"BASE_DIGEST={identity}",
        ]
    bundle = settings.ca_bundle
    trusted = ["--secret", f"id=ca_bundle,src={bundle}"] if bundle and bundle.is_file() else []
    arguments = [part for value in given for part in ("--build-arg", value)]
    began = time.monotonic()
    docker(
        *("build", "--quiet", f"--network={settings.build_network}", *trusted, *arguments),
        *("--file", DOCKERFILES / f"{name}.Dockerfile", "--tag", settings.image(name), "."),
        environment={**os.environ, "DOCKER_BUILDKIT": "1"},
    )
    seconds = time.monotonic() - began
    octets = int(docker("image", "inspect", "--format", "{{.Size}}", settings.image(name)))
    return Built(name, octets / 1e6, seconds)


def build(settings: ContainerSettings, names: tuple[str, ...] = ()) -> Iterator[Built]:
    """Build the named images, or all of them and that of Redis where the official one cannot be pulled."""
    base = base_image(settings)
    click.echo(f"Base: {base}")
    wanted = list(names or IMAGES)
    if not names and settings.redis_image is None and not can_pull(OFFICIAL_REDIS):
        click.echo(f"'{OFFICIAL_REDIS}' cannot be pulled: making Redis from packages of the distribution")
        wanted.append("redis")
    for name in wanted:
        yield build_image(name, base, settings)
