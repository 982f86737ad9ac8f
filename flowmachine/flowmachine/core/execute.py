"""Running plans: each step when its inputs are done, side by side on a pool, nothing waiting by sleeping."""

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from functools import partial
from typing import Any, TypeVar

import attrs
import redis

from flowmachine.core import catalogue, eviction, logs
from flowmachine.core.connection import Connection
from flowmachine.core.errors import (
    QueryCancelledError,
    QueryErroredError,
    QueryResetFailedError,
    UnstorableQueryError,
    VanishedInputError,
)
from flowmachine.core.maker import Maker
from flowmachine.core.plan import Plan, Step, make_plan, survey
from flowmachine.core.query import Query
from flowmachine.core.reading import MAX_PLANS, Reader
from flowmachine.core.state import QueryState, Record, States
from flowmachine.core.task import Ending, Outcome, Run, Task, cause_of, kind_of, pass_on, resolved

T = TypeVar("T")

log = logs.debug_log(__name__)


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
    observers : list of callables
        Each is called with the :class:`~flowmachine.core.task.Ending` of every result asked for.
    """

    def __init__(self, connection: Connection, states: States, *, store_dependencies: bool = True) -> None:
        super().__init__(connection)
        self.states = states
        self.observers: list[Callable[[Ending], None]] = []
        self._store_dependencies = store_dependencies
        self._maker = Maker(connection)
        self._pool = ThreadPoolExecutor(connection.pool_size, thread_name_prefix="query")
        self._tasks: dict[str, Task] = {}
        self._closing = False
        self._lock = threading.Lock()
        states.on_cancel = self._stop
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

    def call(self, function: Callable[..., T], *args: Any) -> "Future[T]":
        """Run a function on the pool, in the caller's context."""
        return self._pool.submit(copy_context().run, function, *args)

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
        reuse = self._store_dependencies if store_dependencies is None else store_dependencies
        plan = Plan(query, ()) if query.trivial else self._plan(query, store_dependencies=reuse)
        if not plan.steps:
            self.states.adopt([query.query_id])
            self._tell(Ending(query, Outcome.HIT))
            return Run(query, resolved(query), ())
        self._tell(Ending(query, Outcome.MISS))
        tasks = self._enlist(plan.steps, store_dependencies=reuse)
        tasks[-1].wanted = True
        future: Future[Query] = Future()
        tasks[-1].done.add_done_callback(partial(pass_on, future, query))
        return Run(query, future, tasks)

    def _plan(self, query: Query, *, store_dependencies: bool) -> Plan:
        with self.connection.lookups.connect() as connection:
            facts, _ = survey(connection, query)
        return make_plan(query, facts, store_dependencies=store_dependencies)

    def _enlist(self, steps: Sequence[Step], *, store_dependencies: bool) -> tuple[Task, ...]:
        """Return the tasks of some steps, inputs first; new ones are queued and start when they can."""
        with self._lock:
            missing = (step for step in steps if step.query.query_id not in self._tasks)
            new = [Task(step, store_dependencies=store_dependencies) for step in missing]
            self._tasks.update((task.query_id, task) for task in new)
            tasks = tuple(self._tasks[step.query.query_id] for step in steps)
        try:
            self._queue([task.query_id for task in new])
            if tasks and tasks[-1] not in new:
                self._queue_again(tasks[-1])
        except BaseException as error:
            for task in new:  # nothing would start them: whoever asks next must find them new
                self._end(task, error)
            raise
        by_id = {task.query_id: task for task in tasks}
        for task in new:
            self._start_when_ready(task, [by_id[query_id] for query_id in task.step.inputs])
        return tasks

    def _queue_again(self, task: Task) -> None:
        """Queue what is asked for again unless somebody is at work on it.

        A task that waits for another process has no record of this one's: if the other's went with its
        Redis or its result was dropped, nobody would take the query over once this process has died.
        """
        self._queue([task.query_id])
        self._give_up_unless_wanted(task.query_id)

    def _give_up_unless_wanted(self, query_id: str) -> None:
        """Let others take over what was queued for a task at the moment at which it ended."""
        with self._lock:
            wanted = query_id in self._tasks
        if not wanted and self.states.owns(query_id):
            with contextlib.suppress(redis.RedisError):  # then the lease runs out
                self.states.release([query_id])

    def _queue(self, query_ids: Sequence[str]) -> None:
        """Queue results; one that was completed meanwhile stays so unless its table has gone since."""
        completed = self.states.queue(query_ids)
        if completed:
            with self.connection.lookups.connect() as connection:
                gone = set(completed) - catalogue.stored_ids(connection, completed)
            self.states.queue(sorted(gone), remake=True)

    def _start_when_ready(self, task: Task, inputs: list[Task]) -> None:
        plan = task.plans_made

        def input_done(other: Task, finished: Future[None]) -> None:
            error = finished.exception()
            if error is None:
                if task.input_done(plan):
                    self._start(task)
            elif not other.given_up or task.cancelled:
                self._fail(task, error)
            elif task.discard(plan):  # it was given up at the moment at which this task came to need it
                self._submit(self._plan_again, task)

        task.needs(inputs)
        for other in inputs:
            other.done.add_done_callback(partial(input_done, other))
        if not inputs:
            self._start(task)

    def _start(self, task: Task) -> None:
        self._submit(self._run, task)

    def _submit(self, work: Callable[[Task], None], task: Task) -> None:
        try:
            self._pool.submit(work, task)
        except RuntimeError as error:  # the pool is shut: this process is about to end
            self._fail(task, error)

    def _run(self, task: Task) -> None:
        try:
            if not task.done.done() and (task.claimed or self._claim(task)):
                task.running = True
                self._maker.make(task)
                self.states.finish(task.query_id)
                if task.cancelled:  # too late: the truth is that it is stored
                    self.states.adopt([task.query_id])
                self._end(task)
        except VanishedInputError:
            self._plan_again(task)
        except Exception as error:  # noqa: BLE001 - whatever it is, it must reach those who wait for the task
            self._fail(task, error)

    def _plan_again(self, task: Task) -> None:
        """Make the inputs that were dropped or given up after the plan was made, then run the task again."""
        task.running = False
        try:
            log.info("Inputs are gone; planning again.", query_id=task.query_id, plans=task.plans_made)
            reuse = task.store_dependencies
            plan = self._plan(task.step.query, store_dependencies=reuse)
            task.plans_made += 1
            if task.plans_made > MAX_PLANS and plan.steps:
                alone = attrs.evolve(plan.steps[-1], inputs=frozenset(), readable=frozenset())
                plan = attrs.evolve(plan, steps=(alone,))
            if plan.steps:
                task.step = plan.steps[-1]
                inputs = self._enlist(plan.steps[:-1], store_dependencies=reuse)
                by_id = {other.query_id: other for other in inputs}
                self._start_when_ready(task, [by_id[query_id] for query_id in task.step.inputs])
            else:
                self.states.finish(task.query_id)
                self._end(task)
        except Exception as error:  # noqa: BLE001 - as above
            self._fail(task, error)

    def _claim(self, task: Task) -> bool:
        """Take a task into execution; if another process has it, come back when that one is done with it.

        Without Redis a task is simply taken: the lock in FlowDB still keeps two from making one table.
        """
        try:
            return self._claim_in_redis(task)
        except redis.RedisError as error:
            log.warning("Going on without Redis.", query_id=task.query_id, error=type(error).__name__)
            task.claimed = True
            return True

    def _claim_in_redis(self, task: Task) -> bool:
        record, task.claimed = self.states.execute(task.query_id)
        if not task.claimed and record.state in (QueryState.KNOWN, QueryState.COMPLETED):
            self._queue([task.query_id])
            record, task.claimed = self.states.execute(task.query_id)
        if task.claimed:
            return True
        if record.state.in_flight:
            self.states.watch(task.query_id, lambda: self._start(task))
        elif record.state is QueryState.ERRORED:
            raise QueryErroredError(task.query_id, record.error)
        elif record.state is QueryState.CANCELLED:
            task.cancelled = True
            raise QueryCancelledError(task.query_id)
        elif record.state is QueryState.COMPLETED and self.is_stored(task.query_id):
            self._end(task)
        else:
            self._start(task)
        return False

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
            self._stop(query_id)
        return cancelled

    def _stop(self, query_id: str) -> None:
        task = self._tasks.get(query_id)
        if task is not None:
            self._give_up(task)

    def _give_up(self, task: Task) -> None:
        """Mark a task as cancelled, stop its statement, and give up the inputs that nobody else needs."""
        task.cancelled = True
        with self._lock:
            if self._tasks.get(task.query_id) is task:  # whoever wants it from now on gets a new one
                del self._tasks[task.query_id]
        self._maker.cancel(task)
        if not task.running:
            self._end(task, QueryCancelledError(task.query_id))
        for other in task.inputs:
            if not other.done.done() and not other.needed and not other.cancelled:
                # Other processes may want it: it is not cancelled for them, only no longer made by this one.
                other.given_up = True
                self._give_up(other)
                self.states.release([other.query_id])

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
        for query_id in {query.query_id, *gone}:
            if self.states.reset(query_id):
                self.states.finish_resetting(query_id)

    def _end(self, task: Task, error: BaseException | None = None) -> None:
        with self._lock:
            if self._tasks.get(task.query_id) is task:
                del self._tasks[task.query_id]
        self._give_up_unless_wanted(task.query_id)
        if task.end(error):
            outcome = Outcome.of(error)
            self._tell(Ending(task.step.query, outcome, time.monotonic() - task.started))

    def counts(self) -> Counter[tuple[str, QueryState]]:
        """Count, by class and state, the results that this process is to make or is making."""
        return Counter(
            (kind_of(task.step.query), QueryState.EXECUTING if task.running else QueryState.QUEUED)
            for task in list(self._tasks.values())
        )

    def _tell(self, ending: Ending) -> None:
        for observer in self.observers:
            observer(ending)

    def _fail(self, task: Task, error: BaseException) -> None:
        try:
            # What is given up at the end is no error: another process may take it.
            if not self._closing and not task.cancelled:
                log.error("A query errored.", query_id=task.query_id, cause=cause_of(error))
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
        stored = self.is_stored(query.query_id)
        return attrs.evolve(record, state=QueryState.COMPLETED if stored else QueryState.KNOWN)

    def drain(self, grace: float) -> None:
        """Start nothing more, and let what runs finish, at most for some seconds."""
        self._closing = True
        self._pool.shutdown(wait=False, cancel_futures=True)
        running = [task.done for task in list(self._tasks.values()) if task.running]
        wait(running, timeout=grace)

    def close(self) -> None:
        """Cancel what runs and give up what waits, so that others can take it over; close the connections."""
        self._closing = True
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._maker.close()
        self._pool.shutdown(wait=True)
        for task in list(self._tasks.values()):
            self._end(task, QueryErroredError(task.query_id, "this process stopped before it was made."))
        self.states.close()
        self._pins.close()
        self.connection.close()
