"""The engine: queries are submitted, looked at, cancelled and read here."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, wait
from contextvars import copy_context
from functools import partial
from typing import Any, TypeVar

import attrs

from flowmachine.core import catalogue, eviction, logs
from flowmachine.core.connection import Connection
from flowmachine.core.errors import QueryResetFailedError, UnstorableQueryError
from flowmachine.core.ledger import OWED, Ledger
from flowmachine.core.plan import Plan
from flowmachine.core.query import Query
from flowmachine.core.reading import Reader
from flowmachine.core.scheduler import Scheduler
from flowmachine.core.state import QueryState, Record, States
from flowmachine.core.task import Ending, Outcome, Run, cause_of, pass_on, resolved

T = TypeVar("T")

log = logs.debug_log(__name__)

_PATIENCE = 2
"""Seconds for which whoever cancels waits until FlowDB remembers it."""


class Engine(Reader):
    """Plans queries, runs the plans, and reads results.

    Parameters
    ----------
    connection : Connection
    states : States
    store_dependencies : bool, default True
        Whether reusable inputs are stored on the way.

    Attributes
    ----------
    ledger : Ledger
        The queries that servers have accepted.
    scheduler : Scheduler
        What this process is to make.
    observers : list of callables
        Each is called with the :class:`~flowmachine.core.task.Ending` of every result asked for.
    """

    def __init__(self, connection: Connection, states: States, *, store_dependencies: bool = True) -> None:
        super().__init__(connection)
        self.states = states
        self.ledger = Ledger(connection)
        self.scheduler = Scheduler(connection, states, self.ledger)
        self.observers = self.scheduler.observers
        self._store_dependencies = store_dependencies
        states.on_cancel = self.scheduler.cancelled
        states.on_loss.append(self._restore)

    def _restore(self) -> None:
        with self.connection.lookups.connect() as connection:
            stored = catalogue.stored_ids(connection)
        self.states.adopt(sorted(stored))

    def reconcile(self) -> None:
        """Make the catalogue whole and Redis agree with it; for the start of a server."""
        strays = eviction.remove_strays(self.connection.lookups)
        if strays:
            log.warning("Removed results whose row or table was missing.", count=len(strays))
        self._restore()
        self.ledger.read("")  # warns at once if there is none

    def call(self, function: Callable[..., T], *args: Any) -> "Future[T]":
        """Run a function on the pool, in the caller's context."""
        return self.scheduler.pool.submit(copy_context().run, function, *args)

    def submit(
        self, query: Query, *, store_dependencies: bool | None = None, request: str | None = None
    ) -> Run:
        """Plan a query and start what is not stored yet; returns as soon as it is queued.

        Parameters
        ----------
        query : Query
        store_dependencies : bool, optional
            Decides for this query what the engine decides for all.
        request : str, optional
            What a client asked for, as JSON: FlowDB then knows, before this returns, that the query is owed
            to somebody, until it has ended.

        Raises
        ------
        MissingDateError, ValueError
            If FlowDB cannot answer the query.
        UnstorableQueryError
            If its kind is never stored.
        """
        if not query.storable:
            raise UnstorableQueryError(f"{type(query).__name__} is never stored; store what uses it.")
        reuse = self._store_dependencies if store_dependencies is None else store_dependencies
        plan = Plan(query, ()) if query.trivial else self.scheduler.plan(query, store_dependencies=reuse)
        if not plan.steps:
            if request is not None:
                self.ledger.know(query.query_id, request)
            self.states.adopt([query.query_id])
            self.scheduler.tell(Ending(query, Outcome.HIT))
            return Run(query, resolved(query), ())
        self.scheduler.tell(Ending(query, Outcome.MISS))
        # Before anything starts, so that no end of it comes first.
        accepted = None if request is None else self.ledger.accept(query.query_id, request)
        tasks = self.scheduler.enlist(plan.steps, store_dependencies=reuse, accepted=accepted)
        tasks[-1].wanted = True
        future: Future[Query] = Future()
        tasks[-1].done.add_done_callback(partial(pass_on, future, query))
        return Run(query, future, tasks)

    def cancel(self, query_id: str) -> bool:
        """Cancel a query that is queued or executing, here or in another process, and its statement.

        Whoever waits for it gets a :class:`~flowmachine.core.errors.QueryCancelledError`. Inputs that
        are made for it alone are given up.

        Returns
        -------
        bool
            Whether it was queued or executing.
        """
        cancelled = self.states.cancel(query_id)
        if cancelled:
            remembered = self.ledger.end(query_id, QueryState.CANCELLED)
            self.scheduler.stop(query_id)
            wait([remembered], timeout=_PATIENCE)
        return cancelled

    def refuse(self, query_id: str, error: Exception) -> None:
        """Let an accepted query that nobody is at work on end in an error: it can no longer be planned."""
        wait([self.ledger.end(query_id, QueryState.ERRORED, cause_of(error))], timeout=_PATIENCE)
        self.states.fail(query_id, cause_of(error))

    def invalidate(self, query: Query, *, cascade: bool = True, drop: bool = True) -> None:
        """Drop a stored result and, with ``cascade``, what was made from it, all or nothing.

        A query that errored or was cancelled is merely known again.

        Raises
        ------
        QueryResetFailedError
            If it, or what was made from it, is being made or read; nothing is changed then.
        """
        if query.trivial:
            return
        if self.states.read([query.query_id])[0].state.in_flight:
            raise QueryResetFailedError(query.query_id, "it is being made. Wait for it, or cancel it.")
        gone = eviction.invalidate(self.connection.lookups, query.query_id, cascade=cascade, drop=drop)
        ids = {query.query_id, *gone}
        self.ledger.reset(ids)
        for query_id in ids:
            if self.states.reset(query_id):
                self.states.finish_resetting(query_id)

    def counts(self) -> Counter[tuple[str, QueryState]]:
        """Count, by class and state, the results that this process is to make or is making."""
        return self.scheduler.counts()

    def record(self, query: Query) -> Record:
        """Return the state of a query; what Redis does not know is for FlowDB to say."""
        record = self.states.read([query.query_id])[0]
        if record.state not in (QueryState.KNOWN, QueryState.COMPLETED):
            return record
        if query.trivial:
            ready = record.state is QueryState.COMPLETED or self.ledger.read(query.query_id)
            return Record(QueryState.COMPLETED) if ready else record
        if self.scheduler.has(query.query_id):  # its owner has died, and this process will take it over
            return Record(QueryState.QUEUED)
        if self.is_stored(query.query_id):
            return attrs.evolve(record, state=QueryState.COMPLETED)
        return self._remembered(query.query_id, record)

    def _remembered(self, query_id: str, record: Record) -> Record:
        """Return the state of a query of which Redis knows no end and that is not stored."""
        entry = self.ledger.read(query_id)
        known = attrs.evolve(record, state=QueryState.KNOWN)
        if entry is None:
            return known
        if entry.state == OWED:
            if record.orphaned or record.state is QueryState.COMPLETED:
                return attrs.evolve(known, orphaned=True)
            # Whoever accepted it may be alive, and about to tell Redis. If not, its lease will run out.
            self.states.presume(query_id)
            return Record(QueryState.QUEUED)
        if entry.state in (QueryState.ERRORED, QueryState.CANCELLED):
            return Record(QueryState(entry.state), entry.cause)
        # Completed: between the two looks, unless it has been dropped since.
        return attrs.evolve(known, state=QueryState.COMPLETED) if self.is_stored(query_id) else known

    def drain(self, grace: float) -> None:
        """Start nothing more, and let what runs finish, at most for some seconds."""
        self.scheduler.drain(grace)

    def close(self) -> None:
        """Cancel what runs and give up what waits, so that others can take it over; close the connections."""
        self.scheduler.close()
        self.states.close()
        self.ledger.close()
        self._pins.close()
        self.connection.close()
