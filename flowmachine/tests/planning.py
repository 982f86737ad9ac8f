"""How long it takes to plan the example spec of each kind: ``python -m tests.planning``.

Timed is what a server does with a spec before FlowDB has anything to do: parse it, make the redacted query,
plan it and write the statements of all steps. What FlowDB is asked once for each plan is made up: a week of
events, nothing stored, and the tables that the specs name with whatever columns they need.
"""

import argparse
import datetime as dt
import gc
import statistics
import sys
import time
import warnings
from collections.abc import Collection, Mapping

from flowmachine.api.registry import parse
from flowmachine.core.declaration import walk
from flowmachine.core.facts import EventTable, Facts
from flowmachine.core.plan import make_plan
from flowmachine.core.query import forget_columns
from tests.specs import SPECS, Spec

TARGET = 20
"""Milliseconds that a median should stay below."""

THRESHOLD = 15

_TABLES = ("calls", "sms", "mds", "topups")


class AnyColumns(frozenset[str]):
    """Columns of a table that has every column."""

    def issuperset(self, other: Collection[str]) -> bool:  # type: ignore[override]
        """Say yes."""
        return True


def made_up(spec: Spec) -> Facts:
    """Return the facts of a FlowDB that can answer a spec."""
    week = frozenset(dt.date(2016, 1, day) for day in range(1, 8))
    nodes = walk(parse(spec).expose(THRESHOLD))
    return Facts(
        event_tables={name: EventTable(has_counterparts=name in ("calls", "sms")) for name in _TABLES},
        available_dates=dict.fromkeys(_TABLES, week),
        tables={table: AnyColumns() for node in nodes for table in node.tables},
        median_windows=True,
    )


def milliseconds(spec: Spec, facts: Facts) -> tuple[float, int]:
    """Plan a spec; return how long it took and how many statements were written."""
    forget_columns()  # what earlier specs have left behind
    started = time.perf_counter()
    plan = make_plan(parse(spec).expose(THRESHOLD), facts)
    for step in plan.steps:
        step.statement()
    return 1000 * (time.perf_counter() - started), len(plan.steps)


def table(figures: Mapping[str, tuple[list[float], int]]) -> str:
    """Lay out the times of each spec, slowest last, and name those whose median misses the target."""
    ordered = sorted(figures.items(), key=lambda item: statistics.median(item[1][0]))
    lines = [
        f"{name:<52} {statistics.median(times):9.1f} {min(times):9.1f} {max(times):9.1f} {steps:10}"
        for name, (times, steps) in ordered
    ]
    slow = [name for name, (times, _) in ordered if statistics.median(times) >= TARGET]
    head = f"{'spec':<52} {'median':>9} {'least':>9} {'worst':>9} {'statements':>10}   milliseconds"
    end = f"{len(slow)} of {len(figures)} have a median of {TARGET} ms or more: {', '.join(slow) or 'none'}."
    return "\n".join([head, *lines, end])


def main() -> None:
    """Plan the specs and print the table."""
    options = argparse.ArgumentParser(prog="python -m tests.planning", description=__doc__)
    options.add_argument("--rounds", type=int, default=20)
    options.add_argument("--only", action="append", choices=sorted(SPECS), help="can be repeated")
    chosen = options.parse_args()
    warnings.simplefilter("ignore")  # what a spec is warned about
    gc.freeze()  # as the server does, so that no round is one in which everything is looked through
    gc.set_threshold(700, 10, 1000)
    figures = {}
    for name in chosen.only or SPECS:
        facts = made_up(SPECS[name])
        rounds = [milliseconds(SPECS[name], facts) for _ in range(chosen.rounds)]
        figures[name] = [taken for taken, _ in rounds], rounds[0][1]
    sys.stdout.write(f"{table(figures)}\n")


if __name__ == "__main__":
    main()
