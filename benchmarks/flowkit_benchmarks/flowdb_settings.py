"""The command ``flowkit-bench-flowdb-settings``: what each server setting buys on CDR work."""

import contextlib
import json
import secrets
import signal
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import click
import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812

from flowdb.cluster import Cluster
from flowdb.commands.errors import reporting_errors
from flowdb.commands.generate import fill
from flowdb.database import connect
from flowdb.machine import Machine
from flowdb.settings import ServerSettings
from flowdb.synthetic.parameters import Parameters
from flowdb.testing import free_port, server_directory
from flowkit_benchmarks.settings_statements import KINDS, PREPARATION, Statement
from flowkit_benchmarks.settings_trials import TRIALS, Clock, Trial

FIRST_DAY = date(2016, 1, 1)
# Enough for the largest number of workers that is tried.
WORKERS = 2
MIB = 1024**2

Seconds = dict[str, list[list[float]]]
"""Of each statement, for each value, the runs."""


def _processor_seconds(connection: Connection) -> float:
    """Return how long the server process of a session has been running on a processor."""
    status = Path("/proc") / str(connection.info.backend_pid) / "schedstat"
    return int(status.read_text().split()[0]) / 1e9


def seconds_of(connection: Connection, statement: Statement, clock: Clock) -> float:
    """Run a statement and return how long one run took, by the clock on the wall or the processor's."""
    read = time.perf_counter if clock == "wall" else partial(_processor_seconds, connection)
    with connection.cursor() as cursor:
        began = read()
        for _ in range(statement.times):
            for each in statement.statements:
                cursor.execute(each)
        return (read() - began) / statement.times


class Bench:
    """A FlowDB that is changed and timed.

    Parameters
    ----------
    settings
        How the server starts, and how to reach it.
    days
        The days it has events of.
    """

    def __init__(self, settings: ServerSettings, days: list[date]) -> None:
        self.settings, self.cluster, self.days = settings, Cluster(settings), days

    def open(self) -> contextlib.AbstractContextManager[Connection]:
        """Open a session in which every statement is a transaction."""
        return connect(self.settings, autocommit=True)

    def _restart(self) -> None:
        self.cluster.stop()
        self.cluster.start(self.settings)

    @contextlib.contextmanager
    def with_values(self, trial: Trial, values: dict[str, str]) -> Iterator[Connection]:
        """Yield a session for which the parameters have the values."""
        if trial.clock == "processor":
            # Only the process of the session is watched.
            values = {"max_parallel_workers_per_gather": "0", **values}
        if trial.how == "session":
            with self.open() as connection, connection.cursor() as cursor:
                for name, value in values.items():
                    cursor.execute("SELECT set_config(%s, %s, false)", (name, value))
                yield connection
            return
        with self.open() as connection, connection.cursor() as cursor:
            cursor.execute("ALTER SYSTEM RESET ALL")
            for name, value in values.items():
                cursor.execute(
                    sql.SQL("ALTER SYSTEM SET {} TO {}").format(sql.Identifier(name), sql.Literal(value))
                )
            cursor.execute("SELECT pg_reload_conf()")
        if trial.how == "restart":
            self._restart()
        try:
            with self.open() as connection:
                yield connection
        finally:
            with self.open() as connection, connection.cursor() as cursor:
                cursor.execute("ALTER SYSTEM RESET ALL")
                cursor.execute("SELECT pg_reload_conf()")

    def run(self, trial: Trial, alternations: int) -> Seconds:
        """Return the seconds of each statement, for each value of the trial, of each alternation."""
        statements = KINDS[trial.work](self.days)
        seconds: Seconds = {each.name: [[] for _ in trial.values] for each in statements}
        if trial.how == "session" and trial.work != "statistics":
            # One session a value: turns can be taken with each statement, when the machine is as busy.
            with contextlib.ExitStack() as stack:
                sessions = [stack.enter_context(self.with_values(trial, values)) for values in trial.values]
                for statement in statements:
                    for _ in range(alternations):
                        for number, session in enumerate(sessions):
                            seconds[statement.name][number].append(
                                seconds_of(session, statement, trial.clock)
                            )
            return seconds
        for _ in range(alternations):
            for number, values in enumerate(trial.values):
                with self.with_values(trial, values) as session:
                    if trial.how == "restart":
                        # Otherwise the first statement pays for pages that the others find.
                        seconds_of(session, statements[0], trial.clock)
                    for statement in statements:
                        seconds[statement.name][number].append(seconds_of(session, statement, trial.clock))
        if trial.how == "restart":
            self._restart()
        return seconds


def ratios(seconds: Seconds) -> dict[str, list[float]]:
    """Return how many times as fast each value is as the first, per statement: best run against best run."""
    return {name: [min(runs[0]) / min(each) for each in runs] for name, runs in seconds.items()}


def report(trial: Trial, seconds: Seconds) -> None:
    """Print the table of a trial."""
    heads = [", ".join(f"{name}={value}" for name, value in each.items()) for each in trial.values]
    labels = [each.get(trial.name, head) for each, head in zip(trial.values, heads, strict=True)]
    click.echo(f"\n{trial.name} ({trial.work}, seconds of the {trial.clock})")
    click.echo(f"{'':<30} {labels[0] + ', s':>14}" + "".join(f" {label:>12}" for label in labels[1:]))
    found = ratios(seconds)
    for name, runs in seconds.items():
        others = "".join(f" {ratio:11.2f}x" for ratio in found[name][1:])
        click.echo(f"{name:<30} {min(runs[0]):14.4f}{others}")
    means = [
        statistics.geometric_mean(each[number] for each in found.values()) for number in range(len(labels))
    ]
    click.echo(f"{'geometric mean':<30} {'':>14}" + "".join(f" {mean:11.2f}x" for mean in means[1:]))


def expand(trial: Trial, memory: int) -> Trial:
    """Replace shares of memory by sizes."""
    quarter = f"{memory // 4 // MIB}MB"
    values = tuple(
        {name: value.replace("25%", quarter) for name, value in each.items()} for each in trial.values
    )
    return replace(trial, values=values)


def settings_in(directory: Path) -> ServerSettings:
    """Return the settings of a FlowDB of its own: durable, and otherwise as FlowDB chooses."""
    passwords = {
        name: secrets.token_urlsafe()
        for name in ("POSTGRES_PASSWORD", "FLOWMACHINE_FLOWDB_PASSWORD", "FLOWAPI_FLOWDB_PASSWORD")
    }
    return ServerSettings.model_validate(
        {
            **passwords,
            "PGDATA": str(directory),
            "FLOWDB_HOST": "127.0.0.1",
            "FLOWDB_PORT": free_port(),
            "FLOWDB_LISTEN_ADDRESSES": "127.0.0.1",
            "MAX_CPUS": 2 * WORKERS,
            "MAX_WORKERS": WORKERS,
            "MAX_WORKERS_PER_GATHER": 1,
        }
    )


def prepare(settings: ServerSettings, parameters: Parameters) -> Bench:
    """Make and fill the FlowDB, unless it is there, and serve it."""
    bench = Bench(settings, parameters.dates)
    if bench.cluster.exists:
        # What a trial that was ended in the middle has set.
        (settings.data_directory / "postgresql.auto.conf").write_text("")
    bench.cluster.prepare(settings)
    bench.cluster.start(settings)
    fill(settings, parameters)
    with bench.open() as connection, connection.cursor() as cursor:
        for statement in PREPARATION:
            cursor.execute(statement)
    return bench


@click.command()
@click.option("--subscribers", default=100_000, show_default=True, type=click.IntRange(min=2))
@click.option("--events", default=500_000, show_default=True, help="Calls a day, and as many messages.")
@click.option("--days", default=7, show_default=True, type=click.IntRange(min=2))
@click.option("--alternations", default=3, show_default=True, type=click.IntRange(min=1))
@click.option("--only", multiple=True, type=click.Choice([trial.name for trial in TRIALS]))
@click.option(
    "--directory",
    type=click.Path(path_type=Path),
    help="Keep the data here, for the next run; made if needed.",
)
@click.option("--out", type=click.Path(path_type=Path), help="Write the figures as JSON.")
@reporting_errors
def main(
    subscribers: int,
    events: int,
    days: int,
    alternations: int,
    only: tuple[str, ...],
    directory: Path | None,
    out: Path | None,
) -> None:
    """Time CDR work on a private FlowDB with one setting changed at a time, in turns.

    A figure is how many times as fast a value is as the first one, best run against best run: above 1 it
    is faster. The machine may be busy with other things; turns, best runs and, where one process does all
    the work, counting only the seconds it runs on a processor make that matter less.
    """
    # As after an interrupt, the server must not stay.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    parameters = Parameters(start=FIRST_DAY, days=days, subscribers=subscribers, calls=events, sms=events)
    figures: dict[str, Any] = {}
    with contextlib.ExitStack() as stack:
        place = (directory or stack.enter_context(server_directory("flowdb-bench-"))) / "data"
        settings = settings_in(place)
        stack.callback(Cluster(settings).stop)
        bench = prepare(settings, parameters)
        for trial in TRIALS:
            if only and trial.name not in only:
                continue
            trial = expand(trial, Machine.here(place).memory)
            try:
                seconds = bench.run(trial, alternations)
            except psycopg2.errors.InvalidParameterValue as error:
                click.echo(f"\n{trial.name}: this server refuses a value: {str(error).strip()}")
                continue
            report(trial, seconds)
            figures[trial.name] = {"values": trial.values, "seconds": seconds}
    if out:
        out.write_text(json.dumps(figures, indent=1) + "\n")
