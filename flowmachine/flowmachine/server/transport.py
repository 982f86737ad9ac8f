"""The ZeroMQ side: a ROUTER socket, every message a task, nothing a client sends ends the server."""

import asyncio
import inspect
import time
from collections.abc import Callable

import redis
import sqlalchemy as sa
import structlog
import zmq
import zmq.asyncio

from flowmachine.core import logs
from flowmachine.server.actions import Actions
from flowmachine.server.audit import bounded
from flowmachine.server.envelope import ActionRequest, Reply, RequestError, decode
from flowmachine.server.security import Security, guarded

log = logs.debug_log(__name__)
audit = logs.audit_log()


MAX_MESSAGE_BYTES = 64 * 1024 * 1024
"""What is larger is refused by the socket, before it takes memory."""

Observer = Callable[[str, str, float], None]

_NO_REPLY = Reply("error", "Could not get reply for message")


class Server:
    """Receives requests, has them answered and sends the replies.

    Parameters
    ----------
    actions : Actions
    security : Security, optional
        Without it, whoever reaches the address is answered, and nothing is encrypted.
    observer : callable, optional
        Called with the action, the status of the reply and the seconds that it took.
    """

    def __init__(
        self, actions: Actions, security: Security | None = None, observer: Observer | None = None
    ) -> None:
        self._actions = actions
        self._security = security
        self._observer = observer
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self, address: str) -> None:
        """Answer requests at an address until cancelled."""
        with (
            zmq.asyncio.Context() as context,
            guarded(context, self._security),
            context.socket(zmq.ROUTER) as socket,
        ):
            socket.linger = 1000
            socket.maxmsgsize = MAX_MESSAGE_BYTES
            if self._security is not None:
                self._security.protect(socket)
            socket.bind(address)
            log.info("Listening.", address=address, curve=self._security is not None)
            if self._security is None:
                await self._receive(socket)
            else:
                async with self._security.refusals.watching(socket):
                    await self._receive(socket)

    async def _receive(self, socket: zmq.asyncio.Socket) -> None:
        while True:
            frames = await socket.recv_multipart()
            if len(frames) != 3 or frames[1]:
                log.error("Ignoring a message that is not identity, empty frame, body.", frames=len(frames))
                continue
            task = asyncio.create_task(self._respond(socket, frames[0], frames[2]))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _respond(self, socket: zmq.asyncio.Socket, identity: bytes, message: bytes) -> None:
        try:
            reply = (await self.answer(message)).encode()
        except Exception:  # a client must never wait for a reply that does not come
            log.exception("A request could not be answered.")
            reply = _NO_REPLY.encode()
        await socket.send_multipart([identity, b"", reply])

    async def answer(self, message: bytes) -> Reply:
        """Return the reply to a message; whatever goes wrong becomes an error reply."""
        try:
            request = decode(message, list(self._actions.handlers))
        except RequestError as error:
            audit.warning(
                "Rejected request.",
                reply_msg=bounded(error.reply.msg),
                request=bounded(message.decode(errors="replace")),
            )
            return error.reply
        context = {"request_id": bounded(request.request_id), "action": request.action}
        params = bounded(request.params)
        started = time.monotonic()
        with structlog.contextvars.bound_contextvars(action_request=context):
            audit.info(f"Attempting to perform action: '{request.action}'", params=params)
            reply = await self._perform(request)
            audit.info(
                f"Action completed with status: '{reply.status}'",
                params=params,
                reply_status=reply.status,
                reply_msg=bounded(reply.msg),
                reply_payload=bounded(reply.payload),
            )
        if self._observer is not None:
            self._observer(request.action, reply.status, time.monotonic() - started)
        return reply

    async def _perform(self, request: ActionRequest) -> Reply:
        handler = self._actions.handlers[request.action]
        try:
            inspect.signature(handler).bind(**request.params)
        except TypeError:
            return Reply(
                "error",
                "Internal flowmachine server error: wrong arguments passed to handler for action "
                f"'{request.action}'.",
            )
        try:
            return await handler(**request.params)
        except RequestError as error:
            return error.reply
        except sa.exc.OperationalError as error:
            log.error("FlowDB is not reachable.", error=type(error.orig).__name__)
            return Reply("error", "FlowDB is not reachable.", {"code": "flowdb_unavailable"})
        except redis.RedisError as error:
            log.error("Redis is not reachable.", error=type(error).__name__)
            return Reply("error", "Redis is not reachable.", {"code": "redis_unavailable"})
        except Exception:
            log.exception("An action failed.")
            return _NO_REPLY
