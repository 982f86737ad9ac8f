"""What servers have promised: the queries that they accepted and how those ended, kept in FlowDB.

Redis may lose everything and a server may die at the same time; then this alone tells what is still
owed. A row of ``cache.accepted`` is written before a client is told that its query was accepted, and says
what to tell of a query that neither Redis nor the catalogue of results knows. FlowDB itself marks it as
completed, in the transaction that stores the result. Errors and cancellations are written as soon as FlowDB
answers.

Whoever doubts runs again: a row that should have been ended and was not costs a computation, never an answer.
A FlowDB whose schema has no such table yet works as before; a warning says that Redis alone remembers.
"""

import queue
import threading
from collections.abc import Collection, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import datetime

import attrs
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError

from flowmachine.core import logs
from flowmachine.core.catalogue import CACHED
from flowmachine.core.compilation import CACHE_SCHEMA
from flowmachine.core.connection import Connection
from flowmachine.core.locks import lacks_table
from flowmachine.core.state import QueryState

log = logs.debug_log(__name__)

ACCEPTED = sa.Table(
    "accepted",
    sa.MetaData(schema=CACHE_SCHEMA),
    sa.Column("query_id", sa.Text, primary_key=True),
    sa.Column("request", sa.Text),
    sa.Column("accepted", sa.TIMESTAMP(timezone=True)),
    sa.Column("state", sa.Text),
    sa.Column("cause", sa.Text),
)
OWED = "accepted"
"""The state of a query that somebody must finish; the others are values of ``QueryState``."""

RETENTION = "30 days"
KEPT = 100_000
"""How many rows of queries that have ended, and whose results are not stored, are kept."""
LONGEST_CAUSE = 1000
_RETRY_SECONDS = 1
_REMEMBERED = 10_000


@attrs.frozen
class Entry:
    """What is told of a query that Redis does not know: its state, or ``OWED``, and why it errored."""

    state: str
    cause: str = ""


class Ledger:
    """The accepted queries of one FlowDB.

    Parameters
    ----------
    connection : Connection
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._written: set[str] = set()
        self._ends: queue.SimpleQueue[tuple[sa.Update, Future[None]] | None] = queue.SimpleQueue()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._warned = False

    def accept(self, query_id: str, request: str) -> datetime | None:
        """Write down that a query is owed from now on, however it ended before.

        Returns
        -------
        datetime
            Tells this acceptance from others; None if FlowDB has no place for it.
        """
        row = {"request": request, "accepted": sa.func.now(), "state": OWED, "cause": None}
        statement = (
            insert(ACCEPTED)
            .values(query_id=query_id, **row)
            .on_conflict_do_update(index_elements=[ACCEPTED.c.query_id], set_=row)
            .returning(ACCEPTED.c.accepted)
        )
        with self._tolerant(), self._connection.noting() as database:
            accepted = database.execute(statement).scalar_one()
            self._remember(query_id)
            return accepted
        return None

    def know(self, query_id: str, request: str) -> None:
        """Write down what a client asked for whose result is there; does nothing if that is known."""
        if query_id in self._written:
            return
        statement = insert(ACCEPTED).values(
            query_id=query_id, request=request, accepted=sa.func.now(), state=QueryState.COMPLETED
        )
        with self._tolerant(), self._connection.noting() as database:
            database.execute(statement.on_conflict_do_nothing())
            self._remember(query_id)

    def _remember(self, query_id: str) -> None:
        if len(self._written) >= _REMEMBERED:
            self._written = set()
        self._written.add(query_id)

    def read(self, query_id: str) -> Entry | None:
        """Return what is to be told of a query, or None if no server has accepted it."""
        statement = sa.select(ACCEPTED.c.state, ACCEPTED.c.cause).where(ACCEPTED.c.query_id == query_id)
        with self._tolerant(), self._connection.noting() as database:
            row = database.execute(statement).one_or_none()
            return None if row is None else Entry(row.state, row.cause or "")
        return None

    def request(self, query_id: str) -> str | None:
        """Return what a client asked for, as JSON, or None if no server has accepted it."""
        statement = sa.select(ACCEPTED.c.request).where(ACCEPTED.c.query_id == query_id)
        with self._tolerant(), self._connection.noting() as database:
            request: str | None = database.execute(statement).scalar()
            return request
        return None

    def end(
        self, query_id: str, state: QueryState, cause: str = "", *, accepted: datetime | None = None
    ) -> "Future[None]":
        """Write down, as soon as FlowDB answers, that a query that is owed has errored or was cancelled.

        Parameters
        ----------
        accepted : datetime, optional
            The acceptance that ended; one that was made since is left. Without it, any has ended.

        Returns
        -------
        concurrent.futures.Future
            Ends when it is written; cancelled if this process closes before that.
        """
        statement = (
            sa.update(ACCEPTED)
            .where(ACCEPTED.c.query_id == query_id, ACCEPTED.c.state == OWED)
            .values(state=state, cause=cause[:LONGEST_CAUSE] or None)
        )
        if accepted is not None:
            statement = statement.where(ACCEPTED.c.accepted == accepted)
        told = Future[None]()
        self._ends.put((statement, told))
        with self._lock:
            if self._thread is None and not self._closed.is_set():
                self._thread = threading.Thread(target=self._tell, name="query-ends", daemon=True)
                self._thread.start()
        return told

    def _tell(self) -> None:
        """Write ends until closed, each again and again while FlowDB is away: no query waits for that."""
        while (end := self._ends.get()) is not None:
            statement, told = end
            while not self._written_now(statement):
                if self._closed.wait(_RETRY_SECONDS):
                    told.cancel()
                    break
            else:
                told.set_result(None)

    def _written_now(self, statement: sa.Update) -> bool:
        try:
            with self._tolerant(), self._connection.noting() as database:
                database.execute(statement)
        except (DBAPIError, sa.exc.TimeoutError) as error:
            log.warning("Could not write how a query ended.", error=type(error).__name__)
            return False
        return True

    def reset(self, query_ids: Collection[str]) -> None:
        """Forget how queries ended: they are merely known from now on."""
        statement = (
            sa.update(ACCEPTED)
            .where(
                ACCEPTED.c.query_id.in_(query_ids),
                ACCEPTED.c.state.in_([QueryState.ERRORED, QueryState.CANCELLED]),
            )
            .values(state=QueryState.KNOWN, cause=None)
        )
        with self._tolerant(), self._connection.noting() as database:
            database.execute(statement)

    @contextmanager
    def _tolerant(self) -> Iterator[None]:
        """Go on without, but say so, if FlowDB's schema is that of an earlier release."""
        try:
            yield
        except DBAPIError as error:
            if not lacks_table(error):
                raise
            if not self._warned:
                log.warning(
                    "FlowDB has no table cache.accepted: what is accepted, and how it ends, is known to Redis"
                    " alone. Migrate FlowDB to this release."
                )
            self._warned = True

    def close(self) -> None:
        """Write what is left, if FlowDB answers, and stop."""
        self._closed.set()
        self._ends.put(None)
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join(timeout=5)


def prune(connection: Connection) -> None:
    """Remove rows that are old, or too many, but not those of stored results."""
    stored = sa.exists().where(CACHED.c.query_id == ACCEPTED.c.query_id)
    other = ACCEPTED.alias("other")
    beyond = (
        sa.select(other.c.query_id)
        .where(other.c.state != OWED, ~sa.exists().where(CACHED.c.query_id == other.c.query_id))
        .order_by(other.c.accepted.desc())
        .offset(KEPT)
    )
    old = ACCEPTED.c.accepted < sa.func.now() - sa.cast(RETENTION, sa.Interval)
    statement = sa.delete(ACCEPTED).where(~stored, old | ACCEPTED.c.query_id.in_(beyond))
    try:
        with connection.noting() as database:
            database.execute(statement)
    except DBAPIError as error:
        if not lacks_table(error):
            raise
