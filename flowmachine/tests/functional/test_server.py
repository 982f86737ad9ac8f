"""The server over real ZeroMQ, FlowDB and Redis."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa
import zmq
import zmq.asyncio

from flowdb.testing import free_port
from flowmachine.core.connect import make_engine
from flowmachine.core.execute import Engine
from flowmachine.core.settings import ConnectionSettings
from flowmachine.server.actions import Actions
from flowmachine.server.queries import Queries
from flowmachine.server.transport import Server
from tests.country import insert_events, random_events
from tests.specs import SPECS, Spec, daily_location

ACTIONS = [
    "ping",
    "get_available_queries",
    "get_query_schemas",
    "run_query",
    "poll_query",
    "get_query_kind",
    "get_query_params",
    "get_sql_for_query_result",
    "get_geo_sql_for_query_result",
    "get_geography",
    "get_available_dates",
    "get_aggregation_unit",
    "list_qa_checks",
    "get_qa_checks",
    "cancel_query",
    "health",
]


@pytest.fixture(autouse=True, scope="module")
def events(superuser: sa.Engine) -> Iterator[None]:
    with superuser.begin() as connection:
        insert_events(connection, random_events(seed=2, number=4000, subscribers=300))
    yield
    with superuser.begin() as connection:
        for kind in ("calls", "sms"):
            connection.execute(sa.delete(sa.table(kind, schema="events")))


class Client:
    """A client of the server: one REQ socket per request, as FlowAPI has it."""

    def __init__(self, address: str) -> None:
        self.context = zmq.asyncio.Context()
        self.address = address

    async def send(self, *frames: bytes) -> dict[str, Any]:
        with self.context.socket(zmq.REQ) as socket:
            socket.linger = 0
            socket.connect(self.address)
            await socket.send_multipart(frames)
            return json.loads(await asyncio.wait_for(socket.recv(), timeout=20))

    async def ask(self, action: str, **params: Any) -> dict[str, Any]:
        return await self.send(json.dumps({"action": action, "request_id": "R", "params": params}).encode())

    async def run(self, spec: Spec) -> str:
        """Run a query until it has ended; return its id."""
        reply = await self.ask("run_query", **spec)
        assert reply["status"] == "success", reply
        assert list(reply["payload"]) == ["query_id", "progress"]
        while True:
            poll = await self.ask("poll_query", query_id=reply["payload"]["query_id"])
            if poll["payload"]["query_state"] not in ("queued", "executing"):
                return reply["payload"]["query_id"]
            await asyncio.sleep(0.01)


@pytest_asyncio.fixture
async def client(engine: Engine) -> AsyncIterator[Client]:
    port = free_port()
    with ThreadPoolExecutor(5) as executor:
        queries = Queries(engine.states.client, engine.connection.conn_id, threshold=15)
        server = asyncio.create_task(
            Server(Actions(engine, queries, executor)).serve(f"tcp://127.0.0.1:{port}")
        )
        client = Client(f"tcp://127.0.0.1:{port}")
        yield client
        client.context.destroy(linger=0)
        server.cancel()
        with pytest.raises(asyncio.CancelledError):
            await server


async def test_ping(client: Client) -> None:
    assert await client.ask("ping") == {"status": "success", "msg": "pong", "payload": {}}


@pytest.mark.parametrize(
    ("message", "msg", "payload"),
    [
        (b"{", "Invalid JSON.", None),
        (b"[" * 100_000, "Invalid JSON.", None),
        (b"[]", "Invalid action request.", {"_schema": ["Invalid input type."]}),
        (
            b'{"action": "ping"}',
            "Invalid action request.",
            {"request_id": ["Missing data for required field."]},
        ),
        (
            b'{"action": "boil", "request_id": "1"}',
            "Invalid action request.",
            {"action": [f"Must be one of: {', '.join(ACTIONS)}."]},
        ),
        (
            b'{"action": "ping", "request_id": "1", "extra": 1}',
            "Invalid action request.",
            {"extra": ["Unknown field."]},
        ),
        (
            b'{"action": "poll_query", "request_id": "1"}',
            "Internal flowmachine server error: wrong arguments passed to handler for action 'poll_query'.",
            {},
        ),
        (
            b'{"action": "ping", "request_id": "1", "params": {"a": 1}}',
            "Internal flowmachine server error: wrong arguments passed to handler for action 'ping'.",
            {},
        ),
    ],
)
async def test_bad_requests(client: Client, message: bytes, msg: str, payload: dict[str, Any] | None) -> None:
    reply = await client.send(message)
    assert (reply["status"], reply["msg"]) == ("error", msg)
    assert reply["payload"] == payload if payload is not None else "decode_error" in reply["payload"]
    assert (await client.ask("ping"))["msg"] == "pong"


@pytest.mark.parametrize("name", sorted(SPECS))
async def test_every_kind_runs_and_can_be_read(client: Client, engine: Engine, name: str) -> None:
    spec = SPECS[name]
    query_id = await client.run(spec)
    kind = await client.ask("get_query_kind", query_id=query_id)
    assert kind["payload"] == {"query_id": query_id, "query_kind": spec["query_kind"]}
    params = await client.ask("get_query_params", query_id=query_id)
    assert params["payload"]["query_params"] == spec
    reply = await client.ask("get_sql_for_query_result", query_id=query_id)
    assert reply["payload"]["query_state"] == "completed", reply
    with engine.connection.lookups.connect() as connection:
        connection.exec_driver_sql(reply["payload"]["sql"]).all()


async def test_polling_tells_state_and_progress(client: Client) -> None:
    query_id = await client.run(SPECS["flows"])
    poll = await client.ask("poll_query", query_id=query_id)
    assert poll["payload"] == {
        "query_id": query_id,
        "query_kind": "flows",
        "query_state": "completed",
        "progress": {"eligible": 0, "queued": 0, "running": 0},
    }


async def test_the_same_query_has_the_same_id_and_runs_once(client: Client) -> None:
    ids = await asyncio.gather(*(client.run(SPECS["spatial_aggregate"]) for _ in range(10)))
    assert len(set(ids)) == 1


@pytest.mark.parametrize(
    "action", ["poll_query", "get_query_kind", "get_query_params", "get_sql_for_query_result"]
)
async def test_an_unknown_id(client: Client, action: str) -> None:
    reply = await client.ask(action, query_id="x")
    assert reply == {
        "status": "error",
        "msg": "Unknown query id: 'x'",
        "payload": {"query_id": "x", "query_state": "awol"},
    }


async def test_an_invalid_spec(client: Client) -> None:
    for action in ("run_query", "get_aggregation_unit"):
        reply = await client.ask(action, query_kind="flows", to_location=daily_location())
        assert reply["msg"].startswith("Parameter validation failed.")
        assert reply["payload"]["validation_error_messages"] == {
            "from_location": ["Missing data for required field."]
        }


async def test_dates_without_data(client: Client) -> None:
    spec = {"query_kind": "spatial_aggregate", "locations": {**daily_location(), "date": "1999-01-01"}}
    reply = await client.ask("run_query", **spec)
    assert reply["msg"] == "Unable to create query object."
    assert "1999-01-01" in reply["payload"]["exception"]


async def test_an_unknown_subset(client: Client) -> None:
    spec = {"query_kind": "spatial_aggregate", "locations": daily_location(subscriber_subset="0" * 32)}
    reply = await client.ask("run_query", **spec)
    assert reply["payload"]["exception"] == "subscriber_subset: Must be None or a valid query id."


async def test_a_subset_by_the_id_of_a_stored_query(client: Client, engine: Engine) -> None:
    from flowmachine.features import daily_location as location

    night = location("2016-01-01", hours=(0, 4))
    engine.submit(night).future.result(timeout=20)
    spec = {**SPECS["unique_subscriber_counts"], "subscriber_subset": night.query_id}
    query_id = await client.run(spec)
    reply = await client.ask("get_sql_for_query_result", query_id=query_id)
    with engine.connection.lookups.connect() as connection:
        some = connection.exec_driver_sql(reply["payload"]["sql"]).all()
    assert sum(row.value for row in some) <= len(night.get_dataframe()) * 2


async def test_an_errored_query_tells_why_and_can_be_run_again(client: Client, superuser: sa.Engine) -> None:
    with superuser.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE geography.admin3 RENAME TO hidden")
    try:
        query_id = await client.run(SPECS["spatial_aggregate"])
        poll = await client.ask("poll_query", query_id=query_id)
        assert poll["payload"]["query_state"] == "errored"
        assert "admin3" in poll["payload"]["error"]
        reply = await client.ask("get_sql_for_query_result", query_id=query_id)
        assert reply["payload"]["query_state"] == "errored"
        assert reply["msg"].startswith(f"Query with id '{query_id}' finished with an error.")
    finally:
        with superuser.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE geography.hidden RENAME TO admin3")
    assert await client.run(SPECS["spatial_aggregate"]) == query_id
    assert (await client.ask("poll_query", query_id=query_id))["payload"]["query_state"] == "completed"


async def test_a_result_that_was_dropped_is_not_handed_out_and_can_be_made_again(
    client: Client, superuser: sa.Engine
) -> None:
    query_id = await client.run(SPECS["spatial_aggregate"])
    with superuser.begin() as connection:
        sa.Table(f"x{query_id}", sa.MetaData(), schema="cache").drop(connection)
    reply = await client.ask("get_sql_for_query_result", query_id=query_id)
    assert (reply["status"], reply["payload"]["query_state"]) == ("error", "known")
    await client.run(SPECS["spatial_aggregate"])
    reply = await client.ask("get_sql_for_query_result", query_id=query_id)
    assert reply["payload"]["sql"] == f"SELECT * \nFROM cache.x{query_id}"


async def test_a_query_known_to_another_server_is_known_here(client: Client, engine: Engine) -> None:
    queries = Queries(engine.states.client, engine.connection.conn_id, threshold=15)
    known = queries.parse(SPECS["spatial_aggregate"])
    queries.register(known)
    reply = await client.ask("get_query_params", query_id=known.query.query_id)
    assert reply["payload"]["query_params"] == SPECS["spatial_aggregate"]


async def test_units(client: Client) -> None:
    for name, unit in (("flows", "admin3"), ("spatial_aggregate_of_modal_location", "lon-lat")):
        reply = await client.ask("get_aggregation_unit", **SPECS[name])
        assert reply["payload"] == {"aggregation_unit": unit}


@pytest.mark.parametrize("unit", ["admin0", "admin3", "lon-lat"])
async def test_geography(client: Client, engine: Engine, unit: str) -> None:
    reply = await client.ask("get_geography", aggregation_unit=unit)
    assert reply["payload"]["query_state"] == "completed"
    with engine.connection.lookups.connect() as connection:
        assert connection.exec_driver_sql(reply["payload"]["sql"]).all()


async def test_geography_of_an_unknown_unit(client: Client) -> None:
    reply = await client.ask("get_geography", aggregation_unit="admin7")
    assert reply["msg"] == "Parameter validation failed."
    assert reply["payload"] == {
        "aggregation_unit": ["Must be one of: admin0, admin1, admin2, admin3, lon-lat."]
    }


async def test_dates_and_checks(client: Client, superuser: sa.Engine) -> None:
    dates = (await client.ask("get_available_dates"))["payload"]
    assert dates["calls"] == ["2016-01-01", "2016-01-02", "2016-01-03", "2016-01-04"]
    with superuser.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO etl.post_etl_queries"
            " (cdr_date, cdr_type, type_of_query_or_check, outcome, timestamp)"
            " VALUES ('2016-01-01', 'calls', 'count_msisdns', '7', now())"
        )
    checks = await client.ask("list_qa_checks")
    assert checks["payload"]["available_qa_checks"] == [
        {"cdr_type": "calls", "type_of_query_or_check": "count_msisdns"}
    ]
    found = await client.ask(
        "get_qa_checks",
        cdr_type="Calls",
        start_date="2016-01-01",
        end_date="2016-01-01",
        check_type="count_msisdns",
    )
    assert found["payload"]["qa_checks"] == [
        {"outcome": "7", "cdr_date": "2016-01-01", "type_of_query_or_check": "count_msisdns"}
    ]


async def test_redis_away(settings: ConnectionSettings) -> None:
    engine = make_engine(settings.model_copy(update={"redis_port": free_port()}))
    request = {"action": "run_query", "request_id": "R", "params": SPECS["spatial_aggregate"]}
    with ThreadPoolExecutor(1) as executor:
        queries = Queries(engine.states.client, engine.connection.conn_id, threshold=15)
        started = time.monotonic()
        reply = await Server(Actions(engine, queries, executor)).answer(json.dumps(request).encode())
        assert time.monotonic() - started < 3
    engine.close()
    assert (reply.status, reply.payload) == ("error", {"code": "redis_unavailable"})


async def test_a_slow_query_of_one_client_does_not_delay_another(client: Client) -> None:
    slow = asyncio.create_task(client.run({**SPECS["dummy_query"], "dummy_param": "slow", "dummy_delay": 2}))
    await asyncio.sleep(0.1)
    started = time.monotonic()
    assert (await client.ask("ping"))["msg"] == "pong"
    await client.run(SPECS["spatial_aggregate"])
    assert not slow.done()
    assert time.monotonic() - started < 2
    assert await slow == "dummy_query_slow"


async def test_malformed_frames_are_ignored(client: Client) -> None:
    with client.context.socket(zmq.DEALER) as socket:
        socket.linger = 0
        socket.connect(client.address)
        await socket.send_multipart([b"no empty frame"])
        await socket.send_multipart([b"x", b'{"action": "ping", "request_id": "1"}'])
        await socket.send_multipart([b"", b'{"action": "ping", "request_id": "1"}'])
        frames = await asyncio.wait_for(socket.recv_multipart(), timeout=20)
    assert frames[0] == b""
    assert json.loads(frames[1])["msg"] == "pong"


async def test_a_spec_nested_too_deeply_is_answered(client: Client) -> None:
    for depth in (100, 400, 900, 5000):
        nested = b'{"locations": ' * depth + b"{}" + b"}" * depth
        message = b'{"action": "run_query", "request_id": "1", "params": ' + nested + b"}"
        assert (await client.send(message))["status"] == "error"
    assert (await client.ask("ping"))["msg"] == "pong"
