"""A FlowMachine server, published or ours, on a FlowDB and a Redis of its own, and what it answers."""

import contextlib
import datetime as dt
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import sqlalchemy as sa
import zmq

from flowdb.testing import RunningFlowDB, RunningRedis, free_port, running_redis

Spec = dict[str, Any]
CHECKOUT = Path(__file__).resolve().parents[3]
PUBLISHED = CHECKOUT / "integration_tests" / "reference_flowmachine" / ".venv" / "bin" / "flowmachine"
OURS = Path(sys.executable).parent / "flowmachine"
SECONDS_TO_START = 60
SECONDS_TO_AN_END = 600
SECONDS_TO_A_REPLY = 300
_ON_ITS_WAY = ("queued", "executing", "resetting", "known")


@attrs.frozen
class Answer:
    """What became of a spec.

    Attributes
    ----------
    state : str
        ``completed``, ``errored`` while running, ``refused`` in validation, or ``failed`` for anything else.
    query_id : str or None
    columns, rows : list
        Of a completed query, with JSON's types.
    messages : dict
        What validation found, or the server's reply.
    alone : bool
        Whether the server knew no other spec with this id.
    """

    state: str
    query_id: str | None = None
    columns: list[str] = attrs.Factory(list)
    rows: list[list[Any]] = attrs.Factory(list)
    messages: dict[str, Any] = attrs.Factory(dict)
    alone: bool = False


@attrs.frozen
class Server:
    """A running server."""

    address: str
    database: sa.Engine
    program: Path
    environment: dict[str, str]

    def ask(self, action: str, **params: Any) -> dict[str, Any]:
        """Return the server's reply to an action."""
        with zmq.Context.instance().socket(zmq.REQ) as socket:
            socket.linger = 0
            socket.connect(self.address)
            socket.send_json({"action": action, "request_id": "parity", "params": params})
            if not socket.poll(SECONDS_TO_A_REPLY * 1000):
                raise TimeoutError(f"No reply to {action} from {self.address}.")
            reply: dict[str, Any] = json.loads(socket.recv())
            return reply

    def answer(self, spec: Spec) -> Answer:
        """Run a query to its end, and read its rows."""
        accepted = self.ask("run_query", **spec)
        if accepted["status"] != "success":
            found = accepted["payload"].get("validation_error_messages")
            if found is not None:
                return Answer("refused", messages=found)
            return Answer("failed", messages={"msg": accepted["msg"], **_without_spec(accepted["payload"])})
        query_id = accepted["payload"]["query_id"]
        deadline, pause = time.monotonic() + SECONDS_TO_AN_END, 0.1
        while True:
            reply = self.ask("poll_query", query_id=query_id)
            state = reply["payload"]["query_state"]
            if state not in _ON_ITS_WAY:
                break
            if time.monotonic() > deadline:
                return Answer(
                    "failed", query_id, messages={"msg": f"still {state} after {SECONDS_TO_AN_END} s"}
                )
            # Being asked costs the published release as much as making the query.
            time.sleep(pause)
            pause = min(2 * pause, 5)
        if state != "completed":
            return Answer(state, query_id, messages={"msg": reply["msg"]})
        reply = self.ask("get_sql_for_query_result", query_id=query_id)
        if reply["status"] != "success":
            return Answer("failed", query_id, messages={"msg": reply["msg"], **reply["payload"]})
        with self.database.connect() as connection:
            found = connection.exec_driver_sql(reply["payload"]["sql"].replace("%", "%%"))
            columns = list(found.keys())
            rows = [[_plain(value) for value in row] for row in found]
        return Answer("completed", query_id, columns, rows)

    def stored_subset(self) -> str:
        """Store a query of subscribers beside the server, and return its id."""
        return self.analyse("storing.py")

    def analyse(self, script: str, *arguments: str) -> str:
        """Run a script of this package as an analyst of the release would; return the last line it prints."""
        command = [self.program.with_name("python"), Path(__file__).with_name(script), *arguments]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{script} failed: {done.stderr[-2000:]}")
        return done.stdout.splitlines()[-1]

    def kinds(self) -> set[str]:
        """Return every kind of query that the server knows, nested ones too."""
        schemas = self.ask("get_query_schemas")["payload"]["query_schemas"]
        found = (schema.get("properties", {}).get("query_kind", {}) for schema in schemas.values())
        return {kind for each in found for kind in each.get("enum", ())}


def _without_spec(payload: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in payload.items() if name != "params"}


def _plain(value: Any) -> Any:
    match value:
        case dt.datetime() if value.tzinfo is not None:
            return value.astimezone(dt.UTC).replace(tzinfo=None).isoformat()
        case dt.date() | dt.datetime():
            return value.isoformat()
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case list() | tuple():
            return [_plain(item) for item in value]
    return value


def engine(flowdb: RunningFlowDB, role: str) -> sa.Engine:
    """Return an engine on the database, as one of its roles."""
    url = flowdb.dsn(role).replace("postgresql://", "postgresql+psycopg2://")
    return sa.create_engine(url, poolclass=sa.NullPool)


@contextlib.contextmanager
def running_server(program: Path, flowdb: RunningFlowDB, log: Path, *, in_parts: bool) -> Iterator[Server]:
    """Run a server, with an empty Redis, until the end of the block.

    Parameters
    ----------
    program : pathlib.Path
    flowdb : RunningFlowDB
    log : pathlib.Path
    in_parts : bool
        Whether it stores what queries are made of.
    """
    port = free_port()
    with running_redis() as redis, log.open("ab") as output:
        environment = _environment(flowdb, redis, port, in_parts)
        process = subprocess.Popen([program], env=environment, stdout=output, stderr=subprocess.STDOUT)
        database = engine(flowdb, "flowmachine")
        server = Server(f"tcp://127.0.0.1:{port}", database, program, environment)
        try:
            _wait_for(server, process)
            yield server
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _environment(flowdb: RunningFlowDB, redis: RunningRedis, port: int, in_parts: bool) -> dict[str, str]:
    names = ("FLOWDB_HOST", "FLOWDB_PORT", "FLOWMACHINE_FLOWDB_USER", "FLOWMACHINE_FLOWDB_PASSWORD")
    known = flowdb.environment()
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(flowdb.data_directory.parent),
        **{name: known[name] for name in names},
        **redis.environment(),
        "FLOWMACHINE_PORT": str(port),
        "FLOWMACHINE_BIND_HOST": "127.0.0.1",
        "FLOWMACHINE_LOG_LEVEL": "error",
        "FLOWMACHINE_SERVER_DISABLE_DEPENDENCY_CACHING": str(not in_parts).lower(),
        "FLOWMACHINE_SERVER_THREADPOOL_SIZE": "12",
        "DB_CONNECTION_POOL_SIZE": "8",
        "DB_CONNECTION_POOL_OVERFLOW": "12",
    }


def _wait_for(server: Server, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    with zmq.Context.instance().socket(zmq.REQ) as socket:
        socket.linger = 0
        socket.connect(server.address)
        socket.send_json({"action": "ping", "request_id": "parity"})
        while not socket.poll(200):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("The server did not start; its log says why.")
