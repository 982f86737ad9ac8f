"""What was accepted is owed: it ends, and its end is told, although Redis forgets and servers die."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from flowdb.testing import RunningFlowDB, RunningRedis
from flowmachine.core import ledger, logs
from flowmachine.core.connect import make_engine
from flowmachine.core.execute import Engine
from flowmachine.core.ledger import ACCEPTED, OWED, Entry
from flowmachine.core.settings import ConnectionSettings
from flowmachine.core.state import QueryState
from flowmachine.server.actions import Actions
from flowmachine.server.cache_cleanup import prune
from flowmachine.server.queries import Queries
from flowmachine.server.transport import Server
from tests.country import insert_events, random_events
from tests.functional.test_operation import Process, ask
from tests.specs import SPECS
from tests.stored import tables

SPEC = SPECS["spatial_aggregate"]
ID = "0123456789abcdef" * 2


@pytest.fixture(autouse=True, scope="module")
def events(superuser: sa.Engine) -> Iterator[None]:
    with superuser.begin() as connection:
        insert_events(connection, random_events(seed=8, number=2000, subscribers=200))
    yield
    with superuser.begin() as connection:
        for kind in ("calls", "sms"):
            connection.execute(sa.delete(sa.table(kind, schema="events")))


@contextmanager
def serving(engine: Engine) -> Iterator[Server]:
    """Answer as a server of its own that has asked nobody anything yet."""
    with ThreadPoolExecutor(5) as executor:
        queries = Queries(engine.states.client, engine.connection.conn_id, threshold=15, ledger=engine.ledger)
        yield Server(Actions(engine, queries, executor))


@pytest.fixture
def here(engine: Engine) -> Iterator[Server]:
    engine.states._lease = 1
    with serving(engine) as server:
        yield server


@pytest.fixture
def other(settings: ConnectionSettings, engine: Engine) -> Iterator[Engine]:
    other = make_engine(settings.model_copy(update={"lease": 1}))
    yield other
    other.close()


@pytest.fixture
def elsewhere(other: Engine) -> Iterator[Server]:
    with serving(other) as server:
        yield server


@pytest.fixture
def doomed(flowdb_cluster: RunningFlowDB, redis_server: RunningRedis, engine: Engine) -> Iterator[Process]:
    """Start a server that is a process of its own."""
    server = Process(
        {
            **flowdb_cluster.environment(),
            **redis_server.environment(),
            "FLOWMACHINE_BIND_HOST": "127.0.0.1",
            "FLOWMACHINE_LEASE": "1",
        }
    )
    yield server
    server.process.kill()
    server.process.wait()


@pytest.fixture
def held_up(superuser: sa.Engine) -> Iterator[sa.Connection]:
    """Nobody can read the regions, so statements run until this is closed."""
    with superuser.connect() as connection:
        connection.exec_driver_sql("LOCK TABLE geography.admin3 IN ACCESS EXCLUSIVE MODE")
        yield connection


@contextmanager
def hidden(superuser: sa.Engine) -> Iterator[None]:
    """Let queries fail: the regions are not where they were."""
    with superuser.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE geography.admin3 RENAME TO hidden")
    try:
        yield
    finally:
        with superuser.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE geography.hidden RENAME TO admin3")


async def run(server: Server, spec: dict[str, Any] = SPEC) -> str:
    reply = await ask(server, "run_query", **spec)
    assert reply["status"] == "success", reply
    return reply["payload"]["query_id"]


async def end_of(server: Server, query_id: str) -> dict[str, Any]:
    """Poll until the query has ended; nobody may be told meanwhile that it is merely known."""
    async with asyncio.timeout(30):
        while True:
            payload = (await ask(server, "poll_query", query_id=query_id))["payload"]
            if payload["query_state"] not in ("queued", "executing"):
                return payload
            await asyncio.sleep(0.01)


def rows(superuser: sa.Engine) -> dict[str, str]:
    with superuser.connect() as connection:
        found = connection.execute(sa.select(ACCEPTED.c.query_id, ACCEPTED.c.state))
        return {row.query_id: row.state for row in found}


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


# Ends that Redis forgets


async def test_an_error_is_told_with_its_cause_after_redis_has_lost_it(
    engine: Engine, here: Server, elsewhere: Server, superuser: sa.Engine
) -> None:
    with hidden(superuser):
        query_id = await run(here)
        told = await end_of(here, query_id)
        wait_for(lambda: rows(superuser) == {query_id: "errored"})
    engine.states.client.flushall()
    for server in (here, elsewhere):
        again = await end_of(server, query_id)
        assert (again["query_state"], again["error"]) == ("errored", told["error"])
        assert "admin3" in again["error"]
    assert await run(elsewhere) == query_id
    assert (await end_of(here, query_id))["query_state"] == "completed"
    assert rows(superuser) == {query_id: "completed"}


async def test_a_cancellation_is_told_after_redis_has_lost_it(
    engine: Engine, here: Server, elsewhere: Server, superuser: sa.Engine, held_up: sa.Connection
) -> None:
    query_id = await run(here)
    await ask(elsewhere, "cancel_query", query_id=query_id)
    assert rows(superuser) == {query_id: "cancelled"}  # at once: it has been confirmed
    engine.states.client.flushall()
    for server in (here, elsewhere):
        assert (await end_of(server, query_id))["query_state"] == "cancelled"
    held_up.rollback()
    assert await run(elsewhere) == query_id
    assert (await end_of(elsewhere, query_id))["query_state"] == "completed"


async def test_resetting_forgets_an_error_in_flowdb_too(
    engine: Engine, here: Server, superuser: sa.Engine
) -> None:
    with hidden(superuser):
        query_id = await run(here)
        await end_of(here, query_id)
        wait_for(lambda: rows(superuser) == {query_id: "errored"})
    known = Queries(engine.states.client, engine.connection.conn_id, threshold=15).parse(SPEC)
    known.query.invalidate_db_cache()
    engine.states.client.flushall()
    assert (await end_of(here, query_id))["query_state"] == "known"


async def test_a_result_that_was_dropped_is_known_after_redis_has_lost_it(
    engine: Engine, here: Server, elsewhere: Server, superuser: sa.Engine
) -> None:
    query_id = await run(here)
    await end_of(here, query_id)
    with superuser.begin() as connection:
        sa.Table(f"x{query_id}", sa.MetaData(), schema="cache").drop(connection)
    engine.states.client.flushall()
    assert (await end_of(elsewhere, query_id))["query_state"] == "known"


async def test_a_query_without_a_table_is_completed_after_redis_has_lost_it(
    engine: Engine, here: Server, elsewhere: Server
) -> None:
    query_id = await run(
        here, {"query_kind": "dummy_query", "dummy_param": "a", "aggregation_unit": "admin3"}
    )
    engine.states.client.flushall()
    assert (await end_of(elsewhere, query_id))["query_state"] == "completed"


# Servers that die


async def test_an_accepted_query_is_finished_by_another_server_after_a_kill_and_a_flush(
    doomed: Process, engine: Engine, here: Server, superuser: sa.Engine, held_up: sa.Connection
) -> None:
    await doomed.ready()
    query_id = (await doomed.ask("run_query", **SPEC))["payload"]["query_id"]
    assert rows(superuser) == {query_id: OWED}
    doomed.process.kill()
    doomed.process.wait()
    engine.states.client.flushall()
    held_up.rollback()
    assert (await end_of(here, query_id))["query_state"] == "completed"
    assert query_id in tables(superuser)
    params = await ask(here, "get_query_params", query_id=query_id)
    assert params["payload"]["query_params"] == SPEC


async def test_a_query_whose_server_lives_is_left_to_it(
    engine: Engine, other: Engine, here: Server, elsewhere: Server, held_up: sa.Connection
) -> None:
    query_id = await run(here)
    engine.states.client.flushall()
    for _ in range(30):  # longer than a lease
        payload = (await ask(elsewhere, "poll_query", query_id=query_id))["payload"]
        assert payload["query_state"] in ("queued", "executing")
        await asyncio.sleep(0.1)
    assert not other.scheduler.has(query_id)
    held_up.rollback()
    assert (await end_of(elsewhere, query_id))["query_state"] == "completed"


def test_what_is_presumed_is_its_owners_or_after_a_lease_anybodys(engine: Engine, other: Engine) -> None:
    engine.states.queue([ID])
    engine.states.client.flushall()
    other.states.presume(ID)
    other.states.queue([ID])
    assert not other.states.owns(ID)
    engine.states.finish(ID)  # it need not have claimed it
    assert other.states.read([ID])[0].state is QueryState.COMPLETED
    engine.states.client.flushall()
    other.states.presume(ID)
    assert other.states.read([ID])[0].state is QueryState.QUEUED
    wait_for(lambda: other.states.read([ID])[0].orphaned)
    other.states.queue([ID])
    assert other.states.owns(ID)


async def test_what_redis_has_lost_can_be_cancelled(
    engine: Engine, here: Server, elsewhere: Server, superuser: sa.Engine, held_up: sa.Connection
) -> None:
    query_id = await run(here)
    engine.states.client.flushall()
    reply = await ask(elsewhere, "cancel_query", query_id=query_id)
    assert reply["payload"] == {"query_id": query_id, "query_state": "cancelled"}
    wait_for(lambda: not engine.scheduler.has(query_id))
    held_up.rollback()
    assert rows(superuser) == {query_id: "cancelled"}
    assert query_id not in tables(superuser)


async def test_what_cannot_be_planned_any_more_ends_in_an_error(
    engine: Engine, here: Server, superuser: sa.Engine
) -> None:
    queries = Queries(engine.states.client, engine.connection.conn_id, threshold=15)
    daily = {**SPEC["locations"], "date": "2017-05-01"}
    known = queries.parse({**SPEC, "locations": daily})
    query_id = known.query.query_id
    engine.ledger.accept(query_id, known.request)
    payload = await end_of(here, query_id)
    assert payload["query_state"] == "errored"
    assert "2017-05-01" in payload["error"]
    assert rows(superuser) == {query_id: "errored"}


@pytest.mark.parametrize("query_id", ["x", ID, "\0"])
async def test_an_id_that_nobody_accepted_stays_unknown(here: Server, query_id: str) -> None:
    reply = await ask(here, "poll_query", query_id=query_id)
    assert reply["payload"]["query_state"] == "awol"


# The rows


async def test_what_is_stored_is_written_down_once(
    engine: Engine, here: Server, elsewhere: Server, superuser: sa.Engine
) -> None:
    query_id = await run(here)
    await end_of(here, query_id)
    with superuser.begin() as connection:
        connection.execute(sa.delete(ACCEPTED))  # as if it had been stored before there were such rows
    await run(elsewhere)
    assert rows(superuser) == {query_id: "completed"}
    sent: list[str] = []
    sa.event.listen(engine.connection.lookups, "before_cursor_execute", lambda *given: sent.append(given[2]))
    await run(here)
    assert sent != []
    assert [text for text in sent if "cache.accepted" in text] == []


def test_an_end_of_an_earlier_acceptance_leaves_a_later_one(engine: Engine) -> None:
    first = engine.ledger.accept(ID, "{}")
    second = engine.ledger.accept(ID, "{}")
    engine.ledger.end(ID, QueryState.ERRORED, "late", accepted=first).result(timeout=10)
    assert engine.ledger.read(ID) == Entry(OWED)
    engine.ledger.end(ID, QueryState.ERRORED, "x" * 5000, accepted=second).result(timeout=10)
    assert engine.ledger.read(ID) == Entry("errored", "x" * ledger.LONGEST_CAUSE)
    engine.ledger.end(ID, QueryState.CANCELLED).result(timeout=10)  # it has ended already
    assert engine.ledger.read(ID) == Entry("errored", "x" * ledger.LONGEST_CAUSE)


def test_an_end_is_written_when_flowdb_can_be_told(engine: Engine, superuser: sa.Engine) -> None:
    engine.ledger.accept(ID, "{}")
    waiting = (
        "FROM pg_stat_activity WHERE usename = 'flowmachine' AND wait_event_type = 'Lock'"
        " AND query LIKE 'UPDATE cache.accepted%%'"
    )
    with superuser.connect() as connection:
        connection.exec_driver_sql("LOCK TABLE cache.accepted IN ACCESS EXCLUSIVE MODE")
        told = engine.ledger.end(ID, QueryState.CANCELLED)
        with superuser.connect().execution_options(isolation_level="AUTOCOMMIT") as watching:
            wait_for(lambda: watching.exec_driver_sql(f"SELECT count(*) {waiting}").scalar_one())
            watching.exec_driver_sql(f"SELECT pg_terminate_backend(pid) {waiting}")
        assert not told.done()
    told.result(timeout=10)
    assert engine.ledger.read(ID) == Entry("cancelled")


async def test_rows_that_are_old_or_too_many_go_with_pruning(
    engine: Engine, here: Server, superuser: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = await run(here)
    await end_of(here, stored)
    monkeypatch.setattr(ledger, "KEPT", 2)
    now = sa.func.now()
    made = [
        *[(f"{number:032x}", "errored", timedelta(hours=number)) for number in range(4)],
        ("a" * 32, OWED, timedelta(days=29)),
        ("b" * 32, OWED, timedelta(days=31)),
        ("c" * 32, "cancelled", timedelta(days=31)),
    ]
    with superuser.begin() as connection:
        connection.execute(sa.update(ACCEPTED).values(accepted=now - timedelta(days=99)))
        for query_id, state, age in made:
            connection.execute(
                sa.insert(ACCEPTED).values(query_id=query_id, request="{}", state=state, accepted=now - age)
            )
    before = rows(superuser)
    prune(engine.connection, dry_run=True)
    assert rows(superuser) == before
    prune(engine.connection)
    assert set(rows(superuser)) == {stored, f"{0:032x}", f"{1:032x}", "a" * 32}


async def test_a_flowdb_without_the_table_serves_as_before_and_a_warning_says_what_that_means(
    engine: Engine,
    here: Server,
    elsewhere: Server,
    superuser: sa.Engine,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with superuser.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE cache.cached DISABLE TRIGGER complete_accepted")
        connection.exec_driver_sql("ALTER TABLE cache.accepted RENAME TO away")
    try:
        with caplog.at_level(logging.WARNING, logger=logs.DEBUG_LOG):
            engine.reconcile()
            with hidden(superuser):
                query_id = await run(here)
                assert (await end_of(here, query_id))["query_state"] == "errored"
            assert (await ask(elsewhere, "cancel_query", query_id=query_id))["status"] == "error"
            assert await run(here) == query_id
            assert (await end_of(elsewhere, query_id))["query_state"] == "completed"
            assert await run(elsewhere) == query_id
            assert prune(engine.connection) == []
        warned = [record.message for record in caplog.records if "cache.accepted" in record.message]
        assert len(warned) == 2  # each engine once
    finally:
        with superuser.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE cache.away RENAME TO accepted")
            connection.exec_driver_sql("ALTER TABLE cache.cached ENABLE TRIGGER complete_accepted")
