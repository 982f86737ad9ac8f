"""FlowAPI's connections to FlowDB."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg

from flowapi.errors import ApiError, timed_out, unavailable

SERVICE = "FlowDB"
UNAVAILABLE = "flowdb_unavailable"
TIMEOUT = "flowdb_timeout"

CONNECT_SECONDS = 5.0

# These types go to the client as the text PostgreSQL makes of them (numerics with all their digits).
TEXT_TYPES = ("interval", "json", "jsonb", "numeric", "uuid")

_AWAY = (
    OSError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
)


def _same(text: str) -> str:
    return text


async def _prepare_connection(connection: asyncpg.Connection) -> None:
    for name in TEXT_TYPES:
        await connection.set_type_codec(
            name, schema="pg_catalog", encoder=_same, decoder=_same, format="text"
        )


@contextmanager
def answer_errors(seconds: float) -> Iterator[None]:
    """Turn what goes wrong between FlowAPI and FlowDB into answers: 503 if it is away, 504 if it is slow.

    Parameters
    ----------
    seconds
        The time limit that applies inside, for the text of the answer.
    """
    try:
        yield
    except TimeoutError:
        raise timed_out(SERVICE, TIMEOUT, seconds) from None
    except asyncpg.UndefinedTableError:
        raise ApiError(
            404,
            "The result is no longer stored. Run the query again.",
            "result_not_stored",
            status="Error",
        ) from None
    except _AWAY as error:
        raise unavailable(SERVICE, UNAVAILABLE, f"{type(error).__name__}.") from error
    except asyncpg.PostgresError as error:
        # PostgreSQL's own text may quote values of rows that the caller must not see.
        raise ApiError(
            500,
            f"FlowDB could not read the result: {type(error).__name__}.",
            "result_not_readable",
            status="Error",
        ) from None


class ResultDatabase:
    """A pool of read-only connections, opened when they are needed.

    Because none is opened before, FlowAPI starts while FlowDB is away, and recovers when it is back.

    Parameters
    ----------
    host, port, user, password
        Where FlowDB is, and as whom to read.
    connections
        The most connections to have at a time; each running download holds one.
    timeout
        Seconds to wait for a free connection, and for each batch of rows.
    """

    def __init__(
        self, *, host: str, port: int, user: str, password: str, connections: int, timeout: float
    ) -> None:
        self.timeout = timeout
        self._arguments: dict[str, Any] = {"host": host, "port": port, "user": user, "password": password}
        self._connections = connections
        self._pool: asyncpg.Pool | None = None
        self._opening = asyncio.Lock()

    async def _open_pool(self) -> asyncpg.Pool:
        async with self._opening:
            if self._pool is None:
                self._pool = await asyncpg.create_pool(
                    **self._arguments,
                    database="flowdb",
                    min_size=0,
                    max_size=self._connections,
                    timeout=CONNECT_SECONDS,
                    # A cached plan would outlive the table that it reads.
                    statement_cache_size=0,
                    init=_prepare_connection,
                    server_settings={
                        "application_name": "flowapi",
                        "default_transaction_read_only": "on",
                        "intervalstyle": "iso_8601",
                        "jit": "off",
                        "timezone": "UTC",
                    },
                )
            return self._pool

    async def acquire(self) -> asyncpg.pool.PoolConnectionProxy:
        """Take a connection out of the pool; give it back with `release`.

        Raises
        ------
        ApiError
            503 if FlowDB is away or every connection is in use.
        """
        seconds = min(self.timeout, 2 * CONNECT_SECONDS)
        try:
            with answer_errors(seconds):
                pool = await self._open_pool()
                # The pool may be full of downloads, which end in their own time.
                return await pool.acquire(timeout=seconds)
        except ApiError as error:
            if error.code != TIMEOUT:
                raise
            raise unavailable(SERVICE, UNAVAILABLE, f"no connection within {seconds:g} seconds.") from None

    async def release(self, connection: asyncpg.pool.PoolConnectionProxy) -> None:
        """Give a connection back."""
        if self._pool is not None:
            await self._pool.release(connection)

    async def ping(self) -> None:
        """Ask FlowDB for nothing.

        Raises
        ------
        ApiError
            503 or 504 if it does not answer.
        """
        connection = await self.acquire()
        try:
            with answer_errors(CONNECT_SECONDS):
                await connection.execute("SELECT", timeout=CONNECT_SECONDS)
        finally:
            await self.release(connection)

    async def close(self) -> None:
        """Close every connection, also those in use."""
        if self._pool is not None:
            self._pool.terminate()
            self._pool = None
