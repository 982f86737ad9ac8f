"""Stopping: downloads in progress get their time, and no more than that."""

import asyncio
import multiprocessing
import signal
from typing import Any

import hypercorn.asyncio.run
from hypercorn.asyncio.worker_context import EventWrapper, WorkerContext


class RunningRequests:
    """The requests that one process is answering, so that they can be ended when it has to stop.

    Attributes
    ----------
    stopped
        Whether what was left was told to end.
    """

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        self.stopped = False

    def enter(self) -> None:
        """Count the current task among them until it ends."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  requests are served by tasks
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def stop(self) -> None:
        """End them; whatever their clients have is then not whole, and the connection says so."""
        self.stopped = True
        for task in list(self._tasks):
            task.cancel()


class _Terminated(EventWrapper):
    """Hypercorn's event that a worker takes no more connections; ends what is left after a time."""

    def __init__(self, running: RunningRequests, grace: float) -> None:
        super().__init__()
        self._running = running
        self._grace = grace

    async def set(self) -> None:
        """Begin to stop."""
        if not self.is_set():
            asyncio.get_running_loop().call_later(self._grace, self._running.stop)
        await super().set()


def stop_gracefully(running: RunningRequests, grace: float) -> None:
    """Make Hypercorn end this process's requests, once it stops, after so many seconds at the latest.

    Hypercorn leaves that to `asyncio.Server.wait_closed`, which since Python 3.12 waits without limit.
    """

    class Context(WorkerContext):
        def __init__(self, max_requests: int | None) -> None:
            super().__init__(max_requests)
            self.terminated = _Terminated(running, grace)

    hypercorn.asyncio.run.WorkerContext = Context  # type: ignore[misc]
    if multiprocessing.parent_process() is not None:
        # One of several workers: they are told to stop by an event. As soon as one of them has stopped
        # Hypercorn sends the others this signal, which would cut their downloads off.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
