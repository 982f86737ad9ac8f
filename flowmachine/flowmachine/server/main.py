"""The console script ``flowmachine``: serve, or ask a running server whether it is well."""

import argparse
import asyncio
import contextlib
import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor

import redis
import sqlalchemy as sa
import zmq
from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_exponential

from flowkit_jwt_generator.settings import SettingsError, load_settings
from flowmachine.core import logs
from flowmachine.core.connect import make_engine
from flowmachine.core.execute import Engine
from flowmachine.core.settings import ServerSettings
from flowmachine.server.actions import Actions
from flowmachine.server.queries import Queries
from flowmachine.server.transport import Server

log = logs.debug_log(__name__)


def _waiting(retry: RetryCallState) -> None:
    error = retry.outcome.exception() if retry.outcome else None
    who = "Redis" if isinstance(error, redis.RedisError) else "FlowDB"
    # A warning, so that it can be read at most levels; what is waited for is what an operator wants to know.
    log.warning(
        "Waiting for a service.", service=who, attempt=retry.attempt_number, error=type(error).__name__
    )


def wait_until_ready(engine: Engine) -> None:
    """Return when FlowDB and Redis answer; tries again with growing pauses, at most 10 seconds."""
    patiently = Retrying(
        retry=retry_if_exception_type((sa.exc.OperationalError, sa.exc.ProgrammingError, redis.RedisError)),
        wait=wait_exponential(multiplier=0.2, max=10),
        before_sleep=_waiting,
    )
    patiently(lambda: engine.connection.available_dates)
    patiently(lambda: engine.states.read(["0" * 32]))


async def _serve(server: Server, address: str) -> None:
    task = asyncio.ensure_future(server.serve(address))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await task


def serve(settings: ServerSettings) -> None:
    """Serve until told to stop."""
    logs.set_up(settings.log_level)
    engine = make_engine(settings, store_dependencies=not settings.disable_dependency_caching)
    wait_until_ready(engine)
    threads = settings.thread_pool_size or 5 * (os.cpu_count() or 1)
    with ThreadPoolExecutor(threads, thread_name_prefix="action") as executor:
        queries = Queries(engine.states.client, engine.connection.conn_id, settings.redaction_threshold)
        server = Server(Actions(engine, queries, executor))
        try:
            asyncio.run(_serve(server, f"tcp://{settings.host}:{settings.port}"), debug=settings.debug_mode)
        finally:
            engine.close()


def healthy(port: int, timeout_ms: int = 5000) -> bool:
    """Tell whether the server at a local port answers a ping."""
    with zmq.Context() as context, context.socket(zmq.REQ) as socket:
        socket.linger = 0
        socket.connect(f"tcp://127.0.0.1:{port}")
        socket.send_json({"action": "ping", "request_id": "health"})
        return bool(socket.poll(timeout_ms)) and b'"success"' in socket.recv()


def main() -> None:
    """Run the console script."""
    parser = argparse.ArgumentParser(prog="flowmachine", description="The FlowMachine server.")
    parser.add_argument(
        "command",
        nargs="?",
        default="serve",
        choices=("serve", "health"),
        help="serve (default), or exit 0 if the server on this host answers",
    )
    command = parser.parse_args().command
    try:
        settings = load_settings(ServerSettings)
    except SettingsError as error:
        sys.exit(f"flowmachine: {error}")
    if command == "health":
        sys.exit(0 if healthy(settings.port) else 1)
    serve(settings)
