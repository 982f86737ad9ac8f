"""A migration that is killed has happened or has not, and running it again finishes it."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import psutil
import psycopg2
import pytest
from catalogue import catalogue
from conftest import cursor_of
from databases import contents, fill, maintaining, replace_database, revisions

from flowdb.cluster import Cluster
from flowdb.schema import migrate
from flowdb.testing import RunningFlowDB, free_port, running_flowdb, server_directory


def state(flowdb: RunningFlowDB) -> dict[str, Any]:
    """Return what the database consists of and holds, but for what is said of the database as a whole."""
    with cursor_of(flowdb.dsn()) as cursor:
        found: dict[str, Any] = catalogue(cursor)
        # A part of its own, and so is what the environment says: they come after the schema.
        del found["database"]
        rows = contents(cursor)
    return found | {
        name: rows[name] for name in rows.keys() - {"public.flowdb_version", "public.location_table"}
    }


@pytest.fixture(scope="module")
def states() -> Iterator[tuple[RunningFlowDB, dict[str, Any], dict[str, Any], float]]:
    """Yield a server, the state of a filled database before and after its migration, and its seconds."""
    with running_flowdb() as flowdb:
        replace_database(flowdb)
        migrate(flowdb.settings(), revision=revisions()[0])
        fill(flowdb)
        with maintaining(flowdb) as cursor:
            cursor.execute("CREATE DATABASE old TEMPLATE flowdb")
        replace_database(flowdb, copy_of="old")
        old = state(flowdb)
        started = time.monotonic()
        assert start_migration(flowdb).wait(timeout=60) == 0
        seconds = time.monotonic() - started
        yield flowdb, old, state(flowdb), seconds


def start_migration(flowdb: RunningFlowDB) -> subprocess.Popen[bytes]:
    environment = flowdb.environment() | {"PATH": os.environ["PATH"]}
    return subprocess.Popen(
        [sys.executable, "-m", "flowdb", "migrate"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def wait_for_server(flowdb: RunningFlowDB) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            psycopg2.connect(flowdb.dsn()).close()
            return
        except psycopg2.OperationalError:
            assert time.monotonic() < deadline
            time.sleep(0.1)


def check_and_finish(flowdb: RunningFlowDB, old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Check that the state is one of the two, and that migrating again finishes; say if it was old."""
    found = state(flowdb)
    revision = found["revision"][0][0]
    assert revision in (revisions()[0], revisions()[-1])
    wanted = old if revision == revisions()[0] else new
    for part in wanted:
        assert found[part] == wanted[part], part
    assert found.keys() == wanted.keys()
    migrate(flowdb.settings())
    finished = state(flowdb)
    for part in new:
        assert finished[part] == new[part], part
    return wanted is old


def wait_until_alone(flowdb: RunningFlowDB) -> None:
    """Wait for the server to notice that the program is gone: what it asked for last may be on its way."""
    deadline = time.monotonic() + 30
    others = "SELECT FROM pg_stat_activity WHERE application_name = 'flowdb'"
    with cursor_of(flowdb.dsn()) as cursor:
        cursor.execute(others)
        while cursor.rowcount:
            assert time.monotonic() < deadline
            time.sleep(0.02)
            # Within one transaction the view would stay the same.
            cursor.connection.rollback()
            cursor.execute(others)


@pytest.mark.parametrize("part", [0.6, 0.7, 0.75, 0.8, 0.85, 0.9])
def test_killed_at_any_moment(states, part: float) -> None:
    flowdb, old, new, seconds = states
    replace_database(flowdb, copy_of="old")
    with start_migration(flowdb) as process:
        time.sleep(seconds * part)
        process.kill()
    wait_until_alone(flowdb)
    check_and_finish(flowdb, old, new)


HOLD = """
    CREATE FUNCTION public.hold() RETURNS trigger LANGUAGE plpgsql
    AS 'BEGIN PERFORM pg_advisory_xact_lock(77); RETURN NEW; END';
    CREATE TRIGGER hold BEFORE UPDATE ON public.alembic_version
    FOR EACH ROW WHEN (NEW.version_num = %s) EXECUTE FUNCTION public.hold();
"""
WAITING = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = 77 AND NOT granted"


@pytest.mark.parametrize("victim", ["program", "server process"])
@pytest.mark.parametrize("revision", revisions()[1:])
def test_killed_when_a_revision_is_done_and_not_recorded(states, revision: str, victim: str) -> None:
    flowdb, old, new, _ = states
    replace_database(flowdb, copy_of="old")
    holder = psycopg2.connect(flowdb.dsn())
    holder.autocommit = True
    cursor = holder.cursor()
    # The server of tests would lose its last moments in a crash.
    cursor.execute("SET synchronous_commit = on")
    cursor.execute(HOLD, (revision,))
    cursor.execute("SELECT pg_advisory_lock(77)")
    with start_migration(flowdb) as process:
        cursor.execute(WAITING)
        while not (waiting := cursor.fetchall()):
            assert process.poll() is None
            time.sleep(0.02)
            cursor.execute(WAITING)
        if victim == "program":
            process.kill()
            process.wait()
            holder.close()
            wait_until_alone(flowdb)
        else:
            # The server ends all sessions and recovers from its log.
            os.kill(waiting[0][0], signal.SIGKILL)
            assert process.wait(timeout=60) == 1
            holder.close()
            wait_for_server(flowdb)
    with cursor_of(flowdb.dsn()) as cursor:
        cursor.execute("DROP FUNCTION public.hold() CASCADE")
    assert check_and_finish(flowdb, old, new), "nothing of it may have been kept"


def test_two_at_the_same_time_take_turns(states) -> None:
    flowdb, _, new, _ = states
    replace_database(flowdb, copy_of="old")
    programs = [start_migration(flowdb) for _ in range(3)]
    assert [program.wait(timeout=120) for program in programs] == [0, 0, 0]
    assert state(flowdb) == new


@pytest.fixture
def unmade() -> Iterator[RunningFlowDB]:
    """Yield a FlowDB that is not made yet."""
    with server_directory("flowdb-killed-") as directory:
        flowdb = RunningFlowDB(host="127.0.0.1", port=free_port(), data_directory=directory / "data")
        yield flowdb
        Cluster(flowdb.settings()).stop()


def command_lines() -> Iterator[str]:
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            yield " ".join(process.cmdline())


def run_init(flowdb: RunningFlowDB) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "flowdb", "init"],
        env=flowdb.environment() | {"PATH": os.environ["PATH"], "FLOWDB_DURABLE": "false"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@pytest.mark.parametrize("seconds", [1, 2, 3])
def test_a_first_start_that_is_killed_is_finished_by_the_next(
    flowdb_cluster: RunningFlowDB, unmade: RunningFlowDB, seconds: float
) -> None:
    cluster = Cluster(unmade.settings())
    with run_init(unmade) as process:
        time.sleep(seconds)
        process.kill()
    deadline = time.monotonic() + 30
    # Its programs end with it: initdb, or the server that listens on the socket only.
    while any(str(unmade.data_directory) in line for line in command_lines()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert run_init(unmade).wait(timeout=60) == 0
    cluster.start(unmade.settings())
    with cursor_of(unmade.dsn()) as cursor, cursor_of(flowdb_cluster.dsn()) as other:
        made, wanted = catalogue(cursor), catalogue(other)
    for part in ("schemas", "functions", "default privileges", "database", "extensions", "foreign servers"):
        assert made[part] == wanted[part], part
