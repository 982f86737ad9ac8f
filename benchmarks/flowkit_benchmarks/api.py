"""How fast FlowAPI is: polls next to a bare route, downloads next to psql, memory while many download."""

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click
import psycopg2.sql

from flowdb.database import connect
from flowkit_benchmarks.api_services import Listening, bare_route, flowapi
from flowkit_benchmarks.engine import FLOWMACHINE
from flowkit_benchmarks.engine_services import Services, Spec, connected, services
from flowkit_benchmarks.figures import Figure, load, report
from flowkit_benchmarks.synthetic_data import generate

FLOWAPI = Path(__file__).parents[2] / "flowapi" / ".venv" / "bin" / "flowapi"
KIND = "location_event_counts"
SPEC: Spec = {
    "query_kind": KIND,
    "start_date": "2016-01-01",
    "end_date": "2016-01-02",
    "aggregation_unit": "admin3",
    "interval": "hour",
    "direction": "both",
    "event_types": ["calls", "sms"],
}
SCOPES = ("run", "get_result", f"admin3:{KIND}:{KIND}")
PSQL = shutil.which("psql") or "psql"
FORMATS = ("json", "csv", "arrow", "parquet")
DOWNLOADS = 10
CONNECTIONS = 4


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def stored_result(running: Services, rows: int) -> tuple[str, str]:
    """Run a query and repeat the rows of its result; return its id and the statement that reads it."""
    with connected(running.addresses[0]) as client:
        query_id = client.complete(SPEC)
        statement = str(client.ask("get_sql_for_query_result", query_id=query_id)["sql"])
    with connect(running.flowdb.settings) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM cache.cached WHERE query_id = %s", (query_id,))
        (name,) = cursor.fetchone() or ("",)
        result = psycopg2.sql.Identifier("cache", name)
        repeat = psycopg2.sql.SQL(
            "INSERT INTO {result} SELECT r.* FROM {result} AS r CROSS JOIN generate_series(1, %s) LIMIT %s"
        ).format(result=result)
        cursor.execute(psycopg2.sql.SQL("SELECT count(*) FROM {}").format(result))
        (have,) = cursor.fetchone() or (0,)
        if not have:
            raise click.ClickException("The query has no rows to repeat; ask for more events.")
        cursor.execute(repeat, (rows // have + 1, rows - have))
    return query_id, statement


def copy_with_psql(running: Services, statement: str) -> None:
    """Copy the rows of a result as CSV, as FlowAPI's role."""
    environment = running.flowdb.environment
    known = {
        "PGHOST": environment["FLOWDB_HOST"],
        "PGPORT": environment["FLOWDB_PORT"],
        "PGUSER": "flowapi",
        "PGPASSWORD": environment["FLOWAPI_FLOWDB_PASSWORD"],
        "PGDATABASE": "flowdb",
    }
    command = "\\copy (" + " ".join(statement.split()) + ") TO STDOUT WITH (FORMAT csv, HEADER)"
    subprocess.run(
        [PSQL, "--no-psqlrc", "--quiet", "--command", command],
        env=known | {"PATH": os.environ["PATH"]},
        stdout=subprocess.DEVNULL,
        check=True,
    )


def polls(api: Listening, bare: Listening, query_id: str, rounds: int, seconds: float) -> list[Figure]:
    """Compare polls of a completed query with requests of a bare route, in turns."""
    ratios, rates = list[float](), {"poll": list[float](), "bare": list[float]()}
    asked = {"poll": (api, f"/api/0/poll/{query_id}"), "bare": (bare, "/")}
    for _ in range(rounds):
        for name, (server, path) in asked.items():
            with ThreadPoolExecutor(CONNECTIONS) as pool:
                answers = pool.map(server.ask, [path] * CONNECTIONS, [seconds] * CONNECTIONS)
                rates[name].append(sum(map(len, answers)) / seconds)
        ratios.append(rates["bare"][-1] / rates["poll"][-1])
    return [
        Figure("a poll", "a second", tuple(rates["poll"])),
        Figure("a request of a bare Quart route", "a second", tuple(rates["bare"])),
        Figure("bare requests in the time of a poll", "ratio", tuple(ratios), 2),
    ]


def downloads(
    api: Listening, running: Services, query_id: str, statement: str, rounds: int, rows: int
) -> list[Figure]:
    """Compare whole downloads in each format with psql, in turns."""
    taken: dict[str, list[float]] = {name: [] for name in ("psql", *FORMATS)}
    for _ in range(rounds):
        taken["psql"].append(_seconds(lambda: copy_with_psql(running, statement)))
        for name in FORMATS:
            path = f"/api/0/get/{query_id}.{name}"
            taken[name].append(_seconds(lambda path=path: api.download(path)))  # type: ignore[misc]
    speeds = [
        Figure(f"{rows:,} rows by {name}", "rows a second", tuple(rows / s for s in seconds))
        for name, seconds in taken.items()
    ]
    csv = tuple(ours / theirs for ours, theirs in zip(taken["csv"], taken["psql"], strict=True))
    arrow = tuple(ours / theirs for ours, theirs in zip(taken["arrow"], taken["csv"], strict=True))
    return [
        *speeds,
        Figure("CSV, times psql's \\copy", "ratio", csv, 2),
        Figure("Arrow, times CSV", "ratio", arrow, 1),
    ]


def under_load(api: Listening, query_id: str) -> list[Figure]:
    """Measure memory and polls while many download."""
    before, most, over = api.resident_megabytes(), list[float](), threading.Event()

    def watch() -> None:
        while not over.is_set():
            most.append(api.resident_megabytes())
            time.sleep(0.1)

    polled = list[float]()

    def poll() -> None:
        while not over.is_set():
            polled.extend(api.ask(f"/api/0/poll/{query_id}", 0.5))

    helpers = [threading.Thread(target=watch), threading.Thread(target=poll)]
    for helper in helpers:
        helper.start()
    with ThreadPoolExecutor(DOWNLOADS) as pool:
        names = [FORMATS[number % len(FORMATS)] for number in range(DOWNLOADS)]
        list(pool.map(api.download, [f"/api/0/get/{query_id}.{name}" for name in names]))
    over.set()
    for helper in helpers:
        helper.join()
    return [
        Figure("FlowAPI's memory before", "MB", (before,)),
        Figure(f"its most while {DOWNLOADS} download", "MB", tuple(most), 300, share=1),
        Figure("a poll meanwhile", "ms", tuple(1000 * s for s in polled), share=0.99),
    ]


@click.command()
@click.option("--rounds", default=3, show_default=True, type=click.IntRange(min=1, max=9))
@click.option("--rows", default=1_000_000, show_default=True, type=click.IntRange(min=1000))
@click.option("--seconds", default=3.0, show_default=True, help="How long to poll, each time.")
@click.option("--flowapi", "executable", default=FLOWAPI, type=click.Path(path_type=Path, exists=True))
@click.option("--flowmachine", default=FLOWMACHINE, type=click.Path(path_type=Path, exists=True))
@click.option("--directory", type=click.Path(path_type=Path, exists=True), help="Where FlowDB may write.")
@click.option("--json", "file", type=click.Path(path_type=Path), help="Write the figures as JSON.")
def main(
    rounds: int,
    rows: int,
    seconds: float,
    executable: Path,
    flowmachine: Path,
    directory: Path | None,
    file: Path | None,
) -> None:
    """Measure a FlowAPI with services of its own."""
    at_start = load()
    with services(flowmachine, directory, 1) as running:
        generate(
            running.flowdb,
            *("--generator", "sql", "--days", "1", "--subscribers", "2000"),
            *("--calls", "20000", "--sms", "20000", "--mds", "0", "--cells", "500"),
        )
        query_id, statement = stored_result(running, rows)
        with flowapi(executable, running, *SCOPES) as api, bare_route(executable) as bare:
            figures = [
                *polls(api, bare, query_id, rounds, seconds),
                *downloads(api, running, query_id, statement, rounds, rows),
                *under_load(api, query_id),
            ]
    report(figures, at_start, file)


if __name__ == "__main__":
    main()
