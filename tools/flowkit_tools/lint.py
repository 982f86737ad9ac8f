"""``make lint``: every check of style, types and rules, each runnable alone."""

import subprocess
import sys
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from flowkit_tools import repository_rules
from flowkit_tools.components import CHECKOUT, Component, all_components, chosen_components

BIN = Path(sys.executable).parent


def _run(command: Sequence[str | Path], directory: Path = CHECKOUT) -> bool:
    return subprocess.run(command, cwd=directory, check=False).returncode == 0


def _project(component: Component) -> dict[str, dict[str, object]]:
    return tomllib.loads((component.directory / "pyproject.toml").read_text())


def check_style() -> bool:
    """Ruff: style, documentation, likely bugs, security."""
    return _run([BIN / "ruff", "check", "--quiet", "."])


def check_format() -> bool:
    """Ruff: layout of the code."""
    return _run([BIN / "ruff", "format", "--quiet", "--diff", "."])


def check_types() -> bool:
    """Mypy on each component, against the packages of its own environment."""
    passed = True
    for component in all_components():
        if "mypy" not in _project(component).get("tool", {}):
            continue
        own = component.python.parent / "mypy"
        mypy = own if own.exists() else BIN / "mypy"
        command: list[str | Path] = [mypy, "--no-error-summary", "--python-executable", component.python]
        if "files" not in _project(component)["tool"]["mypy"]:  # type: ignore[operator]
            packages = [d for d in component.directory.iterdir() if (d / "__init__.py").is_file()]
            command += [package for package in packages if package.name != "tests"]
        if not _run(command, component.directory):
            click.echo(f"mypy: {component.name}", err=True)
            passed = False
    return passed


def check_layers() -> bool:
    """Import-linter: layers look down only."""
    passed = True
    for component in all_components():
        if "importlinter" in _project(component).get("tool", {}):
            passed &= _run([component.python.parent / "lint-imports", "--no-cache"], component.directory)
    return passed


def check_shell() -> bool:
    """Shellcheck on every shell script."""
    scripts = [
        file
        for file in repository_rules.tracked_files(CHECKOUT)
        if file.suffix in {".sh", ".bash"} or _is_shell(file)
    ]
    return not scripts or _run([BIN / "shellcheck", "--external-sources", *scripts])


def _is_shell(file: Path) -> bool:
    if file.suffix:
        return False
    with file.open("rb") as opened:
        first = opened.readline(80)
    return first.startswith((b"#!/bin/sh", b"#!/bin/bash", b"#!/usr/bin/env bash", b"# shellcheck shell="))


def check_containers() -> bool:
    """Hadolint on Dockerfiles; every combination of compose and stack files, where Docker is installed."""
    (component,) = chosen_components(("containers",))
    return _run([component.python.parent / "flowkit-containers", "check"])


def check_rules() -> bool:
    """Rules of the repository: no SQL from strings, no unpickling, no registry addresses."""
    problems = repository_rules.problems(CHECKOUT)
    for problem in problems:
        click.echo(problem, err=True)
    return not problems


CHECKS: dict[str, Callable[[], bool]] = {
    "style": check_style,
    "format": check_format,
    "types": check_types,
    "layers": check_layers,
    "shell": check_shell,
    "containers": check_containers,
    "rules": check_rules,
}


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(list(CHECKS)))
def main(names: tuple[str, ...]) -> None:
    """Run the checks NAMES, or all of them."""
    failed = []
    for name in names or CHECKS:
        passed = CHECKS[name]()
        click.secho(f"{name:<8} {'passed' if passed else 'FAILED'}", fg="green" if passed else "red")
        if not passed:
            failed.append(name)
    if failed:
        raise click.ClickException(f"Checks failed: {', '.join(failed)}")
