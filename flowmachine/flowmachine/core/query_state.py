"""The state of one query, to look at, wait for and change."""

import threading
import weakref
from enum import StrEnum

import redis

from flowmachine.core.redis_client import decoding
from flowmachine.core.state import QueryState as QueryState
from flowmachine.core.state import States

__all__ = ["QueryEvent", "QueryState", "QueryStateMachine"]


class QueryEvent(StrEnum):
    """What can happen to a query."""

    QUEUE = "queue"
    EXECUTE = "execute"
    FINISH = "finish"
    CANCEL = "cancel"
    RESET = "reset"
    FINISH_RESET = "finish_resetting"
    ERROR = "error"


# One for each Redis and database of this process, so that what one machine queued another may execute.
_shared: "weakref.WeakKeyDictionary[redis.Redis, dict[str, States]]" = weakref.WeakKeyDictionary()
_lock = threading.Lock()


def _states(client: redis.Redis, db_id: str) -> States:
    with _lock:
        known = _shared.setdefault(client, {})
        if db_id not in known:
            known[db_id] = States(decoding(client), db_id)
        return known[db_id]


class QueryStateMachine:
    """The state of one query in Redis.

    It tells what Redis knows. Whether a result is stored is told by FlowDB: ask ``query.is_stored``.

    Parameters
    ----------
    redis_client : redis.Redis
    query_id : str
    db_id : str
        The ``conn_id`` of the connection to the query's FlowDB.
    """

    def __init__(self, redis_client: redis.Redis, query_id: str, db_id: str) -> None:
        self.query_id = query_id
        self._states = _states(redis_client, db_id)

    @property
    def current_query_state(self) -> QueryState:
        """The state at this moment."""
        return self._states.read([self.query_id])[0].state

    def trigger_event(self, event: QueryEvent | str) -> tuple[QueryState, bool]:
        """Let an event happen; return the state after it, and whether it had an effect."""
        changed = self._states.trigger(QueryEvent(event), self.query_id)
        return self.current_query_state, changed

    def enqueue(self) -> tuple[QueryState, bool]:
        """Queue the query, unless somebody is at work on it or it is completed."""
        return self.trigger_event(QueryEvent.QUEUE)

    def execute(self) -> tuple[QueryState, bool]:
        """Take the query, which this process queued, into execution."""
        return self.trigger_event(QueryEvent.EXECUTE)

    def finish(self) -> tuple[QueryState, bool]:
        """Note that the query is completed."""
        return self.trigger_event(QueryEvent.FINISH)

    def raise_error(self) -> tuple[QueryState, bool]:
        """Note that the query errored."""
        return self.trigger_event(QueryEvent.ERROR)

    def cancel(self) -> tuple[QueryState, bool]:
        """Cancel the query; the process that runs it stops its statement."""
        return self.trigger_event(QueryEvent.CANCEL)

    def reset(self) -> tuple[QueryState, bool]:
        """Begin to reset a query that has ended."""
        return self.trigger_event(QueryEvent.RESET)

    def finish_resetting(self) -> tuple[QueryState, bool]:
        """Note that the query has been reset."""
        return self.trigger_event(QueryEvent.FINISH_RESET)

    def wait_until_complete(self, sleep_duration: float = 1) -> None:
        """Return when nobody is at work on the query any more.

        Parameters
        ----------
        sleep_duration : float
            Not used: whoever waits is woken.
        """
        while self.current_query_state.in_flight:
            ended = threading.Event()
            self._states.watch(self.query_id, ended.set)
            ended.wait()

    def _is(self, *states: QueryState) -> bool:
        return self.current_query_state in states

    @property
    def is_known(self) -> bool:
        """Whether the query has not been run, or has been reset."""
        return self._is(QueryState.KNOWN)

    @property
    def is_queued(self) -> bool:
        """Whether the query is queued."""
        return self._is(QueryState.QUEUED)

    @property
    def is_executing(self) -> bool:
        """Whether the query is being executed."""
        return self._is(QueryState.EXECUTING)

    @property
    def is_completed(self) -> bool:
        """Whether the query is completed."""
        return self._is(QueryState.COMPLETED)

    @property
    def is_errored(self) -> bool:
        """Whether the query errored."""
        return self._is(QueryState.ERRORED)

    @property
    def is_cancelled(self) -> bool:
        """Whether the query was cancelled."""
        return self._is(QueryState.CANCELLED)

    @property
    def is_resetting(self) -> bool:
        """Whether the query is being reset."""
        return self._is(QueryState.RESETTING)

    @property
    def is_finished_executing(self) -> bool:
        """Whether the query is completed or errored."""
        return self._is(QueryState.COMPLETED, QueryState.ERRORED)
