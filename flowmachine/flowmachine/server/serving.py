"""A server from its start to its end: wait for what it needs, serve, and stop without losing a query."""

import asyncio
import contextlib
import gc
import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor

import redis
import sqlalchemy as sa
from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_exponential

from flowmachine.core import logs
from flowmachine.core.connect import make_engine
from flowmachine.core.execute import Engine
from flowmachine.core.settings import ServerSettings
from flowmachine.server.actions import Actions
from flowmachine.server.cache_cleanup import watch_and_shrink_cache
from flowmachine.server.metrics import Metrics, serving
from flowmachine.server.queries import Queries
from flowmachine.server.security import Security
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
    patiently(engine.connection.check_version)
    patiently(lambda: engine.states.read(["0" * 32]))
    patiently(engine.reconcile)


async def _serve(
    server: Server, actions: Actions, engine: Engine, settings: ServerSettings, executor: ThreadPoolExecutor
) -> None:
    loop = asyncio.get_running_loop()
    serving_requests = asyncio.ensure_future(server.serve(f"tcp://{settings.host}:{settings.port}"))
    pruning = asyncio.ensure_future(
        watch_and_shrink_cache(
            flowdb_connection=engine.connection,
            pool=executor,
            sleep_time=settings.cache_pruning_frequency,
            timeout=settings.cache_pruning_timeout,
        )
    )
    stopping = asyncio.Event()

    def stop() -> None:
        if stopping.is_set():  # told twice: in a hurry
            serving_requests.cancel()
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    told = asyncio.ensure_future(stopping.wait())
    await asyncio.wait({serving_requests, told}, return_when=asyncio.FIRST_COMPLETED)
    pruning.cancel()
    told.cancel()
    if not serving_requests.done():
        log.info("Stopping: no more queries are started.", grace=settings.shutdown_grace)
        actions.stop_accepting()
        # Polls are answered meanwhile, so that clients see the end of what ends in time.
        drained = loop.run_in_executor(executor, engine.drain, settings.shutdown_grace)
        await asyncio.wait({serving_requests, drained}, return_when=asyncio.FIRST_COMPLETED)
        serving_requests.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await serving_requests


def _keep_answering() -> None:
    """Keep the pauses short that one thread, or the collection of garbage, imposes on all others.

    Without this a ping waits for tenths of a second while thousands of queries are planned: each of its
    steps waits for 5 ms of the planning, and a full collection looks at everything that is alive.
    """
    sys.setswitchinterval(0.0005)
    gc.collect()
    gc.freeze()  # modules and settings stay anyway
    gc.set_threshold(700, 10, 1000)


def serve(settings: ServerSettings) -> None:
    """Serve until told to stop.

    Raises
    ------
    SettingsError
        If a key is not one.
    OldFlowDBError
        If FlowDB is older than this FlowMachine works with.
    """
    security = Security.from_settings(settings)
    logs.set_up(settings.log_level)
    engine = make_engine(settings, store_dependencies=not settings.disable_dependency_caching)
    try:
        wait_until_ready(engine)
        engine.states.start()
        _keep_answering()
        threads = settings.thread_pool_size or 5 * (os.cpu_count() or 1)
        queries = Queries(engine.states.client, engine.connection.conn_id, settings.redaction_threshold)
        engine.states.on_loss.append(queries.restore)
        with contextlib.ExitStack() as stack:
            executor = stack.enter_context(ThreadPoolExecutor(threads, thread_name_prefix="action"))
            observer = None
            if settings.metrics_port is not None:
                metrics = Metrics(engine)
                observer = metrics.note_request
                stack.enter_context(serving(metrics, settings.metrics_host, settings.metrics_port))
            actions = Actions(engine, queries, executor)
            server = Server(actions, security, observer)
            asyncio.run(_serve(server, actions, engine, settings, executor), debug=settings.debug_mode)
    finally:
        engine.close()
