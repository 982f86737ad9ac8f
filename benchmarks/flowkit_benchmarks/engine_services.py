"""FlowMachine servers with a FlowDB and a Redis of their own, and what they are asked and watched with."""

import json
import os
import re
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import zmq
from redis import Redis

from flowdb.database import connect
from flowdb.results import forget_results
from flowdb.testing import RunningRedis, free_port, running_redis
from flowkit_benchmarks.synthetic_data import Server, server

Spec = dict[str, Any]

START_SECONDS = 60
REPLY_SECONDS = 600


class Client:
    """A client of one FlowMachine server.

    Parameters
    ----------
    address
        Where the server listens.
    """

    def __init__(self, address: str) -> None:
        self._socket: zmq.Socket[bytes] = zmq.Context.instance().socket(zmq.REQ)
        self._socket.setsockopt(zmq.LINGER, 0)
        self._socket.connect(address)

    def ask(self, action: str, **params: Any) -> dict[str, Any]:
        """Return the payload of the reply to a request."""
        self._socket.send_json({"action": action, "request_id": "benchmark", "params": params})
        if not self._socket.poll(1000 * REPLY_SECONDS):
            raise click.ClickException(f"FlowMachine did not answer {action!r} in {REPLY_SECONDS} seconds.")
        reply = json.loads(self._socket.recv())
        if reply["status"] != "success":
            raise click.ClickException(f"FlowMachine refused {action!r}: {reply['msg'][:500]}")
        payload: dict[str, Any] = reply["payload"]
        return payload

    def seconds(self, action: str, **params: Any) -> float:
        """Return how long a request takes."""
        started = time.perf_counter()
        self.ask(action, **params)
        return time.perf_counter() - started

    def start(self, spec: Spec) -> str:
        """Submit a query; return its id."""
        return str(self.ask("run_query", **spec)["query_id"])

    def ended(self, query_id: str) -> bool:
        """Tell whether a query is completed."""
        payload = self.ask("poll_query", query_id=query_id)
        state = payload["query_state"]
        if state not in ("queued", "executing", "completed"):
            raise click.ClickException(f"A query ended as {state}: {payload.get('error', '')}")
        return bool(state == "completed")

    def complete(self, spec: Spec, pause: float = 0.001) -> str:
        """Run a query until it is completed, polling with a pause; return its id."""
        query_id = self.start(spec)
        while not self.ended(query_id):
            time.sleep(pause)
        return query_id

    def close(self) -> None:
        """End the connection."""
        self._socket.close()


@contextmanager
def connected(address: str) -> Iterator[Client]:
    """Yield a client, and end its connection."""
    client = Client(address)
    try:
        yield client
    finally:
        client.close()


@dataclass
class Traffic:
    """How often Redis did something: for a client, or for a script."""

    sent: int = 0
    in_scripts: int = 0


_MONITORED = re.compile(r"^\S+ \[\d+ (?P<source>[^\]]+)\]")


@dataclass(frozen=True)
class Services:
    """What runs.

    Attributes
    ----------
    flowdb
        The database.
    redis
        The Redis.
    addresses
        Where the FlowMachine servers listen.
    """

    flowdb: Server
    redis: RunningRedis
    addresses: list[str] = field(default_factory=list)

    def forget_results(self) -> None:
        """Drop every stored result."""
        with connect(self.flowdb.settings) as connection:
            forget_results(connection)

    def statements(self) -> int:
        """Count the statements that FlowMachine has sent; what functions do within is not counted."""
        with connect(self.flowdb.settings) as connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT coalesce(sum(calls), 0) FROM pg_stat_statements "
                "INNER JOIN pg_roles ON pg_roles.oid = userid WHERE toplevel AND rolname = 'flowmachine'"
            )
            (count,) = cursor.fetchone() or (0,)
        return int(count)

    def redis_client(self) -> Redis:
        """Return a client of the Redis."""
        return Redis(
            host=self.redis.host, port=self.redis.port, password=self.redis.password, decode_responses=True
        )

    @contextmanager
    def redis_traffic(self) -> Iterator[Traffic]:
        """Count the commands of the block; the difference of ``INFO commandstats`` gives their sum.

        That sum does not tell commands that a client sent from those of scripts, so they are listened to.
        """
        traffic, end = Traffic(), f"end of {time.time_ns()}"
        with self.redis_client() as client, self.redis_client() as other, client.monitor() as monitor:

            def listen() -> None:
                while end not in (line := monitor.connection.read_response()):
                    found = _MONITORED.match(line)
                    if found and found["source"] == "lua":
                        traffic.in_scripts += 1
                    elif found:
                        traffic.sent += 1

            listening = threading.Thread(target=listen, daemon=True)
            listening.start()
            try:
                yield traffic
            finally:
                other.echo(end)
                listening.join(timeout=10)


@contextmanager
def _flowmachine(executable: Path, environment: dict[str, str], log: Path) -> Iterator[str]:
    port = free_port()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [executable, "serve"],
            env=environment | {"FLOWMACHINE_PORT": str(port), "FLOWMACHINE_BIND_HOST": "127.0.0.1"},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_for(process, executable, environment | {"FLOWMACHINE_PORT": str(port)}, log)
            yield f"tcp://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait_for(
    process: "subprocess.Popen[bytes]", executable: Path, environment: dict[str, str], log: Path
) -> None:
    deadline = time.monotonic() + START_SECONDS
    while subprocess.run([executable, "health"], env=environment, capture_output=True).returncode:
        if process.poll() is not None or time.monotonic() > deadline:
            raise click.ClickException(
                f"FlowMachine did not start: {log.read_text(errors='replace')[-2000:]}"
            )
        time.sleep(0.2)


@contextmanager
def services(executable: Path, directory: Path | None, servers: int) -> Iterator[Services]:
    """Start a FlowDB with the default, durable configuration, a Redis and servers; end and remove all."""
    with ExitStack() as stack:
        flowdb = stack.enter_context(server(directory))
        running = Services(flowdb, stack.enter_context(running_redis()))
        logs = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="flowmachine-bench-")))
        environment = flowdb.environment | running.redis.environment() | {"PATH": os.environ["PATH"]}
        for number in range(servers):
            log = logs / f"{number}.log"
            running.addresses.append(stack.enter_context(_flowmachine(executable, environment, log)))
        yield running
