"""Requests to FlowMachine over ZeroMQ, each with a deadline."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
import zmq
import zmq.asyncio

from flowapi.errors import ApiError, timed_out, unavailable

SERVICE = "FlowMachine"
UNAVAILABLE = "flowmachine_unavailable"
TIMEOUT = "flowmachine_timeout"

# While waiting for a reply, how often to look whether the connection still stands.
_LIVENESS_SECONDS = 0.5
_HEARTBEAT_MILLISECONDS = 5_000


@dataclass(frozen=True)
class Reply:
    """FlowMachine's answer to one action."""

    status: str
    msg: str = ""
    payload: dict[str, Any] = field(default_factory=dict)

    @property
    def succeeded(self) -> bool:
        """Whether the action was done."""
        return self.status == "success"

    @property
    def query_state(self) -> str | None:
        """State of the query the action was about, if FlowMachine says it."""
        state = self.payload.get("query_state")
        return state if isinstance(state, str) else None

    def required(self, key: str) -> Any:
        """Return a member of the payload that this action's success has to have."""
        try:
            return self.payload[key]
        except KeyError:
            raise _unexpected(f"its reply lacks '{key}'") from None


def _unexpected(what: str) -> ApiError:
    return ApiError(500, f"Unexpected reply from FlowMachine: {what}.", "unexpected_reply", status="error")


def flowmachine_error(reply: Reply) -> ApiError:
    """Answer an error of FlowMachine that is not the caller's."""
    return ApiError(500, reply.msg, "flowmachine_error", status="error")


def _parse(message: bytes) -> Reply:
    try:
        reply = orjson.loads(message)
        return Reply(
            status=str(reply["status"]),
            msg=str(reply.get("msg") or ""),
            payload=dict(reply.get("payload") or {}),
        )
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise _unexpected("not a reply at all") from error


async def _ready(socket: zmq.asyncio.Socket, event: int, seconds: float) -> bool:
    """Wait until a socket can be written or read."""
    poll: Any = socket.poll  # The published type of this method lacks its parameters.
    return bool(await poll(int(seconds * 1000), event))


@dataclass(frozen=True)
class CurveKeys:
    """Keys that encrypt the connection and say who is at each end of it."""

    server_public: str
    client_secret: str = field(repr=False)

    def apply(self, socket: zmq.asyncio.Socket) -> None:
        """Make a socket talk to the server with that key only, and show it the client's."""
        socket.set(zmq.CURVE_SERVERKEY, self.server_public.encode())
        socket.set(zmq.CURVE_SECRETKEY, self.client_secret.encode())
        socket.set(zmq.CURVE_PUBLICKEY, zmq.curve_public(self.client_secret.encode()))


class FlowMachineClient:
    """Sends actions to one FlowMachine server.

    Parameters
    ----------
    host, port
        The server's ZeroMQ endpoint.
    timeout
        Seconds to wait for a reply; then the request is answered with 504.
    connect_timeout
        Seconds to wait for a connection; then the request is answered with 503.
    max_in_flight
        Requests at the same time; further ones wait for their turn until their deadline.
    curve
        Keys, if the server asks for them.

    Notes
    -----
    Replies do not say which request they belong to, therefore a socket carries one request at a time.
    A socket whose request failed is thrown away, so that a late reply cannot be taken for that of the
    next request; the others are kept and used again.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        timeout: float,
        connect_timeout: float = 3.0,
        max_in_flight: int = 128,
        curve: CurveKeys | None = None,
    ) -> None:
        self._curve = curve
        self._endpoint = f"tcp://{host}:{port}"
        self._timeout = timeout
        self._connect_timeout = connect_timeout
        self._slots = asyncio.Semaphore(max_in_flight)
        self._context: zmq.asyncio.Context | None = None
        self._idle: list[zmq.asyncio.Socket] = []

    async def request(
        self,
        action: str,
        params: Mapping[str, Any] | None = None,
        *,
        request_id: str,
        timeout: float | None = None,
    ) -> Reply:
        """Send an action and wait for FlowMachine's reply, which may be an error.

        Raises
        ------
        ApiError
            503 if there is no connection, or it was lost; 504 if the reply did not come in time.
        """
        envelope: dict[str, Any] = {"request_id": request_id, "action": action}
        if params is not None:
            envelope["params"] = params
        seconds = self._timeout if timeout is None else timeout
        # Shorter than the deadline, so that a server that is away is told from one that is slow.
        connecting = min(self._connect_timeout, seconds / 2)
        try:
            async with asyncio.timeout(seconds), self._slots:
                return _parse(await self._exchange(orjson.dumps(envelope), connecting))
        except TimeoutError:
            raise timed_out(SERVICE, TIMEOUT, seconds) from None

    async def _exchange(self, message: bytes, connecting: float) -> bytes:
        socket = self._idle.pop() if self._idle else self._connect()
        try:
            reply = await self._converse(socket, message, connecting)
        except BaseException:
            socket.close(linger=0)
            raise
        self._idle.append(socket)
        return reply

    async def _converse(self, socket: zmq.asyncio.Socket, message: bytes, connecting: float) -> bytes:
        if not await _ready(socket, zmq.POLLOUT, connecting):
            raise unavailable(SERVICE, UNAVAILABLE, "no connection.")
        await socket.send_multipart([b"", message])
        while not await _ready(socket, zmq.POLLIN, _LIVENESS_SECONDS):
            if not int(socket.get(zmq.EVENTS)) & (zmq.POLLOUT | zmq.POLLIN):
                raise unavailable(SERVICE, UNAVAILABLE, "the connection was lost before it answered.")
        frames = await socket.recv_multipart()
        return frames[-1]

    def _connect(self) -> zmq.asyncio.Socket:
        if self._context is None:
            self._context = zmq.asyncio.Context()
        socket = self._context.socket(zmq.DEALER)
        # Without IMMEDIATE a message to a server that is away would be queued and look sent.
        socket.set(zmq.IMMEDIATE, 1)
        socket.set(zmq.LINGER, 0)
        socket.set(zmq.HEARTBEAT_IVL, _HEARTBEAT_MILLISECONDS)
        socket.set(zmq.RECONNECT_IVL_MAX, 1_000)
        if self._curve is not None:
            self._curve.apply(socket)
        socket.connect(self._endpoint)
        return socket

    def close(self) -> None:
        """Close every connection."""
        self._idle.clear()
        if self._context is not None:
            self._context.destroy(linger=0)
            self._context = None
