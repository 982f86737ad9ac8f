"""Connections and contexts as users of the library know them."""

import asyncio
import datetime as dt
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import redis
import sqlalchemy as sa

import flowmachine
from flowdb.testing import RunningRedis, free_port
from flowmachine import utils
from flowmachine.core.connect import make_connection
from flowmachine.core.connection import Connection, MissingCheckError
from flowmachine.core.context import (
    NotConnectedError,
    bind_context,
    context,
    get_db,
    get_executor,
    get_redis,
    submit_to_executor,
)
from flowmachine.core.errors import OldFlowDBError
from flowmachine.core.execute import Engine
from flowmachine.core.inventory import release
from flowmachine.core.query_info_lookup import QueryInfoLookup, QueryInfoLookupError, UnkownQueryIdError
from flowmachine.core.server.utils import FM_EXAMPLE_MESSAGE, send_zmq_message_and_receive_reply
from flowmachine.core.settings import ConnectionSettings
from flowmachine.core.sqlalchemy_table_definitions import EventsCallsTable
from flowmachine.core.sqlalchemy_utils import (
    get_query_result_as_dataframe,
    get_sql_string,
    get_sqlalchemy_table_definition,
    make_sqlalchemy_column_from_flowmachine_column_description,
)
from flowmachine.features import UniqueSubscriberCounts
from flowmachine.server.actions import Actions
from flowmachine.server.queries import Queries
from flowmachine.server.transport import Server
from tests.country import DAYS
from tests.specs import SPECS

COUNTS = UniqueSubscriberCounts("2016-01-01", "2016-01-02")


@pytest.fixture
def connection(settings: ConnectionSettings) -> Iterator[Connection]:
    connection = make_connection(settings)
    yield connection
    connection.close()


@pytest.fixture
def client(redis_server: RunningRedis) -> Iterator[redis.Redis]:
    with redis.Redis(redis_server.host, redis_server.port, password=redis_server.password) as client:
        yield client


@pytest.fixture
def checks(superuser: sa.Engine) -> Iterator[None]:
    names = ("cdr_type", "cdr_date", "type_of_query_or_check", "outcome", "optional_comment_or_description")
    table = sa.table("post_etl_queries", *map(sa.column, (*names, "timestamp")), schema="etl")
    rows = [("calls", dt.date(2016, 1, day), "Count", str(day), "", sa.func.now()) for day in (1, 2, 3)]
    with superuser.begin() as connection:
        for row in rows:
            connection.execute(sa.insert(table).values(dict(zip((*names, "timestamp"), row, strict=True))))
    yield
    with superuser.begin() as connection:
        connection.execute(sa.delete(table))


def test_a_connection_tells_what_flowdb_holds(connection: Connection) -> None:
    assert connection.available_dates == {"calls": DAYS, "sms": DAYS}
    assert (connection.min_date(), connection.max_date("sms")) == (DAYS[0], DAYS[-1])
    assert (connection.min_date("all"), connection.max_date("all")) == (DAYS[0], DAYS[-1])
    with pytest.raises(ValueError, match="No day of 'mds' is loaded; there are days of calls, sms"):
        connection.min_date("mds")
    assert connection.location_table == "infrastructure.cells"
    assert set(connection.available_tables) >= {"calls", "mds", "sms", "topups"}
    assert {"calls", "sms"} <= set(connection.subscriber_tables) <= set(connection.available_tables)
    assert "topups" not in connection.subscriber_tables
    assert {"calls", "sms"} <= set(connection.location_tables) <= set(connection.available_tables)
    assert connection.has_table("calls")
    assert connection.has_table("calls", "events")
    assert connection.has_table("available_dates", schema="etl")  # a view
    assert not connection.has_table("calls", "geography")


def test_rows_can_be_fetched_with_sql_of_ones_own(connection: Connection, superuser: sa.Engine) -> None:
    assert connection.fetch("SELECT 1 AS a, '50%' UNION ALL SELECT 2, ':b' ORDER BY a") == [
        (1, "50%"),
        (2, ":b"),
    ]
    assert connection.fetch("SET LOCAL work_mem = '5MB'") == []
    connection.fetch("CREATE TABLE public.fetched AS SELECT 1 AS a")
    assert connection.fetch("SELECT a FROM public.fetched") == [(1,)]
    connection.fetch("DROP TABLE public.fetched")


def test_a_connection_can_be_given_as_one_address(connection: Connection) -> None:
    address = f"postgresql://{connection.user}:p%40ss@{connection.host}:{connection.port}/flowdb"
    other = Connection(conn_str=address, pool_size=2, overflow=3)
    assert (other.conn_id, other.max_connections) == (connection.conn_id, 5)
    assert other.engine.url.password == "p@ss"
    with pytest.raises(ValueError, match="lacks password"):
        Connection(host="localhost", port=9000, user="flowmachine")
    with pytest.raises(ValueError, match="lacks port, user, password"):
        Connection(conn_str="postgresql://localhost")


def test_quality_checks(connection: Connection, checks: None) -> None:
    assert connection.available_qa_checks == [{"cdr_type": "calls", "type_of_query_or_check": "Count"}]
    expected = [
        {"outcome": str(day), "cdr_date": f"2016-01-0{day}", "type_of_query_or_check": "Count"}
        for day in (2, 3)
    ]
    assert connection.get_qa_checks("calls", "2016-01-02", dt.date(2016, 1, 3), "Count") == expected
    # Mixed case once passed the check and then found nothing.
    assert connection.get_qa_checks("CALLS", "2016-01-02", "2016-01-09", "cOUNT") == expected
    assert connection.get_qa_checks("calls", "2017-01-01", "2017-01-02", "Count") == []
    with pytest.raises(MissingCheckError, match="no results of a check 'Count' of 'sms'"):
        connection.get_qa_checks("sms", "2016-01-02", "2016-01-03", "Count")


def test_releases_are_compared_as_numbers() -> None:
    """As texts, 0.10.0 came before 0.5.0."""
    assert release("0.10.0") > release("0.5.0") == release("v0.5.0")
    assert release("2.0.0-rc.1") > release("1.99")


def test_a_flowdb_that_is_too_old_is_refused(
    settings: ConnectionSettings, connection: Connection, superuser: sa.Engine
) -> None:
    assert release(connection.check_version()) >= (0, 5)
    version = sa.table("flowdb_version", sa.column("version"), schema="public")
    with superuser.begin() as database:
        known = database.execute(sa.select(version.c.version)).scalar_one()
        database.execute(sa.update(version).values(version="0.4.9"))
    try:
        with pytest.raises(OldFlowDBError, match=r"FlowDB 0\.4\.9 is too old"):
            flowmachine.connect(conn=connection, **of_redis(settings))
        served = subprocess.run(
            [Path(sys.executable).parent / "flowmachine"],
            env={name: str(value) for name, value in settings_as_environment(settings).items()},
            check=False, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert served.returncode == 1
        assert served.stderr.splitlines()[-1].startswith("flowmachine: FlowDB 0.4.9 is too old")
        with pytest.raises(NotConnectedError):
            get_db()
    finally:
        with superuser.begin() as database:
            database.execute(sa.update(version).values(version=known))


def settings_as_environment(settings: ConnectionSettings) -> dict[str, object]:
    return {
        "FLOWDB_HOST": settings.flowdb_host,
        "FLOWDB_PORT": settings.flowdb_port,
        "FLOWMACHINE_FLOWDB_PASSWORD": settings.flowdb_password.get_secret_value(),
        "REDIS_HOST": settings.redis_host,
        "REDIS_PORT": settings.redis_port,
        "REDIS_PASSWORD": settings.redis_password.get_secret_value(),
        "FLOWMACHINE_BIND_HOST": "127.0.0.1",
        "FLOWMACHINE_PORT": free_port(),
    }


def of_redis(settings: ConnectionSettings) -> dict[str, object]:
    return {
        "redis_host": settings.redis_host,
        "redis_port": settings.redis_port,
        "redis_password": settings.redis_password.get_secret_value(),
    }


def test_connecting_with_a_connection_needs_no_address_of_flowdb(
    settings: ConnectionSettings, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FLOWMACHINE_FLOWDB_PASSWORD", raising=False)
    with flowmachine.connections(conn=connection, flowdb_host="nowhere", **of_redis(settings)):
        assert get_db() is connection
        assert get_redis().ping()
        assert COUNTS.head().columns.tolist() == ["location_id", "value"]
    assert connection.fetch("SELECT 1") == [(1,)]  # it can still be used


@pytest.mark.parametrize("get", [get_db, get_redis, get_executor])
def test_there_is_nothing_before_connecting(get) -> None:
    with pytest.raises(NotConnectedError, match=r"flowmachine\.connect"):
        get()


def test_a_context_holds_within_its_block(connection: Connection, client: redis.Redis) -> None:
    with ThreadPoolExecutor(1, thread_name_prefix="mine") as pool:
        with context(connection, pool, client):
            assert get_db() is connection
            assert get_executor() is pool
            seen = submit_to_executor(
                lambda n, *, m: (get_db(), threading.current_thread().name, n, m), 1, m=2
            )
            assert seen.result(timeout=10) == (connection, "mine_0", 1, 2)
            assert COUNTS.store().result(timeout=30).is_stored
        with pytest.raises(NotConnectedError):
            get_db()
        assert pool.submit(int).result(timeout=10) == 0  # the executor is not ended


def test_a_context_can_be_bound(connection: Connection, client: redis.Redis) -> None:
    bind_context(connection, None, client)
    try:
        assert get_db() is connection
        assert len(COUNTS.get_dataframe()) == len(COUNTS)
    finally:
        flowmachine.disconnect()


def test_work_in_the_background_sees_the_same_flowdb(engine: Engine) -> None:
    name = submit_to_executor(lambda: (get_db(), threading.current_thread().name.partition("_")[0]))
    assert name.result(timeout=10) == (engine.connection, "query")
    assert list(get_executor().map(str, [1, 2])) == ["1", "2"]
    with pytest.raises(ZeroDivisionError):
        submit_to_executor(lambda: 1 / 0).result(timeout=10)


def test_statements_of_ones_own(engine: Engine) -> None:
    calls = get_sqlalchemy_table_definition("events.calls", engine=get_db().engine)
    assert calls.c.keys() == EventsCallsTable.__table__.c.keys()
    column = make_sqlalchemy_column_from_flowmachine_column_description(calls, "calls.msisdn AS subscriber")
    statement = sa.select(column, calls.c.location_id).where(calls.c.msisdn == "it's")
    assert "events.calls.msisdn = 'it''s'" in get_sql_string(statement)
    mapped = sa.select(EventsCallsTable.msisdn).where(EventsCallsTable.outgoing)
    assert (
        get_sql_string(mapped)
        == "SELECT events.calls.msisdn \nFROM events.calls \nWHERE events.calls.outgoing"
    )
    frame = get_query_result_as_dataframe(statement, engine=get_db().engine)
    assert (frame.columns.tolist(), len(frame)) == (["subscriber", "location_id"], 0)
    with pytest.raises(ValueError, match=r"no table events\.nothing"):
        get_sqlalchemy_table_definition("events.nothing", engine=get_db().engine)
    with pytest.raises(ValueError, match="with its schema"):
        get_sqlalchemy_table_definition("calls", engine=get_db().engine)


def test_a_coordinate_system_as_a_connection_knows_it(connection: Connection) -> None:
    assert utils.proj4string(connection).startswith("+proj=longlat")
    assert "+proj=merc" in utils.proj4string(connection, 3857)


def test_queries_of_a_server_can_be_looked_up(engine: Engine) -> None:
    lookup = QueryInfoLookup(get_redis())
    spec = SPECS["spatial_aggregate"]
    with pytest.raises(QueryInfoLookupError, match="its id would be"):
        lookup.get_query_id(spec)
    with pytest.raises(QueryInfoLookupError, match="must contain a 'query_kind' entry"):
        lookup.get_query_id({})
    with pytest.raises(QueryInfoLookupError, match="not those of the query"):
        lookup.register_query("0" * 32, spec)
    (query_id,) = {_id_in(lookup, spec), _id_in(lookup, dict(reversed(spec.items())))}
    lookup.register_query(query_id, spec)
    assert lookup.query_is_known(query_id)
    assert lookup.get_query_id(dict(reversed(spec.items()))) == query_id
    assert (lookup.get_query_params(query_id), lookup.get_query_kind(query_id)) == (spec, "spatial_aggregate")
    with pytest.raises(UnkownQueryIdError, match="Unknown query_id: 'nothing'"):
        lookup.get_query_kind("nothing")


def _id_in(lookup: QueryInfoLookup, spec: dict[str, object]) -> str:
    with pytest.raises(QueryInfoLookupError) as refused:
        lookup.get_query_id(spec)
    return str(refused.value).rpartition(" ")[2].rstrip(".")


def test_asking_a_server_from_python(server_port: int) -> None:
    ping = {"action": "ping", "request_id": "R"}
    assert send_zmq_message_and_receive_reply(ping, port=server_port)["msg"] == "pong"
    started = send_zmq_message_and_receive_reply(FM_EXAMPLE_MESSAGE, port=server_port)
    assert started["status"] == "success"
    with pytest.raises(TimeoutError, match="has answered within"):
        send_zmq_message_and_receive_reply(ping, port=free_port(), timeout=0.1)


@pytest.fixture
def server_port(engine: Engine) -> Iterator[int]:
    """Yield the port of a server that runs in a thread."""
    port, ended = free_port(), threading.Event()

    async def run(actions: Actions) -> None:
        serving = asyncio.create_task(Server(actions).serve(f"tcp://127.0.0.1:{port}"))
        await asyncio.to_thread(ended.wait)
        serving.cancel()

    with ThreadPoolExecutor(4) as pool:
        queries = Queries(engine.states.client, engine.connection.conn_id, threshold=15)
        thread = threading.Thread(target=lambda: asyncio.run(run(Actions(engine, queries, pool))))
        thread.start()
        yield port
        ended.set()
        thread.join()
