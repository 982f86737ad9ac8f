"""How fast synthetic data are made, next to the least time PostgreSQL needs to write rows of that width."""

import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
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

FIRST = date(2016, 1, 1)
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
    pid
        The process of the server.
    """

    settings: ServerSettings
    environment: dict[str, str]
    pid: int | None

    def cpu_seconds(self) -> float:
        """Return the processor time of all connections that have ended."""
        with connect(self.settings, autocommit=True) as connection, connection.cursor() as cursor:
            others = 1
            while others:
                time.sleep(0.5)
                cursor.execute(
                    "SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
                    "AND backend_type IN ('client backend', 'parallel worker')"
                )
                (others,) = cursor.fetchone() or (0,)
        # They end a moment after they are no longer listed.
        time.sleep(1)
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        children = slice(13, 15)
        return sum(map(int, fields[children])) / os.sysconf("SC_CLK_TCK")

    def run(self, statement: sql.Composable | str, alone: bool = False) -> None:
        """Run a statement; `alone` says that it may not be part of a transaction."""
        with connect(self.settings, autocommit=alone) as connection, connection.cursor() as cursor:
            cursor.execute(statement)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def server(directory: Path | None) -> Iterator[Server]:
    """Make a FlowDB with the default configuration in a temporary directory, and remove it at the end."""
    with tempfile.TemporaryDirectory(prefix="flowdb-synthetic-", dir=directory) as name:
        Path(name).chmod(0o755)
        environment = {
            "FLOWDB_HOST": "127.0.0.1",
            "FLOWDB_PORT": str(_free_port()),
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
            yield Server(settings, environment, cluster.status().pid)
        finally:
            cluster.stop()


@dataclass(frozen=True)
class Run:
    """What a command took: seconds by the clock, its own of a processor, and the most megabytes it held."""

    seconds: float
    cpu_seconds: float
    megabytes: float


@dataclass(frozen=True)
class Cost:
    """What writing days took: seconds by the clock, and of processors."""

    seconds: float
    cpu_seconds: float


def least(costs: list[Cost]) -> Cost:
    """Return the least of each: what else the machine does can only add to it."""
    return Cost(min(cost.seconds for cost in costs), min(cost.cpu_seconds for cost in costs))


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
    seconds = time.perf_counter() - started
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def day_tables(days: int) -> list[str]:
    """Return the names of the tables of days."""
    return [f"calls_{FIRST + timedelta(days=number):%Y%m%d}" for number in range(days)]


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


def make_days(target: Server, *options: str) -> Cost:
    """Run the SQL generator; return what it and the server took."""
    before = target.cpu_seconds()
    run = generate(target, *options)
    return Cost(run.seconds, run.cpu_seconds + target.cpu_seconds() - before)


def write_days(target: Server, days: int, jobs: int) -> Cost:
    """Insert the kept days into empty tables, with the same indexes; return what it took."""

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

    before, started = target.cpu_seconds(), time.perf_counter()
    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(write, day_tables(days)))
    cost = Cost(time.perf_counter() - started, target.cpu_seconds() - before)
    for name in day_tables(days):
        target.run(sql.SQL("DROP TABLE {}").format(sql.Identifier("etl", name)))
    target.run("CHECKPOINT", alone=True)
    return cost


def compare(
    target: Server, events: int, days: int, subscribers: int, jobs: int, rounds: int
) -> tuple[Cost, Cost]:
    """Return what the SQL generator and the bare inserts take; they take turns, and the least counts."""
    options = (
        *("--generator", "sql", "--days", str(days), "--subscribers", str(subscribers)),
        *("--calls", str(events), "--sms", "0", "--mds", "0", "--workers", str(jobs)),
    )
    made, written = [], []
    for number in range(rounds):
        forget_days(target, days)
        made.append(make_days(target, *options))
        if number == 0:
            keep_days(target, days)
        forget_days(target, days)
        written.append(write_days(target, days, jobs))
    for name in day_tables(days):
        target.run(sql.SQL("DROP TABLE {}").format(sql.Identifier("public", name)))
    return least(made), least(written)


@click.command()
@click.option("--events", multiple=True, default=(1_000_000, 5_000_000), show_default=True, type=int)
@click.option("--python-events", default=1_000_000, show_default=True, help="0: not the Python generator.")
@click.option("--days", default=2, show_default=True, type=click.IntRange(min=1))
@click.option("--subscribers", default=100_000, show_default=True, type=click.IntRange(min=2))
@click.option("--rounds", default=2, show_default=True, type=click.IntRange(min=1))
@click.option("--jobs", default=len(os.sched_getaffinity(0)), show_default=True, type=click.IntRange(min=1))
@click.option("--directory", type=click.Path(path_type=Path, exists=True), help="Where the server may write.")
def main(
    events: tuple[int, ...],
    python_events: int,
    days: int,
    subscribers: int,
    rounds: int,
    jobs: int,
    directory: Path | None,
) -> None:
    """Time both generators on a server of their own with the default, durable configuration."""
    with server(directory) as target:
        # Regions and cells are made once and not part of what is timed.
        generate(target, "--days", "1", "--calls", "1000", "--sms", "0", "--mds", "0")
        forget_days(target, 1)
        click.echo(
            f"SQL generator, {days} days of calls, {subscribers:,} subscribers, {jobs} side by side; "
            f"the least of {rounds}, CPU: seconds of processors"
        )
        click.echo(
            f"{'events a day':>12} {'seconds':>8} {'CPU':>6} {'events/s':>9} {'rows/s':>9} | "
            f"{'bare insert':>12} {'CPU':>6} {'rows/s':>9} | {'ratio':>6} {'CPU':>5}"
        )
        for count in events:
            made, written = compare(target, count, days, subscribers, jobs, rounds)
            total = days * count
            click.echo(
                f"{count:12,} {made.seconds:8.1f} {made.cpu_seconds:6.1f} {total / made.seconds:9,.0f} "
                f"{2 * total / made.seconds:9,.0f} | {written.seconds:12.1f} {written.cpu_seconds:6.1f} "
                f"{2 * total / written.seconds:9,.0f} | {made.seconds / written.seconds:6.2f} "
                f"{made.cpu_seconds / written.cpu_seconds:5.2f}"
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
