"""A project of its own that installs this package: a wheel in a fresh environment outside the checkout."""

import shutil
import subprocess
import sys
import venv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement

COMPONENT = Path(__file__).resolve().parents[2]
SECONDS = 120


@dataclass(frozen=True)
class Project:
    """A directory with an environment that holds the wheel and what it declares to need, and nothing else.

    Attributes
    ----------
    directory
        Where programs of the project run.
    bin
        The programs of its environment.
    """

    directory: Path
    bin: Path

    def run(
        self, program: str, *arguments: str | Path, **variables: str
    ) -> "subprocess.CompletedProcess[str]":
        """Run a program of the environment; it sees no variables but these."""
        return subprocess.run(
            [self.bin / program, *arguments],
            cwd=self.directory,
            env={"PATH": "/usr/bin:/bin", "FLOWKIT_SECRETS_DIR": "/nonexistent", **variables},
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )


def build_wheel(directory: Path) -> Path:
    """Build the wheel of this package."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", directory]
    subprocess.run(command, cwd=COMPONENT, check=True, capture_output=True, timeout=SECONDS)
    (wheel,) = directory.glob("*.whl")
    return wheel


def needed(requirements: Iterable[str], extras: tuple[str, ...], found: set[str]) -> Iterator[Distribution]:
    """Yield the installed distributions that requirements ask for, with what those need themselves."""
    for requirement in map(Requirement, requirements):
        asked = any(
            requirement.marker is None or requirement.marker.evaluate({"extra": extra})
            for extra in extras or ("",)
        )
        if not asked or requirement.name in found:
            continue
        found.add(requirement.name)
        installed = distribution(requirement.name)
        yield installed
        yield from needed(installed.requires or (), tuple(requirement.extras), found)


def make_project(directory: Path, *extras: str) -> Project:
    """Make a project that has installed the wheel with some extras.

    What the wheel needs is copied from the environment of these tests, where it is already, so that this
    works without a network. Only declared requirements are copied: one that was forgotten is missing.
    """
    wheel = build_wheel(directory / "wheel")
    environment = directory / "environment"
    venv.create(environment, with_pip=True, symlinks=True)
    project = Project(directory / "project", environment / "bin")
    project.directory.mkdir()
    finished = project.run(
        "python",
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-index",
        "--no-deps",
        "--no-warn-script-location",
        wheel,
    )
    assert finished.returncode == 0, finished.stderr
    (target,) = environment.glob("lib/python*/site-packages")
    (metadata,) = target.glob("flowkit_jwt_generator-*.dist-info")
    for installed in needed(
        Distribution.at(metadata).requires or (), ("", *extras), {"flowkit-jwt-generator"}
    ):
        for file in installed.files or ():
            if ".." not in file.parts and file.suffix != ".pyc":
                copy = target / file
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(installed.locate_file(file), copy)
    return project
