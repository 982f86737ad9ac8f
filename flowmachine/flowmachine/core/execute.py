"""Running plans: each step when its inputs are done, side by side on a pool, nothing waiting by sleeping."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa

from flowmachine.core import catalogue, ddl, logs, sql
from flowmachine.core.connection import Connection
from flowmachine.core.errors import (
    QueryCancelledError,
    QueryErroredError,
    UnknownQueryError,
    UnstorableQueryError,
)
from flowmachine.core.facts import Facts
from flowmachine.core.plan import Statement, Step, compile_query, make_plan, survey
from flowmachine.core.query import Query
from flowmachine.core.state import QueryState, Record, States
from flowmachine.core.task import Run, Task, cause_of, pass_on, resolved

if TYPE_CHECKING:
    import pandas as pd

T = TypeVar("T")

log = logs.debug_log(__name__)

OWNER_ROLE = "flowmachine"


class Engine:
    """Plans queries and runs the plans.

    Parameters
    ----------
    connection : Connection
    states : States
    store_dependencies : bool, default True
        Whether reusable inputs are stored on the way.
    """

    def __init__(self, connection: Connection, states: States, *, store_dependencies: bool = True) -> None:
        self.connection = connection
        self.states = states
        self._store_dependencies = store_dependencies
        self._pool = ThreadPoolExecutor(connection.pool_size, thread_name_prefix="query")
        self._tasks: dict[str, Task] = {}
        self._running: set[Any] = set()
        self._closing = False
        self._lock = threading.Lock()

    def call(self, function: Callable[..., T], *args: Any) -> "Future[T]":
        """Run a function on the pool, in the caller's context."""
        return self._pool.submit(copy_context().run, function, *args)

    def invalidate(self, query: Query, *, cascade: bool = True, drop: bool = True) -> None:
        """Drop a stored result and, with ``cascade``, what was made from it, all or nothing."""
        from flowmachine.core.invalidation import invalidate

        if not query.trivial:
            invalidate(self, query.query_id, cascade=cascade, drop=drop)

    def submit(self, query: Query, *, store_dependencies: bool | None = None) -> Run:
        """Plan a query and start what is not stored yet; returns as soon as it is queued.

        ``store_dependencies`` decides for this query what the engine decides for all.

        Raises
        ------
        MissingDateError, ValueError
            If FlowDB cannot answer the query.
        UnstorableQueryError
            If its kind is never stored.
        """
        if not query.storable:
            raise UnstorableQueryError(f"{type(query).__name__} is never stored; store what uses it.")
        if query.trivial:
            self.states.finish(query.query_id)
            return Run(query, resolved(query), ())
        with self.connection.lookups.connect() as connection:
            facts, _ = survey(connection, query)
        reusable = self._store_dependencies if store_dependencies is None else store_dependencies
        plan = make_plan(query, facts, store_dependencies=reusable)
        if not plan.steps:
            self.states.finish(query.query_id)
            return Run(query, resolved(query), ())
        with self._lock:
            new = [Task(step) for step in plan.steps if step.query.query_id not in self._tasks]
            self._tasks.update((task.query_id, task) for task in new)
            tasks = tuple(self._tasks[step.query.query_id] for step in plan.steps)
        try:
            self._queue([task.query_id for task in new])
        except BaseException as error:
            for task in new:  # nothing would start them: whoever asks next must find them new
                self._end(task, error)
            raise
        future: Future[Query] = Future()
        tasks[-1].done.add_done_callback(partial(pass_on, future, query))
        by_id = {task.query_id: task for task in tasks}
        for task in new:
            self._start_when_ready(task, [by_id[query_id] for query_id in task.step.inputs])
        return Run(query, future, tasks)

    def _queue(self, query_ids: Sequence[str]) -> None:
        """Queue results; one that was completed meanwhile stays so unless its table has gone since."""
        completed = self.states.queue(query_ids)
        if completed:
            with self.connection.lookups.connect() as connection:
                gone = set(completed) - catalogue.stored_ids(connection, completed)
            self.states.queue(sorted(gone), remake=True)

    def _start_when_ready(self, task: Task, inputs: list[Task]) -> None:
        def input_done(finished: Future[None]) -> None:
            error = finished.exception()
            if error is not None:
                self._fail(task, error)
            elif task.input_done():
                self._start(task)

        for other in inputs:
            other.done.add_done_callback(input_done)
        if not inputs:
            self._start(task)

    def _start(self, task: Task) -> None:
        self._pool.submit(self._run, task)

    def _run(self, task: Task) -> None:
        try:
            if self._claim(task):
                task.running = True
                self._make(task.step)
                self.states.finish(task.query_id)
                self._end(task)
        except Exception as error:  # noqa: BLE001 - whatever it is, it must reach those who wait for the task
            self._fail(task, error)

    def _claim(self, task: Task) -> bool:
        """Take a task into execution; if another process has it, come back when that one is done with it."""
        record, claimed = self.states.execute(task.query_id)
        if not claimed and not task.waited and not record.state.in_flight:
            self._queue([task.query_id])
            record, claimed = self.states.execute(task.query_id)
        if claimed:
            return True
        if record.state.in_flight:
            task.waited = True
            self.states.watch(task.query_id, lambda: self._start(task))
        elif record.state is QueryState.ERRORED:
            raise QueryErroredError(task.query_id, record.error)
        elif record.state is QueryState.CANCELLED:
            raise QueryCancelledError(task.query_id)
        elif record.state is QueryState.COMPLETED and self.is_stored(task.query_id):
            self._end(task)
        else:
            task.waited = False
            self._start(task)
        return False

    def _make(self, step: Step) -> None:
        """Make a result's table and its record in the catalogue, in one transaction."""
        query, statement = step.query, step.statement()
        with self.connection.engine.begin() as connection:
            # Whoever holds this lock is the only one to make this table, whatever Redis says.
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(int(query.query_id[:15], 16))))
            if catalogue.stored_ids(connection, [query.query_id]):
                return
            started = time.perf_counter()
            with self._cancellable(connection):
                connection.exec_driver_sql(sql.render(ddl.CreateResult(query, statement.text)))
            compute_ms = (time.perf_counter() - started) * 1000
            table = ddl.result_table(query)
            if self.connection.user != OWNER_ROLE:
                connection.execute(ddl.SetOwner(table, OWNER_ROLE))
            connection.execute(ddl.Analyze(table))
            catalogue.record(
                connection, query, statement=statement.text, compute_ms=compute_ms, reads=statement.reads
            )
        log.info("Stored a result.", query_id=query.query_id, kind=type(query).__name__, ms=round(compute_ms))

    @contextmanager
    def _cancellable(self, connection: sa.Connection) -> Iterator[None]:
        """Let :meth:`close` cancel the statement that runs within."""
        running = connection.connection.driver_connection
        with self._lock:
            self._running.add(running)
        try:
            yield
        finally:
            with self._lock:
                self._running.discard(running)

    def _end(self, task: Task, error: BaseException | None = None) -> None:
        with self._lock:
            self._tasks.pop(task.query_id, None)
        if error is None:
            task.done.set_result(None)
        elif not task.done.done():
            task.done.set_exception(error)

    def _fail(self, task: Task, error: BaseException) -> None:
        log.error("A query errored.", query_id=task.query_id, cause=cause_of(error))
        try:
            if not self._closing:  # what is given up at the end is no error: another process may take it
                self.states.fail(task.query_id, cause_of(error))
        finally:
            self._end(task, error)

    def record(self, query: Query) -> Record:
        """Return the state of a query; whether it is completed is for the catalogue to say, not for Redis."""
        record = self.states.read([query.query_id])[0]
        if query.trivial or record.state not in (QueryState.KNOWN, QueryState.COMPLETED):
            return record
        if query.query_id in self._tasks:  # its owner has died, and this process is about to take it over
            return Record(QueryState.QUEUED)
        return Record(QueryState.COMPLETED if self.is_stored(query.query_id) else QueryState.KNOWN)

    def is_stored(self, query_id: str) -> bool:
        """Tell whether a result's table exists."""
        with self.connection.lookups.connect() as connection:
            return bool(catalogue.stored_ids(connection, [query_id]))

    def statement(self, query: Query) -> Statement:
        """Return the select that gives a query's rows, reading what is stored."""
        with self.connection.lookups.connect() as connection:
            facts, nodes = survey(connection, query)
        if not nodes:
            return Statement(catalogue.result_statement(query), frozenset({query.query_id}))
        return compile_query(query, facts, facts.stored)

    def sql(self, query: Query) -> str:
        """Return the text of :meth:`statement`."""
        return self.statement(query).text

    def dataframe(self, query: Query, limit: int | None = None) -> "pd.DataFrame":
        """Return a query's rows as a frame."""
        import pandas as pd  # here, because the server never needs it and its import takes long

        with self.connection.engine.connect() as connection:
            rows = connection.exec_driver_sql(self.sql(query))
            found = rows.fetchall() if limit is None else rows.fetchmany(limit)
            return pd.DataFrame.from_records([tuple(row) for row in found], columns=query.column_names)

    def read_statement(self, query: Query) -> str:
        """Return the SQL that reads a stored result, and note that it is used.

        Raises
        ------
        UnknownQueryError
            If it is not stored.
        """
        if query.trivial:
            return compile_query(query, Facts(), ()).text
        with self.connection.lookups.begin() as connection:
            if not catalogue.stored_ids(connection, [query.query_id]):
                raise UnknownQueryError(f"Query {query.query_id} is not stored.")
            catalogue.touch(connection, query.query_id)
        return catalogue.result_statement(query)

    def close(self) -> None:
        """Cancel what runs and give up what waits, so that others can take it over; close the connections."""
        self._closing = True
        self._pool.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            for running in self._running:
                running.cancel()
        self._pool.shutdown(wait=True)
        self.states.close()
        self.connection.close()
