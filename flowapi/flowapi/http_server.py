"""How FlowAPI is connected to its HTTP server: streams that are always closed, and really broken off."""

import asyncio
import contextlib
from contextlib import AsyncExitStack
from typing import Any

import h2.errors
import h2.exceptions
import hypercorn.protocol
from hypercorn.protocol.events import EndBody, EndData, StreamClosed, Trailers
from hypercorn.protocol.events import Event as StreamEvent
from hypercorn.protocol.h2 import H2Protocol
from quart import Response, request
from quart.asgi import ASGIHTTPConnection
from quart.wrappers import Request
from werkzeug.exceptions import HTTPException

from flowapi import metrics
from flowapi.audit import Account

# A refusal does not need the body; this much of it is waited for so that the connection can be kept.
MAX_UNREAD_BODY = 65_536
UNREAD_BODY_SECONDS = 1.0


class ClientStalledError(Exception):
    """A client has taken nothing of its response for too long."""


class HttpConnection(ASGIHTTPConnection):
    """Serves one request, and closes whatever its response reads from, however the response ends."""

    async def handle_request(self, request: Request, send: Any) -> None:
        """Serve the request."""
        services = self.app.extensions["flowapi"]
        limit = services.settings.client_timeout
        account = Account(request.method)

        async def send_in_time(message: Any) -> None:
            if request.method == "HEAD" and "body" in message:
                message = {**message, "body": b""}
            # A download may take as long as it likes, but holds a connection to FlowDB only as
            # long as somebody reads it.
            try:
                async with asyncio.timeout(limit):
                    await send(message)
            except TimeoutError:
                raise ClientStalledError(f"The client took nothing for {limit:g} seconds.") from None
            account.sent(message)

        outcome = "broken_off"
        try:
            services.running.enter()
            with metrics.in_progress():
                async with AsyncExitStack() as closing:
                    self.scope["flowapi.closing"] = closing  # type: ignore[typeddict-unknown-key]
                    self.scope["flowapi.account"] = account  # type: ignore[typeddict-unknown-key]
                    await super().handle_request(request, send_in_time)
        except (asyncio.CancelledError, ClientStalledError):
            outcome = "stopped" if services.running.stopped else "client_left"
            raise
        finally:
            account.close(outcome)


async def finish_request(response: Response) -> None:
    """Read what the application left of the request's body, or tell the client that the connection ends.

    HTTP/1.1 cannot use a connection again before the body is read: Hypercorn closes it without a word if the
    answer comes first, and the client's next request on it fails.
    """
    if request.content_length is None and "Transfer-Encoding" not in request.headers:
        return
    if (request.content_length or 0) <= MAX_UNREAD_BODY:
        with contextlib.suppress(TimeoutError, HTTPException):
            async with asyncio.timeout(UNREAD_BODY_SECONDS):
                await request.get_data()
            return
    if request.http_version.startswith("1"):
        response.headers["Connection"] = "close"


class BreakingH2Protocol(H2Protocol):
    """HTTP/2 that resets a stream whose application failed after the response began.

    Hypercorn forgets such a stream without telling the client, which then waits for ever. (In HTTP/1.1
    it closes the connection, which is right.)
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._ended: set[int] = set()

    async def stream_send(self, event: StreamEvent) -> None:
        """Pass an event of a stream on to the connection."""
        if isinstance(event, EndBody | EndData | Trailers):
            self._ended.add(event.stream_id)
        elif isinstance(event, StreamClosed):
            if event.stream_id not in self._ended:
                await self._break(event.stream_id)
            self._ended.discard(event.stream_id)
        await super().stream_send(event)

    async def _break(self, stream_id: int) -> None:
        try:
            self.connection.reset_stream(stream_id, error_code=h2.errors.ErrorCodes.INTERNAL_ERROR)
        except h2.exceptions.ProtocolError:
            return  # The client was first.
        await self._flush()
        await self._window_updated(stream_id)


def break_failed_http2_streams() -> None:
    """Make Hypercorn use `BreakingH2Protocol` in this process."""
    hypercorn.protocol.H2Protocol = BreakingH2Protocol  # type: ignore[misc]
