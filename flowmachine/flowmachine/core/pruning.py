"""Making room in the cache: what is worth least first, one transaction each, until a deadline."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import attrs
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from flowmachine.core import eviction, logs
from flowmachine.core.connection import Connection
from flowmachine.core.errors import UnknownQueryError
from flowmachine.core.locks import PRUNING, was_cancelled
from flowmachine.core.query import Query
from flowmachine.core.retrieval import get_obj_or_stub

log = logs.debug_log(__name__)


@attrs.frozen
class Victim:
    """A result that was evicted: its query, or a stub, and how many bytes it took."""

    query: Query
    bytes: int


@attrs.frozen
class Deadline:
    """The moment (of the monotonic clock, in seconds) at which work stops, None for never; or an event."""

    moment: float | None = None
    stopped: threading.Event | None = None

    @classmethod
    def after(cls, seconds: float | None, stopped: threading.Event | None = None) -> "Deadline":
        """Return the deadline that many seconds from now, or none but the event."""
        return cls(None if seconds is None else time.monotonic() + seconds, stopped)

    def statement_timeout(self) -> str:
        """Return what is left as PostgreSQL's ``statement_timeout``, in milliseconds.

        Raises
        ------
        TimeoutError
            If nothing is left, or the event has happened.
        """
        if self.stopped is not None and self.stopped.is_set():
            raise TimeoutError
        if self.moment is None:
            return "0"
        left = self.moment - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return str(max(1, int(left * 1000)))


def victims(
    connection: Connection,
    *,
    dry_run: bool = False,
    protected_period: float | None = None,
    deadline: Deadline = Deadline(),
) -> Iterator[Victim]:
    """Evict, with each step, the result that is worth least of those that nobody uses.

    Raises
    ------
    TimeoutError
        At the deadline; a statement that runs then is cancelled.
    """
    with _limited(connection, deadline) as database:
        found = eviction.candidates(database, protected_period)
    for candidate in found:
        with _cancelled_at(deadline):
            timeout = deadline.statement_timeout()
            try:
                query = get_obj_or_stub(connection, candidate.query_id)
            except UnknownQueryError:  # somebody else has dropped it meanwhile
                continue
            evicted = eviction.evict(connection.lookups, candidate, dry_run=dry_run, timeout=timeout)
        if evicted:
            yield Victim(query, candidate.bytes)


@contextmanager
def _cancelled_at(deadline: Deadline) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        if deadline.moment is not None and was_cancelled(error):
            raise TimeoutError from None
        raise


@contextmanager
def _limited(connection: Connection, deadline: Deadline) -> Iterator[sa.Connection]:
    with _cancelled_at(deadline), connection.lookups.begin() as database:
        timeout = sa.func.set_config("statement_timeout", deadline.statement_timeout(), True)
        database.execute(sa.select(timeout))
        yield database


def max_size(connection: Connection) -> int:
    """Return how many bytes the stored results may take."""
    with connection.lookups.connect() as database:
        return int(database.execute(sa.select(sa.func.cache_max_size())).scalar_one())


def shrink(
    connection: Connection,
    *,
    size_threshold: int | None = None,
    dry_run: bool = False,
    protected_period: float | None = None,
    deadline: Deadline = Deadline(),
) -> list[Query]:
    """Evict until the stored results take no more than a size (None: the configured one); return what went.

    Raises
    ------
    TimeoutError
        At the deadline; what was evicted by then is gone.
    """
    threshold = max_size(connection) if size_threshold is None else size_threshold
    with _limited(connection, deadline) as database:
        size = eviction.cache_bytes(database)
    removed: list[Query] = []
    if size > threshold:
        steps = victims(connection, dry_run=dry_run, protected_period=protected_period, deadline=deadline)
        for victim in steps:
            removed.append(victim.query)
            size -= victim.bytes
            if size <= threshold:
                break
    return removed


@contextmanager
def alone(connection: Connection) -> Iterator[bool]:
    """Give whether this process is the only one to prune; if so it stays that within the block."""
    with connection.lookups.connect() as database:
        held = bool(database.execute(sa.select(sa.func.pg_try_advisory_lock(PRUNING))).scalar_one())
        database.commit()  # the lock is the session's; no transaction stays open meanwhile
        try:
            yield held
        finally:
            if held:
                database.execute(sa.select(sa.func.pg_advisory_unlock(PRUNING)))
                database.commit()
