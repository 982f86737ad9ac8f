"""The pieces of a run: the tasks it consists of, how far they are, and why one failed."""

import threading
import time
from concurrent.futures import Future
from datetime import datetime
from enum import StrEnum

import attrs
from sqlalchemy.exc import DBAPIError

from flowmachine.core.errors import QueryCancelledError, QueryErroredError
from flowmachine.core.plan import Step
from flowmachine.core.query import Query


@attrs.frozen
class Progress:
    """How far a run is: results still to be stored, of those waiting, and of those being made."""

    eligible: int = 0
    queued: int = 0
    running: int = 0


class Outcome(StrEnum):
    """How a result that was asked for came about, or did not.

    Every query submitted is a hit, if it is stored, or a miss; what is made then ends in one of the others.
    """

    HIT = "hit"
    MISS = "miss"
    COMPLETED = "completed"
    ERRORED = "errored"
    CANCELLED = "cancelled"

    @classmethod
    def of(cls, error: BaseException | None) -> "Outcome":
        """Return the outcome of a task that ended so."""
        if error is None:
            return cls.COMPLETED
        return cls.CANCELLED if isinstance(error, QueryCancelledError) else cls.ERRORED


@attrs.frozen
class Ending:
    """The end of a result's making: the query, the outcome, and seconds since it was planned."""

    query: Query
    outcome: Outcome
    seconds: float = 0

    @property
    def kind(self) -> str:
        """The class of the query, or of what it releases."""
        return kind_of(self.query)


def kind_of(query: Query) -> str:
    """Return the class of a query; of one that only redacts another, the class of the other."""
    return type(getattr(query, "target", query)).__name__


class Task:
    """A step on its way: it starts when its last input is done.

    Attributes
    ----------
    done : concurrent.futures.Future
        Ends with the task.
    inputs, users : list of Task
        The tasks that it waits for, and those that wait for it.
    wanted : bool
        Whether somebody submitted the query itself, not only what is made from it.
    claimed : bool
        Whether this process has taken it into execution.
    running : bool
        Whether its statement is running.
    cancelled : bool
        Whether it is to be stored no more.
    given_up : bool
        Whether it was cancelled only because nobody seemed to need it.
    accepted : datetime, optional
        When a server accepted the query, as the ledger has it.
    store_dependencies : bool
        Whether reusable inputs are stored on the way, should it be planned again.
    """

    def __init__(self, step: Step, *, store_dependencies: bool = True) -> None:
        self.step = step
        self.query_id = step.query.query_id
        self.done: Future[None] = Future()
        self.inputs: list[Task] = []
        self.users: list[Task] = []
        self.wanted = False
        self.claimed = False
        self.running = False
        self.cancelled = False
        self.given_up = False
        self.accepted: datetime | None = None
        self.store_dependencies = store_dependencies
        self.plans_made = 1
        self.started = time.monotonic()
        self._open_inputs = 0
        self._ended = False
        self._lock = threading.Lock()

    def needs(self, inputs: "list[Task]") -> None:
        """Set the tasks that this one waits for."""
        self.inputs = inputs
        self._open_inputs = len(inputs)
        for other in inputs:
            other.users.append(self)

    def input_done(self, plan: int) -> bool:
        """Note that an input of a plan is done; tell whether it was the last one of the current plan."""
        with self._lock:
            if plan != self.plans_made:
                return False
            self._open_inputs -= 1
            return self._open_inputs == 0

    def discard(self, plan: int) -> bool:
        """Make a plan void, whose inputs count no more; tell whether it was the current one."""
        with self._lock:
            if plan != self.plans_made:
                return False
            self.plans_made += 1
            return True

    def end(self, error: BaseException | None = None) -> bool:
        """End the task, once; tell whether this call did."""
        with self._lock:
            ended, self._ended = self._ended, True
        if ended:
            return False
        if error is None:
            self.done.set_result(None)
        else:
            self.done.set_exception(error)
        return True

    @property
    def needed(self) -> bool:
        """Whether anybody still waits for the result."""
        return self.wanted or any(not user.done.done() and not user.cancelled for user in self.users)


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
