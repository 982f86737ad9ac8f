"""Connections that are refused, told in the log: not each, since clients try again every second."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

import zmq
import zmq.asyncio
from zmq.utils.monitor import recv_monitor_message

from flowmachine.core import logs

log = logs.debug_log(__name__)

SECONDS_BETWEEN = 60.0
"""How long the same refusal is not told again."""

_FAILED = {
    zmq.Event.HANDSHAKE_FAILED_PROTOCOL: "it speaks without keys, or to a server with another key",
    zmq.Event.HANDSHAKE_FAILED_NO_DETAIL: "it broke off while keys were exchanged",
}


class Refusals:
    """What has been refused, by reason.

    Parameters
    ----------
    between : float
        Seconds for which the same reason is only counted after it was told.
    """

    def __init__(self, between: float = SECONDS_BETWEEN) -> None:
        self._between = between
        self._told: dict[str, float] = {}
        self._untold: dict[str, int] = {}

    def note(self, reason: str) -> None:
        """Tell of a refusal, with how many there have been since it was told last; or only count it."""
        self._untold[reason] = self._untold.get(reason, 0) + 1
        if time.monotonic() - self._told.get(reason, -self._between) >= self._between:
            log.warning("Refused a connection.", reason=reason, times=self._untold.pop(reason))
            self._told[reason] = time.monotonic()

    @contextlib.asynccontextmanager
    async def watching(self, socket: zmq.asyncio.Socket) -> AsyncIterator[None]:
        """Within the block, note the connections that fail for want of the right keys."""
        events = zmq.Event(0)
        for event in _FAILED:
            events |= event
        monitor = socket.get_monitor_socket(events)
        watcher = asyncio.ensure_future(self._watch(monitor))
        try:
            yield
        finally:
            watcher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watcher
            socket.disable_monitor()
            monitor.close()

    async def _watch(self, monitor: zmq.asyncio.Socket) -> None:
        while True:
            message = await recv_monitor_message(monitor)
            self.note(_FAILED[zmq.Event(message["event"])])
