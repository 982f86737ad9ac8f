"""Figures that were measured, next to what they should be."""

import json
import math
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click


def percentile(values: Sequence[float], share: float) -> float:
    """Return the least value that a share (0 to 1) of the values does not exceed."""
    if not values:
        raise ValueError("There is no percentile of nothing: no value was measured.")
    return sorted(values)[max(math.ceil(share * len(values)), 1) - 1]


@dataclass(frozen=True)
class Figure:
    """Something measured several times.

    Attributes
    ----------
    name
        What was measured.
    unit
        What the values are in.
    values
        Every value that was measured.
    target
        What the figure should stay below; None if nothing was promised.
    share
        Which percentile is the figure.
    """

    name: str
    unit: str
    values: tuple[float, ...]
    target: float | None = None
    share: float = 0.5

    @property
    def value(self) -> float:
        """The figure."""
        return percentile(self.values, self.share)

    @property
    def met(self) -> bool | None:
        """Whether the figure is below its target; None without one."""
        return None if self.target is None else self.value < self.target

    def as_json(self) -> dict[str, Any]:
        """Return the figure as data."""
        return {
            "name": self.name,
            "unit": self.unit,
            "value": self.value,
            "percentile": round(100 * self.share),
            "target": self.target,
            "met": self.met,
            "values": list(self.values),
        }


_MET = {True: "yes", False: "NO", None: ""}


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == round(value) else f"{value:.2f}"


def table(figures: Iterable[Figure]) -> str:
    """Lay out figures for people, one a line."""
    head = (
        f"{'figure':<58} {'':>4} {'value':>9} {'target':>8} {'met':>4} {'least':>9} {'most':>9} {'number':>7}"
    )
    lines = [
        f"{figure.name + ', ' + figure.unit:<58} p{100 * figure.share:<3.0f} {_number(figure.value):>9} "
        f"{'' if figure.target is None else '< ' + _number(figure.target):>8} {_MET[figure.met]:>4} "
        f"{_number(min(figure.values)):>9} {_number(max(figure.values)):>9} {len(figure.values):7,}"
        for figure in figures
    ]
    return "\n".join([head, *lines])


def load() -> str:
    """Return the load averages of the machine."""
    return "{:.1f}, {:.1f}, {:.1f}".format(*os.getloadavg())


def report(figures: Sequence[Figure], load_at_start: str, file: Path | None = None) -> None:
    """Print figures and how busy the machine was; write both as JSON, if there is a file for it."""
    load_at_end = load()
    click.echo(table(figures))
    click.echo(f"Processors: {os.cpu_count()}; load at the start {load_at_start}, at the end {load_at_end}.")
    if file:
        document = {
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
            "processors": os.cpu_count(),
            "load": {"start": load_at_start, "end": load_at_end},
            "figures": [figure.as_json() for figure in figures],
        }
        file.write_text(json.dumps(document, indent=1) + "\n")
