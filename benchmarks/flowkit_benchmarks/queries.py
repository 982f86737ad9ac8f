"""How long queries take on a FlowMachine server, next to SQL that is written by hand for the same rows."""

import json
import math
import os
import statistics
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from flowdb.database import connect
from flowkit_benchmarks import by_hand
from flowkit_benchmarks.compared_rows import difference
from flowkit_benchmarks.engine import FLOWMACHINE
from flowkit_benchmarks.engine_services import Client, Services, Spec, connected, services
from flowkit_benchmarks.figures import load
from flowkit_benchmarks.query_specs import TEMPLATES
from flowkit_benchmarks.specs import days_from, expand
from flowkit_benchmarks.synthetic_data import FIRST, generate

POLL_SECONDS = 0.005


@dataclass(frozen=True)
class Comparison:
    """The seconds of each round, ours and by hand, of a query with so many rows."""

    name: str
    ours: tuple[float, ...]
    hand: tuple[float, ...]
    rows: int

    @property
    def ratio(self) -> float:
        """Our least time in parts of the least by hand: what else the machine does can only add to either."""
        return min(self.ours) / min(self.hand)

    def as_json(self) -> dict[str, Any]:
        """Return the comparison as data."""
        return {
            "name": self.name,
            "rows": self.rows,
            "ours": list(self.ours),
            "by_hand": list(self.hand),
            "ratio": self.ratio,
        }


def means(comparisons: list[Comparison]) -> tuple[float, float]:
    """Return the mean and the geometric mean of the ratios."""
    ratios = [comparison.ratio for comparison in comparisons]
    return statistics.fmean(ratios), math.exp(statistics.fmean(map(math.log, ratios)))


def table(comparisons: list[Comparison]) -> str:
    """Lay out comparisons for people, one a line, and the means of their ratios."""
    head = f"{'query':<30} {'rows':>7} {'ours, s':>9} {'by hand, s':>11} {'ratio':>6}"
    lines = [
        f"{one.name:<30} {one.rows:7,} {min(one.ours):9.3f} {min(one.hand):11.3f} {one.ratio:6.2f}"
        for one in comparisons
    ]
    mean, geometric = means(comparisons)
    return "\n".join([head, *lines, f"{'mean':<59} {mean:6.2f}", f"{'geometric mean':<59} {geometric:6.2f}"])


def _ours(running: Services, client: Client, spec: Spec) -> tuple[float, by_hand.Rows]:
    """Run a query with nothing stored; return how long it took until it was completed, and its rows."""
    running.forget_results()
    started = time.perf_counter()
    query_id = client.complete(spec, pause=POLL_SECONDS)
    seconds = time.perf_counter() - started
    text = client.ask("get_sql_for_query_result", query_id=query_id)["sql"]
    with connect(running.flowdb.settings) as connection, connection.cursor() as cursor:
        cursor.execute("SET LOCAL TimeZone = 'UTC'")
        cursor.execute(text)
        return seconds, cursor.fetchall()


def compare(running: Services, name: str, rounds: int) -> Comparison:
    """Time a query and its statement by hand in turns.

    Raises
    ------
    click.ClickException
        If their rows differ.
    """
    days, text = days_from(FIRST), by_hand.statement(name)
    spec = expand(TEMPLATES[name], days)
    ours, hand = [], []
    with connected(running.addresses[0]) as client:
        for _ in range(rounds):
            seconds, rows = _ours(running, client, spec)
            ours.append(seconds)
            seconds, others = by_hand.run(running.flowdb.settings, text, days)
            hand.append(seconds)
            if found := difference(rows, others):
                raise click.ClickException(f"{name}: the rows of FlowMachine and by hand differ: {found}.")
    return Comparison(name, tuple(ours), tuple(hand), len(rows))


@click.command()
@click.option("--calls", default=500_000, show_default=True, type=click.IntRange(min=1), help="A day.")
@click.option("--sms", default=500_000, show_default=True, type=click.IntRange(min=1), help="A day.")
@click.option("--subscribers", default=100_000, show_default=True, type=click.IntRange(min=2))
@click.option(
    "--days", default=7, show_default=True, type=click.IntRange(min=7), help="The first 7 are read."
)
@click.option("--rounds", default=3, show_default=True, type=click.IntRange(min=1))
@click.option("--only", multiple=True, type=click.Choice(list(TEMPLATES)), help="Time this; can be repeated.")
@click.option("--flowmachine", default=FLOWMACHINE, type=click.Path(path_type=Path, exists=True))
@click.option("--directory", type=click.Path(path_type=Path, exists=True), help="Where FlowDB may write.")
@click.option("--json", "file", type=click.Path(path_type=Path), help="Write the figures as JSON.")
def main(
    calls: int,
    sms: int,
    subscribers: int,
    days: int,
    rounds: int,
    only: tuple[str, ...],
    flowmachine: Path,
    directory: Path | None,
    file: Path | None,
) -> None:
    """Time cold queries of a FlowMachine server of its own, and SQL by hand, on a synthetic country."""
    loads = [load()]
    with services(flowmachine, directory, servers=1) as running:
        generate(
            running.flowdb,
            *("--generator", "sql", "--days", str(days), "--subscribers", str(subscribers)),
            *("--calls", str(calls), "--sms", str(sms), "--mds", "0"),
        )
        comparisons = []
        for name in only or TEMPLATES:
            comparisons.append(compare(running, name, rounds))
            click.echo(f"{name}: {comparisons[-1].ratio:.2f}", err=True)
    loads.append(load())
    click.echo(table(comparisons))
    busy = f"load at the start {loads[0]}, at the end {loads[1]}"
    click.echo(f"The least of {rounds}. Processors: {os.cpu_count()}; {busy}.")
    if file:
        document = {
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
            "processors": os.cpu_count(),
            "load": {"start": loads[0], "end": loads[1]},
            "size": {"calls": calls, "sms": sms, "subscribers": subscribers, "days": days},
            "means": dict(zip(("arithmetic", "geometric"), means(comparisons), strict=True)),
            "comparisons": [comparison.as_json() for comparison in comparisons],
        }
        file.write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
