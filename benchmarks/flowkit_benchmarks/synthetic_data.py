"""How fast synthetic data are made, next to the least time PostgreSQL needs to write rows of that width."""

import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import click
from psycopg2 import sql

from flowdb.cluster import Cluster
from flowdb.database import connect
from flowdb.settings import ServerSettings

_FIRST = date(2016, 1, 1)
_INDEXED = ("msisdn", "location_id", "datetime")


@dataclass(frozen=True)
class Server:
    """A FlowDB of its own.

    Attributes
    ----------
    settings
        How to reach it.
    environment
        The variables that tell a command the same.
    """

    settings: ServerSettings
    environment: dict[str, str]

    def run(self, statement: sql.Composable | str, alone: bool = False) -> None:
        """Run a statement; `alone` says that it may not be part of a transaction."""
        with connect(self.settings, autocommit=alone) as connection, connection.cursor() as cursor:
            cursor.execute(statement)


@contextmanager
def server(directory: Path | None, port: int) -> Iterator[Server]:
    """Make a FlowDB with the default configuration in a temporary directory, and remove it at the end."""
    with tempfile.TemporaryDirectory(prefix="flowdb-bench-", dir=directory) as name:
        Path(name).chmod(0o755)
        environment = {
            "FLOWDB_HOST": "127.0.0.1",
            "FLOWDB_PORT": str(port),
            "FLOWDB_POSTGRES_PASSWORD": secrets.token_urlsafe(),
            "FLOWMACHINE_FLOWDB_PASSWORD": secrets.token_urlsafe(),
            "FLOWAPI_FLOWDB_PASSWORD": secrets.token_urlsafe(),
            "PGDATA": f"{name}/data",
        }
        settings = ServerSettings.model_validate(environment)
        cluster = Cluster(settings)
        try:
            cluster.prepare(settings)
            cluster.start(settings)
            yield Server(settings, environment)
        finally:
            cluster.stop()


@dataclass(frozen=True)
class Run:
    """What a command took: wall-clock seconds, and the most memory it held, in megabytes."""

    seconds: float
    megabytes: float


def generate(target: Server, *options: str) -> Run:
    """Run ``flowdb generate`` as a process of its own."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "flowdb", "generate", *options],
        env=target.environment | {"PATH": os.environ["PATH"]},
        stdout=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise click.ClickException("flowdb generate failed: see above.")
    return Run(time.perf_counter() - started, usage.ru_maxrss / 1024)


def day_tables(days: int) -> list[str]:
    """Return the names of the tables of days."""
    return [f"calls_{_FIRST + timedelta(days=number):%Y%m%d}" for number in range(days)]


def forget_days(target: Server, days: int) -> None:
    """Drop days and their records, and let the server come to rest."""
    for name in day_tables(days):
        target.run(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier("events", name)))
    target.run("TRUNCATE etl.etl_records, events.location_ids")
    target.run("CHECKPOINT", alone=True)


def keep_days(target: Server, days: int) -> None:
    """Copy days into plain tables."""
    for name in day_tables(days):
        source = sql.Identifier("public", name)
        target.run(sql.SQL("CREATE TABLE {} AS TABLE {}").format(source, sql.Identifier("events", name)))
        # Nothing is left to be done to the source when it is first read.
        target.run(sql.SQL("VACUUM (FREEZE, ANALYZE) {}").format(source), alone=True)


def write_days(target: Server, days: int, jobs: int) -> float:
    """Insert the kept days into empty tables, with the same indexes; return the seconds it took."""

    def write(name: str) -> None:
        table = sql.Identifier("etl", name)
        with connect(target.settings) as connection, connection.cursor() as cursor:
            cursor.execute(sql.SQL("CREATE TABLE {} (LIKE events.calls INCLUDING DEFAULTS)").format(table))
            cursor.execute(
                sql.SQL("INSERT INTO {} SELECT * FROM {}").format(table, sql.Identifier("public", name))
            )
            for column in _INDEXED:
                cursor.execute(sql.SQL("CREATE INDEX ON {} ({})").format(table, sql.Identifier(column)))
            cursor.execute(sql.SQL("ANALYZE {}").format(table))

    started = time.perf_counter()
    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(write, day_tables(days)))
    seconds = time.perf_counter() - started
    for name in day_tables(days):
        target.run(sql.SQL("DROP TABLE {}").format(sql.Identifier("etl", name)))
    target.run("CHECKPOINT", alone=True)
    return seconds


def compare(
    target: Server, events: int, days: int, subscribers: int, jobs: int, rounds: int
) -> tuple[list[float], list[float]]:
    """Return the seconds of the SQL generator and those of the bare inserts, one each a round."""
    options = (
        *("--generator", "sql", "--days", str(days), "--subscribers", str(subscribers)),
        *("--calls", str(events), "--sms", "0", "--mds", "0", "--workers", str(jobs)),
    )
    made: list[float] = []
    written: list[float] = []

    def make() -> None:
        forget_days(target, days)
        made.append(generate(target, *options).seconds)

    def write() -> None:
        forget_days(target, days)
        written.append(write_days(target, days, jobs))

    for number in range(rounds):
        # What ran first has an idle disk: they take turns.
        steps: list[Callable[[], None]] = [make, write] if number % 2 == 0 else [write, make]
        if number == 0:
            make()
            keep_days(target, days)
            steps = [write]
        for step in steps:
            step()
    forget_days(target, days)
    for name in day_tables(days):
        target.run(sql.SQL("DROP TABLE {}").format(sql.Identifier("public", name)))
    return made, written


@click.command()
@click.option("--events", multiple=True, default=(1_000_000, 5_000_000), show_default=True, type=int)
@click.option("--python-events", default=1_000_000, show_default=True, help="0: not the Python generator.")
@click.option("--days", default=2, show_default=True, type=click.IntRange(min=1))
@click.option("--subscribers", default=100_000, show_default=True, type=click.IntRange(min=2))
@click.option("--rounds", default=2, show_default=True, type=click.IntRange(min=1))
@click.option("--jobs", default=len(os.sched_getaffinity(0)), show_default=True, type=click.IntRange(min=1))
@click.option("--directory", type=click.Path(path_type=Path, exists=True), help="Where the server may write.")
@click.option("--port", default=5439, show_default=True)
def main(
    events: tuple[int, ...],
    python_events: int,
    days: int,
    subscribers: int,
    rounds: int,
    jobs: int,
    directory: Path | None,
    port: int,
) -> None:
    """Time both generators on a server of their own with the default, durable configuration."""
    with server(directory, port) as target:
        # Regions and cells are made once and not part of what is timed.
        generate(target, "--days", "1", "--calls", "1000", "--sms", "0", "--mds", "0")
        forget_days(target, 1)
        click.echo(
            f"SQL generator, {days} days of calls, {subscribers:,} subscribers, {jobs} side by side; "
            f"median of {rounds}"
        )
        click.echo(
            f"{'events a day':>12} {'seconds':>8} {'events/s':>9} {'rows/s':>9} "
            f"{'bare insert':>12} {'rows/s':>9} {'ratio':>6}"
        )
        for count in events:
            made, written = compare(target, count, days, subscribers, jobs, rounds)
            seconds, floor = statistics.median(made), statistics.median(written)
            click.echo(
                f"{count:12,} {seconds:8.1f} {days * count / seconds:9,.0f} "
                f"{2 * days * count / seconds:9,.0f} "
                f"{floor:12.1f} {2 * days * count / floor:9,.0f} {seconds / floor:6.2f}"
            )
        if python_events:
            run = generate(
                target,
                *("--generator", "python", "--days", "1", "--calls", str(python_events)),
                *("--subscribers", str(subscribers), "--workers", "1"),
            )
            click.echo(
                f"Python generator, {python_events:,} events in a day: {python_events / run.seconds:,.0f} "
                f"events/s, at most {run.megabytes:.0f} MB"
            )


if __name__ == "__main__":
    main()
