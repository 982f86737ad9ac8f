"""The pieces of a run: the tasks it consists of, how far they are, and why one failed."""

import threading
from concurrent.futures import Future

import attrs
from sqlalchemy.exc import DBAPIError

from flowmachine.core.errors import QueryErroredError
from flowmachine.core.plan import Step
from flowmachine.core.query import Query


@attrs.frozen
class Progress:
    """How far a run is: results still to be stored, of those waiting, and of those being made."""

    eligible: int = 0
    queued: int = 0
    running: int = 0


class Task:
    """A step on its way: it starts when its last input is done."""

    def __init__(self, step: Step) -> None:
        self.step = step
        self.query_id = step.query.query_id
        self.done: Future[None] = Future()
        self.running = False
        self.waited = False
        self._open_inputs = len(step.inputs)
        self._lock = threading.Lock()

    def input_done(self) -> bool:
        """Note that an input is done; tell whether it was the last one."""
        with self._lock:
            self._open_inputs -= 1
            return self._open_inputs == 0


@attrs.frozen
class Run:
    """A submitted query.

    Parameters
    ----------
    query : Query
    future : concurrent.futures.Future
        Gives the query when it is stored, or raises what went wrong.
    """

    query: Query
    future: Future[Query]
    _tasks: tuple[Task, ...]

    def progress(self) -> Progress:
        """Count the results still to be stored; the count never rises."""
        left = [task for task in self._tasks if not task.done.done()]
        running = sum(task.running for task in left)
        return Progress(eligible=len(left), queued=len(left) - running, running=running)


def cause_of(error: BaseException) -> str:
    """Say what went wrong in words that hold no row of data: databases put values into their details."""
    if isinstance(error, DBAPIError):
        message = getattr(getattr(error.orig, "diag", None), "message_primary", None)
        return message or f"FlowDB is not available ({type(error.orig).__name__})"
    return error.cause if isinstance(error, QueryErroredError) else f"{error}" or type(error).__name__


def resolved(query: Query) -> "Future[Query]":
    """Return a future that gives a query at once."""
    future: Future[Query] = Future()
    future.set_result(query)
    return future


def pass_on(future: "Future[Query]", query: Query, done: "Future[None]") -> None:
    """End the future of a query as the last of its tasks has ended."""
    if (error := done.exception()) is None:
        future.set_result(query)
    else:
        future.set_exception(error)
