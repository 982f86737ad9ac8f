"""Dropping stored results without hurting who reads them.

Everything here is decided by locks of PostgreSQL, so it holds between processes, whatever becomes
of Redis, and a lock ends with the session that took it:

- A statement that reads a result holds the table's ``ACCESS SHARE`` lock until its transaction ends.
  Eviction takes ``ACCESS EXCLUSIVE`` with ``NOWAIT`` and passes over what is in use, so it neither drops
  a table under its reader nor makes readers queue behind it.
- A result that was handed out, and whose reader has yet to begin, is *pinned* by a shared advisory
  lock (:mod:`flowmachine.core.pins`); eviction takes the same lock exclusively, or passes over it.
- A result that was used after eviction chose it is left: the row is deleted only if its
  ``last_accessed`` is still the one that was seen.
- A plan whose input is evicted before the step that needs it has begun is made again for that step; when
  that has happened a few times, the step computes everything itself, so that it ends whatever is
  evicted meanwhile (:mod:`flowmachine.core.scheduler`). Frames are read in the same way.
- A table is dropped and its row deleted in one transaction. What depended on an evicted result is
  linked to what that result depended on, so that later invalidations still reach it.

Invalidation, unlike eviction, must happen: it waits for readers, a while, and does all or nothing.
"""

from collections.abc import Iterator

import attrs
import sqlalchemy as sa
from sqlalchemy import Connection, Engine
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError

from flowmachine.core import ddl
from flowmachine.core.catalogue import CACHED, DEPENDENCIES, HAS_TABLE, TABLES
from flowmachine.core.compilation import CACHE_SCHEMA
from flowmachine.core.errors import QueryResetFailedError
from flowmachine.core.locks import cannot_lock, gone_or_deadlocked, make_lock, try_pin_exclusively

SOURCES = ("Table", "GeoTable")
"""Classes whose records stand for tables that are not results: never evicted, never dropped."""
RESULT_NAME = "^x[0-9a-f]{32}$"
PATIENCE = "10s"
_TRIES = 5
_TINY = 0.00001  # bytes: the floor under a size, as the function touch_cache has it


@attrs.frozen
class Candidate:
    """A stored result that may be evicted: its size in bytes and what it is worth keeping."""

    query_id: str
    table_name: str
    bytes: int
    score: float
    last_accessed: object


def _results() -> sa.Subquery:
    size: sa.ColumnElement[float] = sa.func.table_size(CACHED.c.tablename, CACHED.c.schema, type_=sa.Double())
    return (
        sa.select(
            *(CACHED.c[name] for name in ("query_id", "tablename", "created", "last_accessed")),
            *(CACHED.c[name] for name in ("cache_score_multiplier", "compute_time")),
            size.label("bytes"),
        )
        .where(CACHED.c.schema == CACHE_SCHEMA, CACHED.c["class"].not_in(SOURCES))
        .subquery("results")
    )


def _score(source: sa.FromClause, size: sa.ColumnElement[float]) -> sa.ColumnElement[float]:
    return sa.func.cache_score(
        sa.func.coalesce(source.c.cache_score_multiplier, 0),
        sa.func.coalesce(source.c.compute_time, 0),
        sa.func.greatest(size, _TINY),
        type_=sa.Double(),
    ).label("score")


def score_of_record() -> sa.ColumnElement[float]:
    """Return the score of a record, as a column of ``cache.cached``."""
    return _score(CACHED, sa.func.table_size(CACHED.c.tablename, CACHED.c.schema, type_=sa.Double()))


def candidates(connection: Connection, protected_period: float | None = None) -> list[Candidate]:
    """List what may be evicted, what is worth least first, in one statement.

    Parameters
    ----------
    protected_period : float, optional
        Seconds since a result was made or last used for which it is kept. None stands for the
        configured one, a negative number for no protection.

    Notes
    -----
    Records whose table is missing come first. A table of zero bytes counts as a fraction of one: to drop it
    would free nothing.
    """
    results = _results()
    score = _score(results, results.c.bytes)
    statement = sa.select(
        results.c.query_id, results.c.tablename, sa.func.coalesce(results.c.bytes, 0), score,
        results.c.last_accessed,
    ).order_by(results.c.bytes.is_(None).desc(), score, results.c.query_id)  # fmt: skip
    if protected_period is None or protected_period >= 0:
        period = sa.func.cache_protected_period() if protected_period is None else protected_period
        age = sa.func.now() - sa.func.greatest(results.c.created, results.c.last_accessed)
        statement = statement.where(sa.extract("epoch", age) > period)
    rows = connection.execute(statement)
    return [Candidate(query_id, name, int(size), score, used) for query_id, name, size, score, used in rows]


def cache_bytes(connection: Connection) -> int:
    """Return how many bytes the stored results take."""
    size = sa.func.coalesce(sa.func.sum(_results().c.bytes), 0)
    return int(connection.execute(sa.select(size)).scalar_one())


def count_results(connection: Connection) -> int:
    """Return how many results are stored."""
    count = sa.select(sa.func.count()).select_from(CACHED).where(CACHED.c["class"].not_in(SOURCES))
    return connection.execute(count).scalar_one()


def evict(engine: Engine, candidate: Candidate, *, dry_run: bool = False, timeout: str = "0") -> bool:
    """Drop a result unless somebody uses it; tell whether it was dropped, or would have been.

    Parameters
    ----------
    timeout : str
        As PostgreSQL's ``statement_timeout``.
    """
    with engine.connect() as connection:  # whatever was not committed is rolled back at its end
        connection.execute(sa.select(sa.func.set_config("statement_timeout", timeout, True)))
        if not try_pin_exclusively(connection, candidate.query_id):
            return False
        try:
            connection.execute(ddl.LockTables([candidate.table_name], nowait=True))
        except DBAPIError as error:
            if cannot_lock(error):
                return False
            if not gone_or_deadlocked(error):
                raise
            connection.rollback()  # a row without a table: there is nothing to lock
        try:
            return _evict(connection, candidate, dry_run=dry_run)
        except DBAPIError as error:
            # What it was made from is being dropped at this moment by somebody else.
            if gone_or_deadlocked(error):
                return False
            raise


def _evict(connection: Connection, candidate: Candidate, *, dry_run: bool) -> bool:
    _link_past(connection, candidate.query_id)
    deleted = connection.execute(
        sa.delete(CACHED).where(
            CACHED.c.query_id == candidate.query_id,
            CACHED.c.last_accessed.is_not_distinct_from(candidate.last_accessed),
        )
    )
    if deleted.rowcount and not dry_run:
        connection.execute(ddl.drop_result(candidate.table_name))
        connection.commit()
    return bool(deleted.rowcount)


def _link_past(connection: Connection, query_id: str) -> None:
    """Make what depends on a result depend on what that result depends on."""
    above, below = DEPENDENCIES.alias("above"), DEPENDENCIES.alias("below")
    links = (
        sa.select(above.c.query_id, below.c.depends_on)
        .join_from(above, below, above.c.depends_on == below.c.query_id)
        .where(above.c.depends_on == query_id)
    )
    connection.execute(
        insert(DEPENDENCIES).from_select(["query_id", "depends_on"], links).on_conflict_do_nothing()
    )


def _affected(connection: Connection, query_id: str, *, cascade: bool) -> list[tuple[str, str, bool]]:
    """Return id, name of the table and whether it exists, of each result that goes with another."""
    root = sa.select(CACHED.c.query_id).where(CACHED.c.query_id == query_id).cte("doomed", recursive=True)
    same, target = CACHED.alias("same"), CACHED.alias("target")
    # Records of the class Table that point at a doomed table go with it, and what was made from them.
    twins = (
        sa.select(same.c.query_id)
        .join(target, (same.c.schema == target.c.schema) & (same.c.tablename == target.c.tablename))
        .where(target.c.schema == CACHE_SCHEMA)
    )
    if cascade:
        users = sa.select(DEPENDENCIES.c.query_id.label("user"), DEPENDENCIES.c.depends_on.label("used"))
        edges = users.union(twins.add_columns(target.c.query_id)).subquery("edges")
        doomed = root.union(sa.select(edges.c.user).join(root, edges.c.used == root.c.query_id))
        ids = sa.select(doomed.c.query_id).subquery()
    else:
        ids = twins.where(target.c.query_id == query_id).union(sa.select(root.c.query_id)).subquery()
    statement = (
        sa.select(CACHED.c.query_id, CACHED.c.tablename, TABLES.c.tablename.is_not(None))
        .join(TABLES, HAS_TABLE & (TABLES.c.schemaname == CACHE_SCHEMA), isouter=True)
        .where(CACHED.c.query_id.in_(ids.select()))
        .order_by(CACHED.c.query_id)
    )
    return [(found, name, exists) for found, name, exists in connection.execute(statement)]


def invalidate(engine: Engine, query_id: str, *, cascade: bool = True, drop: bool = True) -> list[str]:
    """Drop a result, and with ``cascade`` everything that was made from it, all or nothing.

    Parameters
    ----------
    cascade : bool, default True
        Whether what was made from it, directly or not, goes as well.
    drop : bool, default True
        Whether the result's own table is dropped, not only its record.

    Returns
    -------
    list of str
        Ids of the results that are no longer stored.

    Raises
    ------
    QueryResetFailedError
        If one of them is being made or has been read for too long; nothing is changed then.
    """
    for attempt in range(_TRIES):
        try:
            with engine.begin() as connection:
                return _invalidate(connection, query_id, cascade=cascade, drop=drop)
        except DBAPIError as error:
            if cannot_lock(error):
                raise QueryResetFailedError(
                    query_id, f"it, or what was made from it, is being read; tried for {PATIENCE}."
                ) from None
            if not gone_or_deadlocked(error) or attempt == _TRIES - 1:
                raise
    raise AssertionError("unreachable")


def _invalidate(connection: Connection, query_id: str, *, cascade: bool, drop: bool) -> list[str]:
    connection.execute(sa.select(sa.func.set_config("lock_timeout", PATIENCE, True)))
    if not connection.execute(sa.select(make_lock(query_id, wait=False))).scalar_one():
        raise QueryResetFailedError(query_id, "it is being made. Wait for it, or cancel it.")
    locked: set[str] = set()
    while True:
        affected = _affected(connection, query_id, cascade=cascade)
        kept = set() if drop else {name for found, name, _ in affected if found == query_id}
        tables = {name for _, name, exists in affected if exists} - kept
        if tables <= locked:
            break
        # Until its table is locked, somebody may still store what was made from it: look again afterwards.
        connection.execute(ddl.LockTables(sorted(tables - locked)))
        locked |= tables
    if not cascade:
        _link_past(connection, query_id)
    for name in sorted(locked):
        connection.execute(ddl.drop_result(name))
    ids = [found for found, _, _ in affected]
    connection.execute(sa.delete(CACHED).where(CACHED.c.query_id.in_(ids)))
    return ids


def remove_strays(engine: Engine) -> list[str]:
    """Delete rows whose table is missing, and drop tables of results that have no row; return their ids.

    Neither can come from FlowMachine; both come from hands and from half-restored backups.
    """
    with engine.begin() as connection:
        missing = ~sa.exists().where(HAS_TABLE)
        rows = sa.delete(CACHED).where(
            missing, CACHED.c.schema == CACHE_SCHEMA, CACHED.c["class"].not_in(SOURCES)
        )
        strays = list(connection.execute(rows.returning(CACHED.c.query_id)).scalars())
    for name in _tables_without_rows(engine):
        with engine.begin() as connection:
            connection.execute(sa.select(make_lock(name[1:])))
            # What makes a table writes its row as well: whoever held the lock has written it.
            has_row = sa.exists().where(CACHED.c.query_id == name[1:])
            if not connection.execute(sa.select(has_row)).scalar_one():
                connection.execute(ddl.drop_result(name))
                strays.append(name[1:])
    return strays


def _tables_without_rows(engine: Engine) -> Iterator[str]:
    known = sa.exists().where(CACHED.c.tablename == TABLES.c.tablename, CACHED.c.schema == CACHE_SCHEMA)
    statement = sa.select(TABLES.c.tablename).where(
        TABLES.c.schemaname == CACHE_SCHEMA, TABLES.c.tablename.regexp_match(RESULT_NAME), ~known
    )
    with engine.connect() as connection:
        yield from connection.execute(statement).scalars().all()
