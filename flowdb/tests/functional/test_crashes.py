"""What is killed in the middle leaves nothing half done, and the same command again finishes it."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from threading import Thread

import psutil
import psycopg2
import pytest
from command_line import ask, beside, command, contents, environment, run, succeed, unmade_flowdb

from flowdb.cluster import Cluster
from flowdb.processes import left_by_killed, server_of
from flowdb.testing import RunningFlowDB

DURABLE = {"FLOWDB_DURABLE": "true"}
SIZE = ("--days", "4", "--subscribers", "500", "--calls", "8000", "--sms", "4000", "--cells", "60")
GENERATORS = {"python": ("--generator", "python"), "sql": ("--generator", "sql", "--mds", "0")}
"""The options that choose each generator."""

# A table of a day is there with its record, and its cells are known: each by another route.
DAYS = (
    "SELECT parent.relname, right(child.relname, 8)::date, count(index.indexrelid), "
    "bool_and(index.indisvalid) FROM pg_inherits "
    "JOIN pg_class AS parent ON parent.oid = inhparent JOIN pg_class AS child ON child.oid = inhrelid "
    "LEFT JOIN pg_index AS index ON index.indrelid = child.oid "
    "WHERE parent.relnamespace = 'events'::regnamespace AND parent.relkind = 'p' GROUP BY 1, 2 ORDER BY 1, 2"
)
RECORDS = "SELECT DISTINCT cdr_type, cdr_date FROM etl.etl_records WHERE state = 'ingested' ORDER BY 1, 2"
CONNECTED = (
    "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'flowdb%' AND pid <> pg_backend_pid()"
)
SCRATCH = (
    "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'etl'::regnamespace "
    "AND relname NOT IN ('etl_records', 'post_etl_queries')"
)
LOCATIONS = "SELECT location_id, cdr_type, first_active_date, last_active_date FROM events.location_ids"
LOCATIONS_OF_EVENTS = (
    "SELECT location_id, 'calls', min(datetime::date), max(datetime::date) FROM events.calls GROUP BY 1 "
    "UNION ALL SELECT location_id, 'sms', min(datetime::date), max(datetime::date) FROM events.sms GROUP BY 1"
)


@pytest.fixture(scope="module")
def empty() -> Iterator[Path]:
    """Yield the data directory of a FlowDB that has been made and stopped, to make copies of."""
    with unmade_flowdb() as flowdb:
        succeed(flowdb, "init", **DURABLE)
        succeed(flowdb, "start", **DURABLE)
        succeed(flowdb, "load-geography", "--bundled")
        succeed(flowdb, "stop")
        yield flowdb.data_directory


@pytest.fixture
def fresh(empty: Path) -> Iterator[RunningFlowDB]:
    """Yield a running, durable FlowDB with regions and nothing else."""
    with unmade_flowdb() as flowdb:
        subprocess.run(["cp", "-a", empty, flowdb.data_directory], check=True)
        succeed(flowdb, "start", **DURABLE)
        yield flowdb


def kill_server(flowdb: RunningFlowDB) -> None:
    """Kill the server and all its processes at once, as a power cut would."""
    pid = Cluster(flowdb.settings()).status().pid
    assert pid is not None
    server = psutil.Process(pid)
    # Stopped first, it can neither restart what was killed nor notice that it was.
    server.suspend()
    for process in [*server.children(recursive=True), server]:
        process.kill()
    psutil.wait_procs([server], timeout=10)


def begin(
    flowdb: RunningFlowDB, *arguments: str, stdout: int = subprocess.DEVNULL
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command(*arguments),
        env=environment(flowdb, **DURABLE),
        stdout=stdout,
        stderr=subprocess.DEVNULL,
    )


def events(flowdb: RunningFlowDB) -> dict[str, tuple[int, int]]:
    """Return number and checksum of the rows of each table that a generator fills."""
    return {
        name: found
        for name, found in contents(flowdb, "events", "infrastructure").items()
        if found[0] and name != "events.location_ids"
    }


@pytest.fixture(scope="module", params=GENERATORS)
def undisturbed(
    request: pytest.FixtureRequest, empty: Path
) -> tuple[tuple[str, ...], dict[str, tuple[int, int]], int]:
    """Return the options of a generator, what a run gives that nothing disturbs, and the indexes of a day."""
    options = ("generate", *SIZE, *GENERATORS[request.param])
    with unmade_flowdb() as flowdb:
        subprocess.run(["cp", "-a", empty, flowdb.data_directory], check=True)
        succeed(flowdb, "start", **DURABLE)
        succeed(flowdb, *options)
        (indexes,) = {row[2] for row in ask(flowdb, DAYS)}
        return options, events(flowdb), indexes


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def check_days(flowdb: RunningFlowDB, wanted: dict[str, tuple[int, int]], indexes: int) -> int:
    """Check that each day is wholly there or not at all; return how many are."""
    days = ask(flowdb, DAYS)
    assert [row[:2] for row in days] == ask(flowdb, RECORDS)
    assert {row[2:] for row in days} <= {(indexes, True)}
    found = {name: rows for name, rows in events(flowdb).items() if re.search(r"_\d{8}$", name)}
    assert found.items() <= wanted.items()
    assert sorted(ask(flowdb, LOCATIONS)) == sorted(ask(flowdb, LOCATIONS_OF_EVENTS))
    cells = contents(flowdb, "infrastructure")["infrastructure.cells"]
    assert cells in ((0, 0), wanted["infrastructure.cells"])
    return len(days)


def check_finished(
    flowdb: RunningFlowDB, options: tuple[str, ...], wanted: dict[str, tuple[int, int]]
) -> None:
    """Check that the same command again finishes what was begun."""
    succeed(flowdb, *options)
    assert events(flowdb) == wanted
    assert ask(flowdb, SCRATCH) == []
    assert "already" in succeed(flowdb, *options)


def wait_for_days(process: subprocess.Popen[bytes], days: int) -> None:
    """Wait until a generator has told of so many days, and then a random moment."""
    told = 0
    while told < days and (line := process.stdout.readline()):
        told += line.startswith(b"2016-")
    time.sleep(Random().uniform(0, 0.3))  # noqa: S311


@pytest.mark.parametrize("days", [1, 5])
def test_the_server_is_killed_while_it_is_filled(fresh: RunningFlowDB, undisturbed: tuple, days: int) -> None:
    options, wanted, indexes = undisturbed
    with begin(fresh, *options, stdout=subprocess.PIPE) as process:
        wait_for_days(process, days)
        kill_server(fresh)
        process.communicate(timeout=60)
    assert run(fresh, "status").returncode == 1
    succeed(fresh, "start", **DURABLE)
    assert check_days(fresh, wanted, indexes) >= days
    assert ask(fresh, SCRATCH) == []
    check_finished(fresh, options, wanted)


def test_the_server_is_killed_before_the_first_day(fresh: RunningFlowDB, undisturbed: tuple) -> None:
    options, wanted, indexes = undisturbed
    with begin(fresh, *options) as process:
        wait_until(lambda: ask(fresh, CONNECTED) != [(0,)])
        time.sleep(Random().uniform(0, 0.5))  # noqa: S311
        kill_server(fresh)
        process.wait(timeout=60)
    succeed(fresh, "start", **DURABLE)
    check_days(fresh, wanted, indexes)
    check_finished(fresh, options, wanted)


@pytest.mark.parametrize("days", [3])
def test_the_generator_is_killed(fresh: RunningFlowDB, undisturbed: tuple, days: int) -> None:
    options, wanted, indexes = undisturbed
    with begin(fresh, *options, stdout=subprocess.PIPE) as process:
        wait_for_days(process, days)
        process.kill()
    check_finished(fresh, options, wanted)
    check_days(fresh, wanted, indexes)


@pytest.fixture
def many_cells(fresh: RunningFlowDB) -> tuple[Path, Path]:
    """Return a file of cells and one in which all have moved."""
    files = []
    for name, latitude in (("before", 27.0), ("after", 27.1)):
        lines = [
            f"C{number},S{number % 9000},{latitude},{84 + number % 1000 / 1000}" for number in range(20_000)
        ]
        files.append(beside(fresh, f"{name}.csv"))
        files[-1].write_text("id,site_id,latitude,longitude\n" + "\n".join(lines) + "\n")
    return files[0], files[1]


CELLS = (
    "SELECT version, count(*), count(date_of_last_service) FROM infrastructure.cells GROUP BY 1 ORDER BY 1"
)
OLD, NEW = [(0, 20_000, 0)], [(0, 20_000, 20_000), (1, 20_000, 0)]


@pytest.mark.parametrize("what", ["server", "command"])
def test_a_load_of_cells_is_killed(fresh: RunningFlowDB, many_cells: tuple[Path, Path], what: str) -> None:
    before, after = map(str, many_cells)
    began = time.monotonic()
    succeed(fresh, "load-cells", before)
    seconds = time.monotonic() - began
    assert ask(fresh, CELLS) == OLD
    for moment in (0.5, 0.75):
        with begin(fresh, "load-cells", after) as process:
            time.sleep(seconds * moment)
            kill_server(fresh) if what == "server" else process.kill()
            process.wait(timeout=60)
        if what == "server":
            succeed(fresh, "start", **DURABLE)
        assert ask(fresh, CELLS) in (OLD, NEW)
    succeed(fresh, "load-cells", after)
    assert ask(fresh, CELLS) == NEW
    assert "20000 unchanged" in succeed(fresh, "load-cells", after)


@pytest.mark.parametrize("moment", [0.15, 0.4, 0.6, 0.8])
def test_the_first_start_is_killed(moment: float) -> None:
    with unmade_flowdb() as flowdb:
        with begin(flowdb, "init") as process:
            time.sleep(4 * moment)
            process.send_signal(signal.SIGKILL)
        # At once: what the killed one had started may still be writing.
        deadline = time.monotonic() + 30
        while (again := run(flowdb, "init", **DURABLE)).returncode != 0:
            assert "already runs" in again.stderr
            assert time.monotonic() < deadline
        succeed(flowdb, "start", **DURABLE)
        assert ask(flowdb, "SELECT count(*) FROM public.d_date") == [(25569,)]
        assert ask(flowdb, "SELECT count(*) FROM pg_roles WHERE rolname IN ('flowmachine', 'flowapi')") == [
            (2,)
        ]


def test_a_server_that_is_being_prepared_is_not_taken_for_one_that_serves(fresh: RunningFlowDB) -> None:
    """As one that a killed start has left: it ends, and only then is there a server that answers."""
    succeed(fresh, "stop")
    cluster = Cluster(fresh.settings())
    with cluster._socket_only(fresh.settings()):
        assert not cluster.serves
        start = subprocess.Popen(command("start"), env=environment(fresh, **DURABLE))
        time.sleep(1.5)
        assert start.poll() is None
    assert start.wait(timeout=60) == 0
    assert ask(fresh, "SELECT 1") == [(1,)]
    assert cluster.serves


@contextmanager
def slow_recovery(flowdb: RunningFlowDB, seconds: float) -> Iterator[None]:
    """Halt the process that replays the log of a starting server for a while."""

    def halt() -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            pid = Cluster(flowdb.settings()).status().pid
            for process in psutil.Process(pid).children() if pid else ():
                with suppress(psutil.Error):
                    if any("startup" in part for part in process.cmdline()):
                        process.suspend()
                        time.sleep(seconds)
                        process.resume()
                        return
            time.sleep(0.005)

    thread = Thread(target=halt)
    thread.start()
    yield
    thread.join()


def test_a_long_recovery_is_waited_for(
    fresh: RunningFlowDB, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A start that gave up would kill the server in its recovery, which the next start would begin again."""
    ask(fresh, "CREATE TABLE public.big AS SELECT n, repeat('x', 500) FROM generate_series(1, 100000) AS n")
    kill_server(fresh)
    monkeypatch.setattr("flowdb.cluster._START_SECONDS", 2.0)
    monkeypatch.setattr("flowdb.cluster._SECONDS_BETWEEN_MESSAGES", 0.5)
    settings = fresh.settings(FLOWDB_DURABLE=True)
    with slow_recovery(fresh, 4.0):
        Cluster(settings).prepare(settings)
    assert "PostgreSQL recovers" in caplog.text
    succeed(fresh, "start", **DURABLE)
    assert ask(fresh, "SELECT count(*) FROM public.big") == [(100_000,)]


def test_what_a_killed_server_left_is_waited_for(fresh: RunningFlowDB) -> None:
    """Sessions in a long step notice late that their server is gone; until then no other can start."""
    connection = psycopg2.connect(fresh.dsn())
    session = psutil.Process(connection.info.backend_pid)
    # One that is halted stands for one that computes.
    session.suspend()
    pid = Cluster(fresh.settings()).status().pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: server_of(fresh.data_directory) is None)
    assert session.pid in left_by_killed(fresh.data_directory)
    with subprocess.Popen(command("start"), env=environment(fresh, **DURABLE)) as start:
        time.sleep(2)
        assert start.poll() is None
        session.resume()
        assert start.wait(timeout=60) == 0
    assert ask(fresh, "SELECT 1") == [(1,)]
    connection.close()


def test_a_stop_that_takes_long_is_told(fresh: RunningFlowDB) -> None:
    pid = Cluster(fresh.settings()).status().pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        slow = run(fresh, "stop", "--timeout", "0.2")
    finally:
        os.kill(pid, signal.SIGCONT)
    assert slow.returncode == 1
    assert f"FlowDB has not stopped within 0.2 s (process {pid})" in slow.stderr
    succeed(fresh, "stop")
    assert run(fresh, "status").returncode == 1
