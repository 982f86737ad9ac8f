"""Running plans: each step when its inputs are done, side by side on a pool, nothing waiting by sleeping."""

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import datetime
from functools import partial

import attrs
import redis

from flowmachine.core import catalogue, logs
from flowmachine.core.connection import Connection
from flowmachine.core.errors import QueryCancelledError, QueryErroredError, VanishedInputError
from flowmachine.core.ledger import Ledger
from flowmachine.core.maker import Maker
from flowmachine.core.plan import Plan, Step, make_plan, survey
from flowmachine.core.query import Query
from flowmachine.core.reading import MAX_PLANS
from flowmachine.core.state import QueryState, States
from flowmachine.core.task import Ending, Outcome, Task, cause_of, kind_of

log = logs.debug_log(__name__)


class Scheduler:
    """The tasks of one process.

    Parameters
    ----------
    connection : Connection
    states : States
    ledger : Ledger
        Is told how accepted queries end.

    Attributes
    ----------
    observers : list of callables
        Each is called with the :class:`~flowmachine.core.task.Ending` of every result asked for.
    pool : concurrent.futures.ThreadPoolExecutor
        Runs the statements.
    maker : Maker
    """

    def __init__(self, connection: Connection, states: States, ledger: Ledger) -> None:
        self.observers: list[Callable[[Ending], None]] = []
        self.pool = ThreadPoolExecutor(connection.pool_size, thread_name_prefix="query")
        self.maker = Maker(connection)
        self._connection = connection
        self._states = states
        self._ledger = ledger
        self._tasks: dict[str, Task] = {}
        self._closing = False
        self._lock = threading.Lock()

    def plan(self, query: Query, *, store_dependencies: bool) -> Plan:
        """Plan a query as things are."""
        with self._connection.lookups.connect() as connection:
            facts, _ = survey(connection, query)
        return make_plan(query, facts, store_dependencies=store_dependencies)

    def enlist(
        self, steps: Sequence[Step], *, store_dependencies: bool, accepted: datetime | None = None
    ) -> tuple[Task, ...]:
        """Return the tasks of some steps, inputs first; new ones are queued and start when they can.

        ``accepted`` tells the acceptance of the last one, if a server has accepted it.
        """
        with self._lock:
            missing = (step for step in steps if step.query.query_id not in self._tasks)
            new = [Task(step, store_dependencies=store_dependencies) for step in missing]
            self._tasks.update((task.query_id, task) for task in new)
            tasks = tuple(self._tasks[step.query.query_id] for step in steps)
            if accepted is not None:
                tasks[-1].accepted = accepted
        try:
            self.queue([task.query_id for task in new])
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
        self.queue([task.query_id])
        self._give_up_unless_wanted(task.query_id)

    def _give_up_unless_wanted(self, query_id: str) -> None:
        """Let others take over what was queued for a task at the moment at which it ended."""
        with self._lock:
            wanted = query_id in self._tasks
        if not wanted and self._states.owns(query_id):
            with contextlib.suppress(redis.RedisError):  # then the lease runs out
                self._states.release([query_id])

    def queue(self, query_ids: Sequence[str]) -> None:
        """Queue results; one that was completed meanwhile stays so unless its table has gone since."""
        completed = self._states.queue(query_ids)
        if completed:
            with self._connection.lookups.connect() as connection:
                gone = set(completed) - catalogue.stored_ids(connection, completed)
            self._states.queue(sorted(gone), remake=True)

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
            self.pool.submit(work, task)
        except RuntimeError as error:  # the pool is shut: this process is about to end
            self._fail(task, error)

    def _run(self, task: Task) -> None:
        try:
            if not task.done.done() and (task.claimed or self._claim(task)):
                task.running = True
                self.maker.make(task)
                self._states.finish(task.query_id)
                if task.cancelled:  # too late: the truth is that it is stored
                    self._states.adopt([task.query_id])
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
            plan = self.plan(task.step.query, store_dependencies=reuse)
            task.plans_made += 1
            if task.plans_made > MAX_PLANS and plan.steps:
                alone = attrs.evolve(plan.steps[-1], inputs=frozenset(), readable=frozenset())
                plan = attrs.evolve(plan, steps=(alone,))
            if plan.steps:
                task.step = plan.steps[-1]
                inputs = self.enlist(plan.steps[:-1], store_dependencies=reuse)
                by_id = {other.query_id: other for other in inputs}
                self._start_when_ready(task, [by_id[query_id] for query_id in task.step.inputs])
            else:
                self._states.finish(task.query_id)
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
        record, task.claimed = self._states.execute(task.query_id)
        if not task.claimed and record.state in (QueryState.KNOWN, QueryState.COMPLETED):
            self.queue([task.query_id])
            record, task.claimed = self._states.execute(task.query_id)
        if task.claimed:
            return True
        if record.state.in_flight:
            self._states.watch(task.query_id, lambda: self._start(task))
        elif record.state is QueryState.ERRORED:
            raise QueryErroredError(task.query_id, record.error)
        elif record.state is QueryState.CANCELLED:
            task.cancelled = True
            raise QueryCancelledError(task.query_id)
        elif record.state is QueryState.COMPLETED and self._is_stored(task.query_id):
            self._end(task)
        else:
            self._start(task)
        return False

    def cancelled(self, query_id: str) -> None:
        """Stop what somebody else has cancelled."""
        task = self._tasks.get(query_id)
        if task is not None and task.accepted is not None:
            self._ledger.end(query_id, QueryState.CANCELLED, accepted=task.accepted)
        self.stop(query_id)

    def stop(self, query_id: str) -> None:
        """Make a result no more, here."""
        task = self._tasks.get(query_id)
        if task is not None:
            self._give_up(task)

    def _give_up(self, task: Task) -> None:
        """Mark a task as cancelled, stop its statement, and give up the inputs that nobody else needs."""
        task.cancelled = True
        with self._lock:
            if self._tasks.get(task.query_id) is task:  # whoever wants it from now on gets a new one
                del self._tasks[task.query_id]
        self.maker.cancel(task)
        if not task.running:
            self._end(task, QueryCancelledError(task.query_id))
        for other in task.inputs:
            if not other.done.done() and not other.needed and not other.cancelled:
                # Other processes may want it: it is not cancelled for them, only no longer made by this one.
                other.given_up = True
                self._give_up(other)
                self._states.release([other.query_id])

    def _end(self, task: Task, error: BaseException | None = None) -> None:
        with self._lock:
            if self._tasks.get(task.query_id) is task:
                del self._tasks[task.query_id]
        self._give_up_unless_wanted(task.query_id)
        if task.end(error):
            outcome = Outcome.of(error)
            self.tell(Ending(task.step.query, outcome, time.monotonic() - task.started))

    def counts(self) -> Counter[tuple[str, QueryState]]:
        """Count, by class and state, the results that this process is to make or is making."""
        return Counter(
            (kind_of(task.step.query), QueryState.EXECUTING if task.running else QueryState.QUEUED)
            for task in list(self._tasks.values())
        )

    def has(self, query_id: str) -> bool:
        """Tell whether this process is to make a result."""
        return query_id in self._tasks

    def _is_stored(self, query_id: str) -> bool:
        with self._connection.lookups.connect() as connection:
            return bool(catalogue.stored_ids(connection, [query_id]))

    def tell(self, ending: Ending) -> None:
        """Tell the observers how a result came about."""
        for observer in self.observers:
            observer(ending)

    def _fail(self, task: Task, error: BaseException) -> None:
        try:
            # What is given up at the end is no error: another process may take it.
            if not self._closing and not task.cancelled:
                cause = cause_of(error)
                log.error("A query errored.", query_id=task.query_id, cause=cause)
                if task.accepted is not None:
                    self._ledger.end(task.query_id, QueryState.ERRORED, cause, accepted=task.accepted)
                self._states.fail(task.query_id, cause)
        finally:
            self._end(task, error)

    def drain(self, grace: float) -> None:
        """Start nothing more, and let what runs finish, at most for some seconds."""
        self._closing = True
        self.pool.shutdown(wait=False, cancel_futures=True)
        running = [task.done for task in list(self._tasks.values()) if task.running]
        wait(running, timeout=grace)

    def close(self) -> None:
        """Cancel what runs and give up what waits."""
        self._closing = True
        self.pool.shutdown(wait=False, cancel_futures=True)
        self.maker.close()
        self.pool.shutdown(wait=True)
        for task in list(self._tasks.values()):
            self._end(task, QueryErroredError(task.query_id, "this process stopped before it was made."))
