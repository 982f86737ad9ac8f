"""``make lock``: renew the hashed locks of components, without the addresses of registries."""

import subprocess
import tomllib
from pathlib import Path

import click

from flowkit_tools.components import UnknownComponentError, chosen_components

COMPILE = [
    *("uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11"),
    *("--generate-hashes", "--no-emit-index-url", "--no-header"),
]


def local_packages(directory: Path) -> list[str]:
    """Return the names of local packages, which a lock must leave out, those they need included."""
    found: dict[str, None] = {}
    project = tomllib.loads((directory / "pyproject.toml").read_text())
    for name, source in project.get("tool", {}).get("uv", {}).get("sources", {}).items():
        if "path" in source:
            found[name] = None
            found.update(dict.fromkeys(local_packages((directory / source["path"]).resolve())))
    return list(found)


def environments_only(directory: Path) -> list[Path]:
    """Return the directories inside a component that hold nothing but an environment its tests use."""
    project = tomllib.loads((directory / "pyproject.toml").read_text())
    names = project.get("tool", {}).get("flowkit", {}).get("uses-environments-of", [])
    used = [(directory / name).resolve() for name in names]
    return [path for path in used if path.is_relative_to(directory.resolve())]


def lock(directory: Path, *, upgrade: bool) -> None:
    """Write ``requirements.lock`` (what images install) and ``requirements-test.lock``."""
    left_out = [part for name in local_packages(directory) for part in ("--no-emit-package", name)]
    common = [*COMPILE, *left_out, *(["--upgrade"] if upgrade else []), "pyproject.toml"]
    subprocess.run([*common, "-o", "requirements.lock"], cwd=directory, check=True)
    subprocess.run([*common, "--extra", "test", "-o", "requirements-test.lock"], cwd=directory, check=True)


@click.command()
@click.option("--upgrade", is_flag=True, help="Take the newest versions, not only what changed.")
@click.argument("names", nargs=-1)
def main(upgrade: bool, names: tuple[str, ...]) -> None:
    """Renew the locks of the components NAMES, or of all."""
    try:
        components = chosen_components(names)
    except UnknownComponentError as error:
        raise click.ClickException(str(error)) from error
    for component in components:
        click.echo(f"Locking {component.name}")
        lock(component.directory, upgrade=upgrade)
        for directory in environments_only(component.directory):
            click.echo(f"Locking {component.name}: {directory.name}")
            lock(directory, upgrade=upgrade)
