"""The command ``flowkit-bench``."""

import json
import statistics
import time
import warnings
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

import flowclient
from flowdb.database import connect
from flowdb.results import forget_results
from flowdb.settings import ConnectionSettings
from flowkit_benchmarks.specs import timed_specs
from flowkit_jwt_generator.settings import load_settings

# The client's own second between polls would hide what is measured.
POLL_SECONDS = 0.01


def forget() -> None:
    """Drop every stored result."""
    with connect(load_settings(ConnectionSettings)) as connection:
        forget_results(connection)


def seconds_to_answer(connection: flowclient.Connection, spec: dict[str, Any]) -> float:
    """Run a query and wait until its result can be fetched; return how long that took."""
    query = connection.make_api_query(parameters=spec)
    started = time.perf_counter()
    query.run()
    query.wait_until_ready(poll_interval=POLL_SECONDS, disable_progress=True)
    return time.perf_counter() - started


@click.command()
@click.option("--url", envvar="FLOWAPI_URL", default="http://127.0.0.1:9090", show_default=True)
@click.option("--token", envvar="FLOWAPI_TOKEN", required=True, help="Better given as FLOWAPI_TOKEN.")
@click.option("--first-day", type=click.DateTime(["%Y-%m-%d"]), help="The first day with data, if not given.")
@click.option("--runs", default=3, show_default=True, type=click.IntRange(min=1))
@click.option("--only", multiple=True, help="Time this one; can be given several times.")
@click.option("--out", type=click.Path(path_type=Path), help="Write the figures as JSON.")
def main(
    url: str, token: str, first_day: datetime | None, runs: int, only: tuple[str, ...], out: Path | None
) -> None:
    """Time queries through FlowAPI: cold, then with their result stored."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Communications with this server are NOT SECURE")
        connection = flowclient.connect(url=url, token=token)
    first = first_day.date() if first_day else _first_day(connection)
    figures: dict[str, dict[str, Any]] = {}
    click.echo(f"{'query':<24} {'cold':>8} {'again':>8} {'rows':>7}   median of {runs}, seconds")
    for name, spec in timed_specs(first).items():
        if only and name not in only:
            continue
        cold, again = [], []
        for _ in range(runs):
            forget()
            cold.append(seconds_to_answer(connection, spec))
            again.append(seconds_to_answer(connection, spec))
        rows = len(flowclient.get_result(connection=connection, query_spec=spec))
        figures[name] = {"cold": cold, "again": again, "rows": rows}
        click.echo(f"{name:<24} {statistics.median(cold):8.2f} {statistics.median(again):8.3f} {rows:7,}")
    if out:
        out.write_text(json.dumps(figures, indent=1) + "\n")


def _first_day(connection: flowclient.Connection) -> date:
    dates = flowclient.get_available_dates(connection=connection)
    days = [day for of_type in dates.values() for day in of_type]
    if not days:
        raise click.ClickException("The server has no data to ask about.")
    return date.fromisoformat(min(days)[:10])
