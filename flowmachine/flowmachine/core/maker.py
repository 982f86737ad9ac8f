"""Making one result's table and its record, in one statement that can be cancelled."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from flowmachine.core import catalogue, ddl, logs, sql
from flowmachine.core.connection import Connection
from flowmachine.core.errors import QueryCancelledError, VanishedInputError
from flowmachine.core.locks import gone_or_deadlocked, make_lock
from flowmachine.core.plan import Statement
from flowmachine.core.query import Query
from flowmachine.core.task import Task
from flowmachine.core.unless_stored import run_unless

log = logs.debug_log(__name__)

OWNER_ROLE = "flowmachine"
_CANCELS = 25
"""How often, every fifth of a second, a statement is told to end before nobody waits for that."""


def _share_of_workers(side_by_side: int) -> sa.Select[Any]:
    """Return the select that leaves a transaction its share of the workers that a statement may have.

    Statements side by side keep the processors busy by themselves, and what workers hand over to their
    leaders is extra work.
    """
    setting = sa.literal("max_parallel_workers_per_gather")
    share = sa.cast(sa.func.current_setting(setting), sa.Integer) // side_by_side
    return sa.select(sa.func.set_config(setting, sa.cast(share, sa.Text), sa.true()))


class Maker:
    """Makes result tables.

    Parameters
    ----------
    connection : Connection
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._side_by_side = 0
        self._running: dict[Task, Any] = {}
        self._closed = False
        self._changed = threading.Condition()

    def make(self, task: Task) -> None:
        """Make the table of a task's result unless it is there.

        Raises
        ------
        QueryCancelledError
            If the task was cancelled before its statement ended; nothing is stored then.
        VanishedInputError
            If an input was dropped since the statement was planned.
        """
        with self._changed:
            self._side_by_side += 1
        try:
            self._make_for(task)
        finally:
            with self._changed:
                self._side_by_side -= 1

    def _make_for(self, task: Task) -> None:
        query, statement = task.step.query, task.step.statement()
        try:
            with self._connection.making() as connection, self._cancellable(task, connection):
                self._make(connection, query, statement)
        except DBAPIError as error:
            if task.cancelled:
                raise QueryCancelledError(query.query_id) from None
            if gone_or_deadlocked(error) and statement.reads:
                raise VanishedInputError from error
            raise

    def _make(self, connection: sa.Connection, query: Query, statement: Statement) -> None:
        table = ddl.result_table(query)
        making: list[sa.ClauseElement] = []
        if (side_by_side := self._side_by_side) > 1:
            making.append(_share_of_workers(side_by_side))
        # Its locks keep the inputs from being evicted until all of it is committed.
        making.append(ddl.CreateResult(query, statement.text, table))
        if self._connection.user != OWNER_ROLE:
            making.append(ddl.SetOwner(table, OWNER_ROLE))
        making.append(ddl.Analyze(table))
        making += catalogue.recording(query, statement=statement.text, reads=statement.reads)
        started = time.perf_counter()
        connection.execute(
            run_unless(
                list(map(sql.render, making)),
                # Whoever holds this lock is the only one to make this table, whatever Redis says.
                locking=sql.render(sa.select(make_lock(query.query_id))),
                looking=sql.render(catalogue.is_stored(query.query_id)),
            )
        )
        ms = round(1000 * (time.perf_counter() - started))
        log.info("Stored a result.", query_id=query.query_id, kind=type(query).__name__, ms=ms)

    @contextmanager
    def _cancellable(self, task: Task, connection: sa.Connection) -> Iterator[None]:
        """Let :meth:`cancel` reach the statement that runs within."""
        with self._changed:
            if task.cancelled or self._closed:
                raise QueryCancelledError(task.query_id)
            self._running[task] = connection.connection.driver_connection
        try:
            yield
        finally:
            # While somebody cancels, this waits: else the next user of the connection would be cancelled.
            with self._changed:
                del self._running[task]
                self._changed.notify_all()

    def cancel(self, task: Task) -> None:
        """Cancel what is running of a task that is marked as cancelled."""
        with self._changed:
            self._cancel([task])

    def close(self) -> None:
        """Start nothing more, and cancel everything that is running."""
        with self._changed:
            self._closed = True
            self._cancel(list(self._running))

    def _cancel(self, tasks: list[Task]) -> None:
        for _ in range(_CANCELS):
            running = [self._running[task] for task in tasks if task in self._running]
            if not running:
                return
            for connection in running:
                connection.cancel()
            # What arrives before the statement has begun is lost: look whether it has ended.
            self._changed.wait(0.2)
