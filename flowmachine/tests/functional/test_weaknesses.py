"""What made FlowKit 1 slow, wrong or unsafe, each by a test that fails if it comes back.

``docs/pages/developers/weaknesses.md`` lists all of them, with those that other modules test.
"""

import asyncio
import datetime as dt
import gc
import itertools
import json
import logging
import threading
import tracemalloc
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from flowmachine.core import CustomQuery, Table, logs
from flowmachine.core.catalogue import CACHED, DEPENDENCIES
from flowmachine.core.connect import make_engine
from flowmachine.core.context import use_engine
from flowmachine.core.execute import Engine
from flowmachine.core.query import Query
from flowmachine.core.query_state import QueryStateMachine
from flowmachine.core.redis_client import make_client
from flowmachine.core.settings import ConnectionSettings
from flowmachine.core.state import QueryState
from flowmachine.features import LastLocation, ModalLocation, MostFrequentLocation, daily_location
from flowmachine.server.actions import Actions
from flowmachine.server.envelope import Reply
from flowmachine.server.queries import Queries
from flowmachine.server.transport import Server
from tests.country import DAYS
from tests.specs import SPECS, modal_location
from tests.stored import ADMIN3, day, tables

pytestmark = pytest.mark.usefixtures("some_events")


class Traffic:
    """What a process sends to FlowDB and to Redis.

    Attributes
    ----------
    statements : list of str
        What it has sent to FlowDB since the last ``reset``, parameters included.
    """

    def __init__(self, engine: Engine) -> None:
        self._redis = engine.states.client
        self.statements: list[str] = []
        self._pools = (engine.connection.engine, engine.connection.lookups)
        for pool in self._pools:
            sa.event.listen(pool, "before_cursor_execute", self._note)
        self.reset()

    def _note(self, *given: Any) -> None:
        self.statements.append(f"{given[2]} {given[3]}")  # results are made by statements that are parameters

    def reset(self) -> None:
        self.statements.clear()
        self._commands = self._processed()

    def _processed(self) -> int:
        return int(self._redis.info("stats")["total_commands_processed"])

    @property
    def commands(self) -> int:
        """What Redis has been asked since the last reset, without these questions themselves."""
        return self._processed() - self._commands - 1

    def close(self) -> None:
        for pool in self._pools:
            sa.event.remove(pool, "before_cursor_execute", self._note)


@pytest.fixture
def traffic(engine: Engine) -> Iterator[Traffic]:
    # Heartbeats would be counted too.
    engine.states._lease = 3600
    traffic = Traffic(engine)
    yield traffic
    traffic.close()


@pytest.fixture
def server(engine: Engine) -> Iterator[Server]:
    with ThreadPoolExecutor(4) as pool:
        queries = Queries(engine.states.client, engine.connection.conn_id, threshold=15)
        yield Server(Actions(engine, queries, pool))


async def ask(server: Server, action: str, **params: Any) -> dict[str, Any]:
    request = {"action": action, "request_id": "R", "params": params}
    return json.loads((await server.answer(json.dumps(request).encode())).encode())


def month() -> Query:
    """Return what is made of 28 days, of which FlowDB has the first few."""
    days = (daily_location(f"2016-01-{n:02}", spatial_unit=ADMIN3) for n in range(1, 29))
    return ModalLocation(*days).aggregate()


@pytest.fixture
def whole_month(superuser: sa.Engine) -> Iterator[None]:
    """Have FlowDB say that all days of the month are loaded."""
    names = ("cdr_type", "cdr_date", "state", "timestamp")
    records = sa.table("etl_records", *map(sa.column, names), schema="etl")
    later = [dt.date(2016, 1, n) for n in range(1, 29) if dt.date(2016, 1, n) not in DAYS]
    with superuser.begin() as connection:
        for kind in ("calls", "sms"):
            for loaded in later:
                values = dict(zip(names, (kind, loaded, "ingested", sa.func.now()), strict=True))
                connection.execute(sa.insert(records).values(values))
    yield
    with superuser.begin() as connection:
        connection.execute(sa.delete(records).where(records.c.cdr_date.in_(later)))


# Performance


async def test_polling_rebuilds_nothing(server: Server, traffic: Traffic) -> None:
    """P1: every poll built the whole tree again, with hundreds of statements and thousands of commands."""
    spec = {"query_kind": "spatial_aggregate", "locations": modal_location(1, 2, 3)}
    query_id = (await ask(server, "run_query", **spec))["payload"]["query_id"]
    while (await ask(server, "poll_query", query_id=query_id))["payload"]["query_state"] != "completed":
        await asyncio.sleep(0.02)
    traffic.reset()
    for _ in range(10):
        await ask(server, "poll_query", query_id=query_id)
    assert len(traffic.statements) <= 10
    assert traffic.commands <= 10 * 3  # Redis counts a script, and what the script asks


def test_sql_of_a_month_is_made_after_one_look_at_flowdb(traffic: Traffic, whole_month: None) -> None:
    """P4: each node of a query asked Redis and FlowDB, and tables wrote into the cache's records."""
    query = month().join(Table("geography.admin3", columns="admin3pcod"), "pcod", "admin3pcod")
    traffic.reset()
    text = query.get_query()
    assert len(traffic.statements) == 1
    assert traffic.commands == 0
    assert not any(word in traffic.statements[0] for word in ("UPDATE", "INSERT"))
    assert text.count("events.calls") >= 28


def test_sql_grows_with_what_is_different_in_it(engine: Engine, whole_month: None) -> None:
    """P3: inputs were pasted wherever they were referred to, and parsed again at every level."""
    one = month().get_query()
    twice = month().join(month(), "pcod", left_append="_a", right_append="_b").get_query()
    again = ModalLocation(*month().dependencies[0].dependencies, daily_location("2016-01-01"))
    assert len(one) < 100_000
    assert len(twice) < len(one) + 1000
    assert len(again.get_query()) < len(one) + 2000


def test_making_queries_asks_nobody(traffic: Traffic, whole_month: None) -> None:
    """P14: tables, columns and dates were looked up wherever a query was made."""
    traffic.reset()
    query = month().subset("pcod", ["R0"])
    assert query.column_names == ["pcod", "value"]
    assert query.query_id
    assert Table("events.calls", columns="msisdn").random_sample(size=3, seed=0.1).column_names == ["msisdn"]
    assert traffic.statements == []
    assert traffic.commands == 0


def test_storing_explains_nothing_and_knows_its_time(
    engine: Engine, traffic: Traffic, superuser: sa.Engine
) -> None:
    """P9: every result was made under EXPLAIN ANALYZE, to learn how long it took."""
    day(1).store().result(timeout=30)
    assert not any("EXPLAIN" in statement.upper() for statement in traffic.statements)
    with superuser.connect() as connection:
        taken = sa.select(CACHED.c.compute_time).where(CACHED.c.query_id == day(1).query_id)
        assert connection.execute(taken).scalar_one() > 0


def test_a_labelled_union_is_not_stored_for_those_who_use_it(engine: Engine, superuser: sa.Engine) -> None:
    """P6: every intermediate became a table, unions with a copy of all their inputs among them."""
    top = ModalLocation(day(1), day(2), day(3)).aggregate()
    top.store().result(timeout=30)
    modal = top.dependencies[0]
    expected = {query.query_id for query in (ADMIN3, day(1), day(2), day(3), modal, top)}
    assert tables(superuser) == expected


def test_the_events_of_a_day_are_read_once_for_windows_and_methods(
    engine: Engine, superuser: sa.Engine, traffic: Traffic
) -> None:
    """P10: they were read again for every window that held the day, and for every method."""
    window = ("2016-01-01", "2016-01-04")
    LastLocation(*window, spatial_unit=ADMIN3).store().result(timeout=30)
    first = sum("events.calls" in statement for statement in traffic.statements)
    traffic.reset()
    MostFrequentLocation(*window, spatial_unit=ADMIN3).store().result(timeout=30)
    LastLocation("2016-01-02", "2016-01-04", spatial_unit=ADMIN3).store().result(timeout=30)
    assert first == 3
    assert not any("events.calls" in statement for statement in traffic.statements)


@pytest.fixture
def partitions(superuser: sa.Engine, whole_month: None) -> Iterator[None]:
    """Give two days of events partitions of their own, as loading them does."""
    with superuser.begin() as connection:
        for kind, number in itertools.product(("calls", "sms"), (20, 21)):
            connection.exec_driver_sql(
                f"CREATE TABLE events.{kind}_201601{number} PARTITION OF events.{kind} "
                f"FOR VALUES FROM ('2016-01-{number} 00:00+00') TO ('2016-01-{number + 1} 00:00+00')"
            )
    yield
    with superuser.begin() as connection:
        for kind, number in itertools.product(("calls", "sms"), (20, 21)):
            connection.exec_driver_sql(f"DROP TABLE events.{kind}_201601{number}")


@pytest.mark.parametrize("hours", [None, (22, 4)])
def test_only_the_partitions_of_the_window_are_read(
    engine: Engine, partitions: None, hours: tuple[int, int] | None
) -> None:
    """P11: the time of events was cast to a date, or to text, which no partition is pruned by."""
    query = LastLocation("2016-01-20", "2016-01-21", spatial_unit=ADMIN3, hours=hours)
    (plan,) = query.explain("json")
    read = {name for name in relations(plan) if name.startswith(("calls", "sms"))}
    assert read == {"calls_20160120", "sms_20160120"}


def relations(plan: Any) -> Iterator[str]:
    """Yield the relations that a plan of PostgreSQL scans."""
    if isinstance(plan, dict):
        if "Relation Name" in plan:
            yield plan["Relation Name"]
        for value in plan.values():
            yield from relations(value)
    elif isinstance(plan, list):
        for value in plan:
            yield from relations(value)


def test_frames_are_neither_kept_nor_copied(engine: Engine) -> None:
    """P12: frames were kept without bound, and copied whenever they were asked for."""
    query = day(1)
    frame = query.get_dataframe()
    kept = weakref.ref(frame)
    assert query.get_dataframe() is not frame
    del frame
    gc.collect()
    assert kept() is None


def test_a_map_is_written_without_ever_being_held(engine: Engine, tmp_path: Path) -> None:
    """P12: collections were built whole, even when they were there already."""
    points = CustomQuery(
        "SELECT n, ST_SetSRID(ST_MakePoint(n % 180, n % 90), 4326) AS geom "
        "FROM generate_series(1, 60000) s(n)",
        ["n", "geom"],
    )
    points.to_geojson_file(tmp_path / "few.geojson")  # imports, and what is set up once
    tracemalloc.start()
    points.to_geojson_file(tmp_path / "points.geojson")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    size = (tmp_path / "points.geojson").stat().st_size
    assert size > 8_000_000
    assert peak < size / 2


def test_a_query_has_one_key_that_expires(engine: Engine) -> None:
    """P13: a query had eight keys for ever, written whenever somebody looked at its state."""
    client = engine.states.client
    day(1).store().result(timeout=30)
    held = [key for key in client.scan_iter() if day(1).query_id in key]
    assert len(held) == 1
    assert client.ttl(held[0]) > 0
    before = set(client.scan_iter())
    assert QueryStateMachine(client, "f" * 32, engine.connection.conn_id).is_known
    assert set(client.scan_iter()) == before


# Correctness


def test_of_many_who_see_a_new_query_first_one_queues_it(
    settings: ConnectionSettings, engine: Engine
) -> None:
    """C3: its transitions were written after its state, so that early events had no effect."""
    clients = [
        make_client(settings.redis_host, settings.redis_port, settings.redis_password.get_secret_value())
        for _ in range(8)
    ]
    for number in range(20):
        start = threading.Barrier(len(clients))

        machines = [QueryStateMachine(client, f"{number:032}", "elsewhere") for client in clients]

        def enqueue(machine: QueryStateMachine, start: threading.Barrier = start) -> Any:
            start.wait(timeout=10)
            return machine.enqueue()

        with ThreadPoolExecutor(len(clients)) as pool:
            ends = list(pool.map(enqueue, machines))
        assert [changed for _, changed in ends].count(True) == 1
        assert {state for state, _ in ends} == {QueryState.QUEUED}
    for machine, client in zip(machines, clients, strict=True):
        machine._states.close()
        client.close()


def test_what_redis_has_forgotten_can_be_invalidated(engine: Engine, superuser: sa.Engine) -> None:
    """C4: without its state in Redis, a stored result was said to be removed and stayed."""
    query = day(1)
    query.store().result(timeout=30)
    engine.states.client.flushall()
    query.invalidate_db_cache()
    assert query.query_id not in tables(superuser)
    assert not query.is_stored


def test_samples_are_stored_by_a_pool_of_one_without_overflow(
    settings: ConnectionSettings, engine: Engine
) -> None:
    """C5: samples waited for their parents on the pool that they ran on, and records for a connection."""
    pool = {"flowdb_connection_pool_size": 1, "flowdb_connection_pool_overflow": 0}
    small = make_engine(settings.model_copy(update=pool))
    try:
        with use_engine(small):
            samples = [day(1).aggregate().random_sample(size=2, seed=seed / 10) for seed in range(5)]
            futures = [sample.store() for sample in [*samples, day(1).random_sample(size=5, seed=0.1)]]
            for future in futures:
                assert future.result(timeout=60).is_stored
    finally:
        small.close()


def test_recorded_inputs_are_those_that_the_statement_read(engine: Engine, superuser: sa.Engine) -> None:
    """C10: inputs were recorded as found after the run; a second run left the time of the first."""
    day(1).store().result(timeout=30)
    top = ModalLocation(day(1), day(2))
    top.store(store_dependencies=False).result(timeout=30)
    day(2).store().result(timeout=30)  # later: the statement has not read it
    assert inputs_of(superuser, top) == {day(1).query_id, ADMIN3.query_id}
    made = created(superuser, top)
    top.invalidate_db_cache()
    top.store(store_dependencies=False).result(timeout=30)
    assert inputs_of(superuser, top) == {day(1).query_id, day(2).query_id}
    assert created(superuser, top) > made


def inputs_of(superuser: sa.Engine, query: Query) -> set[str]:
    with superuser.connect() as connection:
        found = sa.select(DEPENDENCIES.c.depends_on).where(DEPENDENCIES.c.query_id == query.query_id)
        return set(connection.execute(found).scalars())


def created(superuser: sa.Engine, query: Query) -> dt.datetime:
    with superuser.connect() as connection:
        found = sa.select(CACHED.c.created).where(CACHED.c.query_id == query.query_id)
        return connection.execute(found).scalar_one()


async def test_an_error_within_an_action_is_not_taken_for_wrong_arguments(
    engine: Engine, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    """C15: any TypeError was answered as if the request had been wrong, and its cause was lost."""
    caplog.set_level(logging.ERROR, logger=logs.DEBUG_LOG)

    async def broken(query_id: str) -> Reply:
        raise TypeError(f"a mistake of ours with {query_id}")

    server._actions.handlers["poll_query"] = broken
    reply = await ask(server, "poll_query", query_id="x")
    assert reply["msg"] == "Could not get reply for message"
    assert "a mistake of ours with x" in caplog.text
    reply = await ask(server, "poll_query", colour="red")
    assert "wrong arguments" in reply["msg"]


@pytest.mark.parametrize("hours", [(0, 24), (20, 24), (24, 4)])
def test_24_is_the_end_of_the_day(engine: Engine, hours: tuple[int, int]) -> None:
    """C17: an hour of 24 was accepted, and then failed."""
    query = LastLocation("2016-01-01", "2016-01-02", spatial_unit=ADMIN3, hours=hours)
    assert len(query) > 0
    if hours == (0, 24):
        assert sorted(query) == sorted(day(1))


# Safety


@pytest.mark.parametrize("given", ["'", "x' OR '1'='1", "0" * 31 + "'", "../", "0" * 33, ""])
async def test_what_is_given_as_an_id_reaches_no_statement(
    server: Server, traffic: Traffic, given: str
) -> None:
    """S1: the text became part of a statement whose result was unpickled."""
    spec = {**SPECS["unique_subscriber_counts"], "subscriber_subset": given}
    traffic.reset()
    reply = await ask(server, "run_query", **spec)
    assert reply["payload"]["validation_error_messages"] == {
        "subscriber_subset": ["Must be None or a valid query id."]
    }
    assert traffic.statements == []


def test_what_the_cache_holds_is_data_that_nothing_runs(engine: Engine, superuser: sa.Engine) -> None:
    """S2: stored queries were unpickled, so that who could write them could run code."""
    day(1).store().result(timeout=30)
    with superuser.connect() as connection:
        kept = connection.execute(sa.select(CACHED.c.obj)).scalars().all()
    for declared in kept:
        assert set(json.loads(bytes(declared))) == {"root", "queries"}
    with superuser.begin() as connection:
        connection.execute(sa.update(CACHED).values(obj=b"cos\nsystem\n(S'touch /tmp/owned'\ntR."))
    assert list(Query.get_stored()) == []
