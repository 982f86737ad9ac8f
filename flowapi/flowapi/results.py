"""Result rows from FlowDB to the client, without ever holding more than a batch of them.

A response begins only when the first batch is there, so that whatever goes wrong before has a status
of its own. What goes wrong later breaks the response off: it must never end as if it were whole.
"""

import re
from collections.abc import AsyncIterator
from typing import Any, Self
from urllib.parse import quote

import asyncpg
from quart import Response, request

from flowapi.database import ResultDatabase, answer_errors
from flowapi.encoders import Encoder, MakeEncoder
from flowapi.logs import debug_log

FIRST_BATCH_ROWS = 100
MAX_BATCH_ROWS = 10_000
CHUNK_BYTES = 256 * 1024


class BrokenResultError(Exception):
    """A result could not be sent to its end; the server has to break the response off."""


class ResultStream:
    """The parts of a response body, each made of the rows of one batch.

    Use `open` to make one. It is an asynchronous iterator, and has to be closed.
    """

    def __init__(self, database: ResultDatabase, connection: asyncpg.pool.PoolConnectionProxy) -> None:
        self._database = database
        self._connection: asyncpg.pool.PoolConnectionProxy | None = connection
        self._transaction: Any = connection.transaction(readonly=True)
        self._cursor: Any = None
        self._encoder: Encoder
        self._batch: list[asyncpg.Record] = []
        self._batch_rows = FIRST_BATCH_ROWS
        self._chunks = self._encoded()
        self._failed = False

    @classmethod
    async def open(cls, database: ResultDatabase, sql: str, make_encoder: MakeEncoder) -> Self:
        """Start reading, and wait for the first batch.

        Parameters
        ----------
        database
            Where the rows come from.
        sql
            The statement that reads them, as FlowMachine gave it.
        make_encoder
            Makes the encoder, once the columns are known.

        Raises
        ------
        ApiError
            503 or 504 if FlowDB is away or slow, 404 if the stored result is gone.
        """
        stream = cls(database, await database.acquire())
        try:
            with answer_errors(database.timeout):
                await stream._start(sql, make_encoder)
        except BaseException:
            stream._failed = True
            await stream.aclose()
            raise
        return stream

    async def _start(self, sql: str, make_encoder: MakeEncoder) -> None:
        assert self._connection is not None  # noqa: S101  just taken
        await self._transaction.start()
        statement = await self._connection.prepare(sql, timeout=self._database.timeout)
        self._encoder = make_encoder(statement.get_attributes())
        self._cursor = await statement.cursor(timeout=self._database.timeout)
        await self._fetch()

    @property
    def content_type(self) -> str:
        """Media type of the body."""
        return self._encoder.content_type

    async def _fetch(self) -> None:
        self._batch = await self._cursor.fetch(self._batch_rows, timeout=self._database.timeout)

    async def _encoded(self) -> AsyncIterator[bytes]:
        yield self._encoder.head()
        while self._batch:
            chunk = self._encoder.rows(self._batch)
            complete = len(self._batch) < self._batch_rows
            # Rows may be numbers or the borders of a country; aim at chunks of equal size.
            rows = len(self._batch) * CHUNK_BYTES // len(chunk) if chunk else MAX_BATCH_ROWS
            self._batch, self._batch_rows = [], max(1, min(rows, MAX_BATCH_ROWS))
            if chunk:
                yield chunk
            if not complete:
                await self._fetch()
        await self.aclose()
        yield self._encoder.tail()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        try:
            return await anext(self._chunks)
        except StopAsyncIteration:
            raise
        except Exception as error:  # noqa: BLE001  whatever it was, the body must not end as if whole
            self._failed = True
            # The error's own text may quote values of rows, which belong in no log.
            debug_log().error("Result broken off", error=type(error).__name__)
            raise BrokenResultError("The result could not be sent to its end.") from None
        except BaseException:
            # The client has gone, possibly while FlowDB was computing.
            self._failed = True
            raise

    async def aclose(self) -> None:
        """Give the connection back; may be called more than once."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            if self._failed:
                # Whatever state it is in, it is not one to hand to the next request.
                connection.terminate()
            else:
                await self._transaction.rollback()
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            connection.terminate()
        finally:
            await self._database.release(connection)


def attachment(name: str) -> str:
    """Return the Content-Disposition for a file name, quoted where it holds more than plain characters."""
    if re.fullmatch(r"[A-Za-z0-9._-]+", name):
        return f"attachment;filename={name}"
    plain = re.sub(r"[^A-Za-z0-9._ -]", "_", name)
    return f"attachment;filename=\"{plain}\";filename*=UTF-8''{quote(name, safe='')}"


async def stream_response(
    database: ResultDatabase, sql: str, make_encoder: MakeEncoder, file_name: str
) -> Response:
    """Make the response that streams a result."""
    stream = await ResultStream.open(database, sql, make_encoder)
    # The connection that serves this request closes the stream, whatever becomes of the response.
    request.scope["flowapi.closing"].push_async_callback(stream.aclose)  # type: ignore[typeddict-item]
    response = Response(
        b"" if request.method == "HEAD" else stream,
        content_type=stream.content_type,
        headers={"Content-Disposition": attachment(file_name)},
    )
    if request.method == "HEAD":
        del response.headers["Content-Length"]
    response.timeout = None
    return response
