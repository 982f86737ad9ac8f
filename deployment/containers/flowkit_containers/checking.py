"""Checks with names, run in order, and the table of how they ended."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import click


class CheckFailedError(Exception):
    """What a check expected did not hold; the text says what was found."""


def expect(condition: bool, found: object) -> None:
    """Fail the check that runs unless a condition holds."""
    if not condition:
        raise CheckFailedError(str(found))


@dataclass(frozen=True)
class Outcome:
    """How a check ended."""

    name: str
    passed: bool
    seconds: float
    detail: str

    def __str__(self) -> str:
        """Return one row of the table."""
        return (
            f"{'passed' if self.passed else 'FAILED':<7} {self.seconds:6.1f} s  {self.name:<62} {self.detail}"
        )


@dataclass
class Checks:
    """The checks of a run."""

    outcomes: list[Outcome] = field(default_factory=list)

    def run(self, name: str, check: Callable[[], str | None]) -> bool:
        """Run a check, tell how it ended and return whether it passed.

        Whatever goes wrong is an outcome: what comes after, tidying up above all, must still run.
        """
        began = time.monotonic()
        try:
            outcome = (True, check() or "")
        except Exception as error:  # noqa: BLE001
            outcome = (False, f"{type(error).__name__}: {error}"[:600])
        self.outcomes.append(Outcome(name, outcome[0], time.monotonic() - began, outcome[1]))
        click.secho(str(self.outcomes[-1]), fg=None if outcome[0] else "red")
        return outcome[0]

    @property
    def passed(self) -> bool:
        """Whether all of them passed, and there were some."""
        return bool(self.outcomes) and all(outcome.passed for outcome in self.outcomes)

    def table(self) -> str:
        """Return all outcomes, and how many passed."""
        good = sum(outcome.passed for outcome in self.outcomes)
        return "\n".join([*map(str, self.outcomes), f"{good} of {len(self.outcomes)} checks passed"])


def eventually(condition: Callable[[], bool], what: str, seconds: float = 120.0) -> float:
    """Wait until a condition holds; return for how long it did not."""
    began = time.monotonic()
    while True:
        if condition():
            return time.monotonic() - began
        if time.monotonic() - began > seconds:
            raise CheckFailedError(f"not within {seconds:.0f} s: {what}")
        time.sleep(0.5)
