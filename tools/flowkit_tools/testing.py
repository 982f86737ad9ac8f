"""``make test``: the tests of every component, each in its own environment."""

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import click

from flowkit_tools.components import CHECKOUT, Component, UnknownComponentError, chosen_components

NOTHING_COLLECTED = 5


@dataclass(frozen=True)
class Outcome:
    """How the tests of one component ended."""

    component: Component
    code: int
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether every test passed and there was at least one."""
        return self.code == 0

    def __str__(self) -> str:
        """Return one line for the closing table."""
        word = {0: "passed", NOTHING_COLLECTED: "NO TESTS"}.get(self.code, f"FAILED (exit code {self.code})")
        return f"{self.component.name:<24} {word:<24} {self.seconds:6.1f} s"


def run_tests(component: Component, arguments: tuple[str, ...]) -> Outcome:
    """Prepare the environment of a component, then run its tests there."""
    started = time.monotonic()
    preparation: list[str | Path] = [CHECKOUT / "tools" / "prepare", "--for-tests", component.name]
    code = subprocess.run(preparation, check=False).returncode
    if code == 0:
        command: list[str | Path] = [component.python, "-m", "pytest", *arguments]
        code = subprocess.run(command, cwd=component.directory, check=False).returncode
    return Outcome(component, code, time.monotonic() - started)


@click.command(context_settings={"ignore_unknown_options": True})
@click.option("-c", "--component", "names", multiple=True, help="A component; all of them if none is named.")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def main(names: tuple[str, ...], arguments: tuple[str, ...]) -> None:
    """Run the tests of the components; ARGUMENTS are handed to pytest."""
    try:
        components = chosen_components(names)
    except UnknownComponentError as error:
        raise click.ClickException(str(error)) from error
    outcomes = []
    for component in components:
        click.secho(f"\n=== {component.name} ===", bold=True)
        sys.stdout.flush()
        outcomes.append(run_tests(component, arguments))
    click.secho("\n=== summary ===", bold=True)
    for outcome in outcomes:
        click.secho(str(outcome), fg="green" if outcome.passed else "red")
    failed = [outcome.component.name for outcome in outcomes if not outcome.passed]
    if failed:
        raise click.ClickException(f"Tests failed in: {', '.join(failed)}")
    click.echo("All tests passed.")
