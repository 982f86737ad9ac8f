"""The engine that queries of this process run on; set by :func:`flowmachine.connect`."""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from functools import partial
from typing import Any, TypeVar

import redis

from flowmachine.core.connection import Connection
from flowmachine.core.errors import NotConnectedError
from flowmachine.core.execute import Engine
from flowmachine.core.redis_client import decoding
from flowmachine.core.state import States

__all__ = [
    "NotConnectedError", "bind_context", "context", "get_db", "get_engine", "get_executor", "get_redis",
    "set_engine", "submit_to_executor", "use_engine",
]  # fmt: skip

T = TypeVar("T")

# Notebooks run every cell in a context of its own, so what connect() sets must outlive one: a plain default.
_default: list[Engine] = []
_scoped: ContextVar[Engine] = ContextVar("flowmachine_engine")


def get_engine() -> Engine:
    """Return the engine in use.

    Raises
    ------
    NotConnectedError
        Before :func:`flowmachine.connect`.
    """
    engine = _scoped.get(None) or (_default[-1] if _default else None)
    if engine is None:
        raise NotConnectedError("Not connected to FlowDB: call flowmachine.connect() first.")
    return engine


def set_engine(engine: Engine | None) -> Engine | None:
    """Make an engine the one in use, or none; return the one it replaces."""
    previous = _default.pop() if _default else None
    if engine is not None:
        _default.append(engine)
    return previous


@contextmanager
def use_engine(engine: Engine) -> Iterator[None]:
    """Use an engine within a block."""
    token = _scoped.set(engine)
    try:
        yield
    finally:
        _scoped.reset(token)


class _EngineExecutor(Executor):
    """The pool that an engine makes results on; it ends with the engine, not before."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> "Future[T]":
        return self._engine.call(partial(fn, *args, **kwargs))


class _BoundEngine(Engine):
    """An engine on a connection and a Redis of the user's, with an executor of the user's beside its own."""

    def __init__(self, connection: Connection, executor_pool: Executor | None, client: redis.Redis) -> None:
        super().__init__(connection, States(decoding(client), connection.conn_id))
        self.executor_pool = executor_pool


def get_db() -> Connection:
    """Return the connection to FlowDB that is in use; raises as :func:`get_engine` does."""
    return get_engine().connection


def get_redis() -> redis.Redis:
    """Return the client of Redis that is in use, which gives text; raises as :func:`get_engine` does."""
    return get_engine().states.client


def get_executor() -> Executor:
    """Return the executor that work in the background goes to; raises as :func:`get_engine` does.

    It is the pool that results are made on, of ``DB_CONNECTION_POOL_SIZE`` threads, unless
    :func:`bind_context` was given another.
    """
    engine = get_engine()
    return getattr(engine, "executor_pool", None) or _EngineExecutor(engine)


def submit_to_executor(func: Callable[..., T], *args: Any, **kwargs: Any) -> "Future[T]":
    """Run a function in the background, in the caller's context: it sees the same FlowDB and Redis."""
    return get_executor().submit(copy_context().run, func, *args, **kwargs)


def bind_context(connection: Connection, executor_pool: Executor | None, redis_conn: redis.Redis) -> None:
    """Use a FlowDB and a Redis from now on, as :func:`flowmachine.connect` does.

    Parameters
    ----------
    connection : Connection
    executor_pool : concurrent.futures.Executor, optional
        What :func:`submit_to_executor` uses. Results are made on a pool of the engine's own.
    redis_conn : redis.Redis
    """
    set_engine(_BoundEngine(connection, executor_pool, redis_conn))


@contextmanager
def context(
    connection: Connection, executor_pool: Executor | None, redis_conn: redis.Redis
) -> Iterator[None]:
    """Use a FlowDB and a Redis within a block; parameters are those of :func:`bind_context`.

    At its end queries that still run are cancelled, and pooled connections closed; the connection and
    the executor can be used again.
    """
    engine = _BoundEngine(connection, executor_pool, redis_conn)
    try:
        with use_engine(engine):
            yield
    finally:
        engine.close()
