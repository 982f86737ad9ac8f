"""Connecting to FlowDB and Redis."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flowkit_jwt_generator.settings import load_settings
from flowmachine.core import logs
from flowmachine.core.connection import Connection
from flowmachine.core.context import set_engine, use_engine
from flowmachine.core.execute import Engine
from flowmachine.core.redis_client import make_client
from flowmachine.core.settings import ConnectionSettings, EngineSettings
from flowmachine.core.state import States


def make_connection(settings: ConnectionSettings) -> Connection:
    """Return the FlowDB of the settings; opens nothing until it is used."""
    return Connection(
        host=settings.flowdb_host,
        port=settings.flowdb_port,
        user=settings.flowdb_user,
        password=settings.flowdb_password.get_secret_value(),
        pool_size=settings.flowdb_connection_pool_size,
        overflow=settings.flowdb_connection_pool_overflow,
    )


def make_engine(settings: ConnectionSettings, *, store_dependencies: bool = True) -> Engine:
    """Connect an engine to the FlowDB and Redis of the settings; opens nothing until it is used."""
    return engine_on(make_connection(settings), settings, store_dependencies=store_dependencies)


def engine_on(connection: Connection, settings: EngineSettings, *, store_dependencies: bool = True) -> Engine:
    """Connect an engine to a FlowDB and the Redis of the settings; opens nothing until it is used."""
    client = make_client(settings.redis_host, settings.redis_port, settings.redis_password.get_secret_value())
    states = States(client, connection.conn_id, lease=settings.lease)
    return Engine(connection, states, store_dependencies=store_dependencies)


def _engine_from(given: dict[str, Any]) -> Engine:
    known = {name: value for name, value in given.items() if value is not None}
    connection = known.pop("conn", None)
    if connection is not None:
        settings = load_settings(EngineSettings, **_of_engine(known))
        logs.set_up(settings.log_level)
        return engine_on(connection, settings)
    found = load_settings(ConnectionSettings, **known)
    logs.set_up(found.log_level)
    return make_engine(found)


def _of_engine(given: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters without those of FlowDB, which a connection overrides."""
    return {name: value for name, value in given.items() if name in EngineSettings.model_fields}


def connect(
    *,
    flowdb_host: str | None = None,
    flowdb_port: int | None = None,
    flowdb_user: str | None = None,
    flowdb_password: str | None = None,
    flowdb_connection_pool_size: int | None = None,
    flowdb_connection_pool_overflow: int | None = None,
    redis_host: str | None = None,
    redis_port: int | None = None,
    redis_password: str | None = None,
    log_level: str | None = None,
    conn: Connection | None = None,
) -> None:
    """Connect FlowMachine to FlowDB and Redis, for queries of this process from now on.

    Parameters not given are read from secrets, then from the environment (``FLOWDB_HOST``,
    ``FLOWDB_PORT``, ``FLOWMACHINE_FLOWDB_USER``, ``FLOWMACHINE_FLOWDB_PASSWORD``,
    ``DB_CONNECTION_POOL_SIZE``, ``DB_CONNECTION_POOL_OVERFLOW``, ``REDIS_HOST``, ``REDIS_PORT``,
    ``REDIS_PASSWORD``, ``FLOWMACHINE_LOG_LEVEL``). With ``conn``, a
    :class:`~flowmachine.core.connection.Connection`, those of FlowDB are not needed, and not looked at.

    Raises
    ------
    flowkit_jwt_generator.settings.SettingsError
        Naming each setting that is missing.
    sqlalchemy.exc.OperationalError
        If FlowDB cannot be reached.
    flowmachine.core.errors.OldFlowDBError
        If FlowDB is older than this FlowMachine works with.
    """
    engine = _engine_from(dict(locals()))
    try:
        engine.connection.check_version()  # one round trip, so that a wrong address is told here
    except Exception:
        engine.close()
        raise
    if set_engine(engine) is not None:
        warnings.warn("FlowMachine was connected already; the new connection replaces it.", stacklevel=2)


def disconnect() -> None:
    """Close what :func:`connect` opened; does nothing when not connected."""
    engine = set_engine(None)
    if engine is not None:
        engine.close()


@contextmanager
def connections(**parameters: Any) -> Iterator[None]:
    """Connect within a ``with`` block; takes the parameters of :func:`connect`."""
    engine = _engine_from(parameters)
    try:
        with use_engine(engine):
            yield
    finally:
        engine.close()
