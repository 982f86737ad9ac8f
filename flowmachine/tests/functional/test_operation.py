"""What an operator relies on: security, health, metrics, the audit trail, and stopping without loss."""

import asyncio
import contextlib
import json
import logging
import os
import signal
import stat
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import zmq
import zmq.asyncio

from flowdb.testing import RunningFlowDB, RunningRedis, free_port
from flowkit_jwt_generator.settings import SettingsError
from flowmachine.core import logs
from flowmachine.core.connect import make_engine
from flowmachine.core.execute import Engine
from flowmachine.core.settings import ConnectionSettings, EndpointSettings
from flowmachine.core.state import QueryState, States
from flowmachine.features import SpatialAggregate
from flowmachine.server.actions import Actions
from flowmachine.server.audit import MAX_CHARACTERS, bounded
from flowmachine.server.metrics import Metrics, serving
from flowmachine.server.queries import Queries
from flowmachine.server.security import Security, write_keys
from flowmachine.server.transport import Server
from tests.country import insert_events, random_events
from tests.specs import SPECS
from tests.stored import day, tables

SPEC = SPECS["spatial_aggregate"]


@pytest.fixture(autouse=True, scope="module")
def events(superuser: sa.Engine) -> Iterator[None]:
    with superuser.begin() as connection:
        insert_events(connection, random_events(seed=6, number=2000, subscribers=200))
    yield
    with superuser.begin() as connection:
        for kind in ("calls", "sms"):
            connection.execute(sa.delete(sa.table(kind, schema="events")))


@pytest.fixture
def actions(engine: Engine) -> Iterator[Actions]:
    with ThreadPoolExecutor(5) as executor:
        yield Actions(
            engine, Queries(engine.states.client, engine.connection.conn_id, threshold=15), executor
        )


@pytest.fixture
def held_up(superuser: sa.Engine) -> Iterator[sa.Connection]:
    """Nobody can read the regions, so statements run until this is closed."""
    with superuser.connect() as connection:
        connection.exec_driver_sql("LOCK TABLE geography.admin3 IN ACCESS EXCLUSIVE MODE")
        yield connection


async def state_of(server: Any, query_id: str) -> str:
    """Poll, with the pause that a client makes."""
    await asyncio.sleep(0.01)
    return (await ask(server, "poll_query", query_id=query_id))["payload"]["query_state"]


async def ask(server: Server, action: str, **params: Any) -> dict[str, Any]:
    request = {"action": action, "request_id": "R", "params": params}
    return json.loads((await server.answer(json.dumps(request).encode())).encode())


# Security


@pytest.fixture
def keys(tmp_path: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in write_keys(tmp_path / "keys")}


def security(keys: dict[str, str]) -> Security:
    found = Security.from_settings(EndpointSettings.model_validate(keys))
    assert found is not None
    return found


@contextlib.asynccontextmanager
async def serve(server: Server) -> AsyncIterator[str]:
    address = f"tcp://127.0.0.1:{free_port()}"
    task = asyncio.create_task(server.serve(address))
    yield address
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def ping(address: str, secret: str | None, server_key: str | None) -> str | None:
    """Ping as a client with some keys; None if there is no answer."""
    with zmq.asyncio.Context() as context, context.socket(zmq.REQ) as socket:
        socket.linger = 0
        if secret is not None and server_key is not None:
            socket.curve_serverkey = server_key.encode()
            socket.curve_secretkey = secret.encode()
            socket.curve_publickey = zmq.curve_public(secret.encode())
        socket.connect(address)
        await socket.send_json({"action": "ping", "request_id": "1"})
        if not await socket.poll(1000):
            return None
        return json.loads(await socket.recv())["msg"]


async def test_only_clients_with_known_keys_are_answered(
    actions: Actions, keys: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, logger=logs.DEBUG_LOG)
    server_key = keys["FLOWMACHINE_CURVE_SERVER_PUBLIC_KEY"]
    stranger = zmq.curve_keypair()[1].decode()
    async with serve(Server(actions, security(keys))) as address:
        client = keys["FLOWMACHINE_CURVE_CLIENT_SECRET_KEY"]
        assert await ping(address, client, server_key) == "pong"
        assert await ping(address, stranger, server_key) is None
        assert await ping(address, client, zmq.curve_keypair()[0].decode()) is None
        assert await ping(address, None, None) is None
        assert await ping(address, client, server_key) == "pong"
        # The health command has the server's own key.
        assert await ping(address, keys["FLOWMACHINE_CURVE_SERVER_SECRET_KEY"], server_key) == "pong"
    told = [json.loads(record.message) for record in caplog.records]
    refused = [entry["reason"] for entry in told if entry["event"] == "Refused a connection."]
    shown = zmq.curve_public(stranger.encode()).decode()
    assert f"its public key {shown} is not in FLOWMACHINE_CURVE_CLIENT_PUBLIC_KEYS" in refused
    assert "it speaks without keys, or to a server with another key" in refused
    assert len(refused) == len(set(refused)), "clients that try again are not told of each time"
    assert not any(secret in str(told) for secret in (client, stranger))


def test_keys_are_for_their_owner_alone_and_never_replaced(tmp_path: Path) -> None:
    paths = write_keys(tmp_path)
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths} == {0o600}
    before = [path.read_text() for path in paths]
    with pytest.raises(FileExistsError):
        write_keys(tmp_path)
    assert [path.read_text() for path in paths] == before


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"FLOWMACHINE_CURVE_SERVER_SECRET_KEY": "short"},
            "'FLOWMACHINE_CURVE_SERVER_SECRET_KEY' is not a CURVE",
        ),
        (
            {"FLOWMACHINE_CURVE_CLIENT_PUBLIC_KEYS": "a"},
            "'FLOWMACHINE_CURVE_SERVER_SECRET_KEY' has to be set",
        ),
    ],
)
def test_keys_that_cannot_be_used_are_named(given: dict[str, str], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        Security.from_settings(EndpointSettings.model_validate(given))
    assert Security.from_settings(EndpointSettings.model_validate({})) is None


# Health


async def test_health_asks_flowdb_and_redis(actions: Actions, settings: ConnectionSettings) -> None:
    assert (await ask(Server(actions), "health"))["msg"] == "healthy"
    for setting, name in (("redis_port", "redis"), ("flowdb_port", "flowdb")):
        engine = make_engine(settings.model_copy(update={setting: free_port()}))
        with ThreadPoolExecutor(2) as executor:
            queries = Queries(engine.states.client, engine.connection.conn_id, threshold=15)
            reply = await ask(Server(Actions(engine, queries, executor)), "health")
        engine.close()
        assert (reply["status"], reply["msg"]) == ("error", f"Not answering: {name}.")
        assert reply["payload"] == {"unwell": [name]}


# Metrics


async def test_metrics_tell_what_happened_and_how_things_are(engine: Engine, actions: Actions) -> None:
    metrics, port = Metrics(engine), free_port()
    server = Server(actions, observer=metrics.note_request)
    with serving(metrics, "127.0.0.1", port):
        for _ in range(2):
            query_id = (await ask(server, "run_query", **SPEC))["payload"]["query_id"]
            while (await ask(server, "poll_query", query_id=query_id))["payload"][
                "query_state"
            ] != "completed":
                await asyncio.sleep(0.02)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as response:
            lines = response.read().decode().splitlines()
    values = {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if line[0] != "#"}
    assert values['flowmachine_cache_requests_total{kind="SpatialAggregate",result="miss"}'] == 1
    assert values['flowmachine_cache_requests_total{kind="SpatialAggregate",result="hit"}'] == 1
    assert values['flowmachine_results_total{kind="SpatialAggregate",outcome="completed"}'] == 1
    assert values['flowmachine_result_seconds_count{kind="SpatialAggregate"}'] == 1
    assert values['flowmachine_requests_total{action="run_query",status="success"}'] == 2
    assert 0 < values["flowmachine_cache_bytes"] < values["flowmachine_cache_limit_bytes"]
    assert values["flowmachine_cache_results"] >= 2
    assert values['flowmachine_pool_size{pool="queries"}'] == 5
    assert values["flowmachine_flowdb_up"] == 1


def test_metrics_tell_what_is_on_its_way(engine: Engine, held_up: sa.Connection) -> None:
    engine.submit(SpatialAggregate(locations=day(1)))
    deadline = time.monotonic() + 20
    counted: dict[tuple[str, str], float] = {}
    while counted.get(("AdminSpatialUnit", "executing")) != 1 and time.monotonic() < deadline:
        metrics = {metric.name: metric for metric in Metrics(engine).registry.collect()}
        samples = metrics["flowmachine_queries"].samples
        counted = {(s.labels["kind"], s.labels["state"]): s.value for s in samples}
    assert counted[("AdminSpatialUnit", "executing")] == counted[("SpatialAggregate", "queued")] == 1


def test_metrics_are_there_without_flowdb(settings: ConnectionSettings) -> None:
    engine = make_engine(settings.model_copy(update={"flowdb_port": free_port()}))
    found = {metric.name: metric.samples for metric in Metrics(engine).registry.collect()}
    engine.close()
    assert found["flowmachine_flowdb_up"][0].value == 0
    assert "flowmachine_cache_bytes" not in found


# The audit trail


async def test_the_audit_trail_is_bounded(actions: Actions, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger=logs.AUDIT_LOG)
    server, long = Server(actions), "x" * 1_000_000
    await ask(server, "run_query", query_kind=long)
    await ask(server, long)
    await server.answer(b"{" + long.encode())
    await ask(server, "poll_query", query_id=long)
    audited = [record.message for record in caplog.records if record.name == logs.AUDIT_LOG]
    assert len(audited) == 6
    assert max(map(len, audited)) < 5 * MAX_CHARACTERS
    rejected = [json.loads(line) for line in audited if "Rejected request." in line]
    assert [line["request"]["characters"] for line in rejected] == [1_000_047, 1_000_001]
    completed = json.loads(audited[-1])
    assert completed["event"] == "Action completed with status: 'error'"
    assert completed["action_request"] == {"request_id": "R", "action": "poll_query"}
    assert completed["reply_payload"]["characters"] > 1_000_000


def test_what_is_short_is_kept_as_it_is() -> None:
    for value in ({"a": [1]}, "text", None):
        assert bounded(value) == value


# Cancelling, dying and stopping


async def test_cancel_query(actions: Actions, held_up: sa.Connection) -> None:
    server = Server(actions)
    query_id = (await ask(server, "run_query", **SPEC))["payload"]["query_id"]
    reply = await ask(server, "cancel_query", query_id=query_id)
    assert reply["payload"] == {"query_id": query_id, "query_state": "cancelled"}
    assert (await ask(server, "poll_query", query_id=query_id))["payload"]["query_state"] == "cancelled"
    again = await ask(server, "cancel_query", query_id=query_id)
    assert (again["status"], again["msg"]) == ("error", f"Query with id '{query_id}' was cancelled.")
    assert (await ask(server, "cancel_query", query_id="x"))["payload"]["query_state"] == "awol"


async def test_a_query_whose_server_died_is_taken_over_by_the_one_that_is_polled(
    actions: Actions, engine: Engine
) -> None:
    queries = Queries(engine.states.client, engine.connection.conn_id, threshold=15)
    known = queries.parse(SPEC)
    queries.register(known)
    dead = States(engine.states.client, engine.connection.conn_id, lease=0.1)
    dead.start = lambda: None
    dead.queue([known.query.query_id])
    await asyncio.sleep(0.3)
    server, seen = Server(actions), set[str]()
    async with asyncio.timeout(30):
        while "completed" not in seen:
            seen.add(await state_of(server, known.query.query_id))
    assert seen <= {"queued", "executing", "completed"}


async def test_a_server_that_stops_starts_nothing_more(actions: Actions, engine: Engine) -> None:
    server = Server(actions)
    actions.stop_accepting()
    reply = await ask(server, "run_query", **SPEC)
    assert (reply["status"], reply["payload"]) == ("error", {"code": "shutting_down"})
    assert (await ask(server, "ping"))["msg"] == "pong"


async def test_registrations_survive_the_loss_of_redis(engine: Engine) -> None:
    queries = Queries(engine.states.client, engine.connection.conn_id, threshold=15)
    known = queries.parse(SPEC)
    queries.register(known)
    engine.states.client.flushall()
    queries.restore()
    elsewhere = Queries(engine.states.client, engine.connection.conn_id, threshold=15)
    found = elsewhere.get(known.query.query_id)
    assert found is not None
    assert found.params == SPEC


class Process:
    """A server as a process of its own."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.port = free_port()
        self.environment = {"PATH": os.environ["PATH"], "FLOWMACHINE_PORT": str(self.port), **environment}
        self.script = Path(sys.executable).parent / "flowmachine"
        self.process = subprocess.Popen([self.script], env=self.environment, stdout=subprocess.DEVNULL)

    def health(self) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.script, "health"],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )

    async def ready(self) -> None:
        while (await asyncio.to_thread(self.health)).returncode:
            assert self.process.poll() is None

    async def ask(self, action: str, **params: Any) -> dict[str, Any]:
        with zmq.asyncio.Context() as context, context.socket(zmq.REQ) as socket:
            socket.linger = 0
            socket.connect(f"tcp://127.0.0.1:{self.port}")
            await socket.send_json({"action": action, "request_id": "R", "params": params})
            return json.loads(await asyncio.wait_for(socket.recv(), timeout=20))


@pytest.fixture
def environment(flowdb_cluster: RunningFlowDB, redis_server: RunningRedis, engine: Engine) -> dict[str, str]:
    return {
        **flowdb_cluster.environment(),
        **redis_server.environment(),
        "FLOWMACHINE_BIND_HOST": "127.0.0.1",
    }


@pytest.fixture
async def start(environment: dict[str, str]) -> AsyncIterator[Callable[..., Awaitable[Process]]]:
    started: list[Process] = []

    async def start(**settings: str) -> Process:
        started.append(Process(environment | settings))
        await started[-1].ready()
        return started[-1]

    yield start
    for server in started:
        server.process.kill()
        server.process.wait()


async def test_sigterm_lets_finish_what_finishes_in_time(
    start, engine: Engine, superuser: sa.Engine, held_up: sa.Connection
) -> None:
    server = await start(FLOWMACHINE_SHUTDOWN_GRACE="20")
    query_id = (await server.ask("run_query", **SPEC))["payload"]["query_id"]
    while (await server.ask("poll_query", query_id=query_id))["payload"]["progress"]["running"] == 0:
        await asyncio.sleep(0.02)
    server.process.send_signal(signal.SIGTERM)
    while (await server.ask("run_query", **SPEC))["payload"].get("code") != "shutting_down":
        await asyncio.sleep(0.02)
    assert (await server.ask("poll_query", query_id=query_id))["payload"]["query_state"] in (
        "queued",
        "executing",
    )
    held_up.rollback()
    assert await asyncio.to_thread(server.process.wait, 20) == 0
    assert len(tables(superuser)) >= 1  # the input that was being made


async def test_sigterm_leaves_to_others_what_does_not_finish_in_time(
    start,
    engine: Engine,
    actions: Actions,
    superuser: sa.Engine,
    held_up: sa.Connection,
) -> None:
    server = await start(FLOWMACHINE_SHUTDOWN_GRACE="0.2")
    query_id = (await server.ask("run_query", **SPEC))["payload"]["query_id"]
    while (await server.ask("poll_query", query_id=query_id))["payload"]["progress"]["running"] == 0:
        await asyncio.sleep(0.02)
    server.process.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(server.process.wait, 20) == 0
    assert engine.states.read([query_id])[0].orphaned
    held_up.rollback()
    here = Server(actions)
    states = set[str]()
    async with asyncio.timeout(30):
        while QueryState.COMPLETED not in states:
            states.add(await state_of(here, query_id))
    assert states <= {"queued", "executing", "completed"}


async def test_health_of_a_secured_server(start, keys: dict[str, str]) -> None:
    name = "FLOWMACHINE_CURVE_SERVER_SECRET_KEY"
    server = await start(**{name: keys[name]})
    del server.environment[name]
    assert server.health().stderr == f"flowmachine: no server answers on port {server.port}.\n"
