"""Looking after the cache of stored results: what is in it, what it is worth, and making room.

Every function takes the :class:`~flowmachine.core.connection.Connection` of :func:`flowmachine.connect`
(``flowmachine.core.context.get_engine().connection``). Sizes are in bytes, periods in seconds.
"""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from redis import Redis

from flowmachine.core import catalogue, eviction, pruning
from flowmachine.core.catalogue import CACHED
from flowmachine.core.compilation import CACHE_SCHEMA
from flowmachine.core.connection import Connection
from flowmachine.core.errors import UnknownQueryError
from flowmachine.core.query import Query
from flowmachine.core.redis_client import decoding
from flowmachine.core.retrieval import get_obj_or_stub as get_obj_or_stub
from flowmachine.core.retrieval import get_query_object_by_id as get_query_object_by_id
from flowmachine.core.state import States

_CONFIG = sa.table("cache_config", sa.column("key"), sa.column("value"), schema=CACHE_SCHEMA)


def _column(connection: Connection, query_id: str, column: sa.ColumnElement[Any]) -> Any:
    with connection.lookups.connect() as database:
        return database.execute(sa.select(column).where(CACHED.c.query_id == query_id)).scalar()


def cache_table_exists(connection: Connection, query_id: str) -> bool:
    """Tell whether a result is stored: its record and its table are there."""
    with connection.lookups.connect() as database:
        return bool(catalogue.stored_ids(database, [query_id]))


def invalidate_cache_by_id(connection: Connection, query_id: str, cascade: bool = False) -> Query:
    """Drop a stored result, and with ``cascade`` what was made from it; return its query, or a stub.

    Raises
    ------
    UnknownQueryError
        If nothing is stored under the id.
    QueryResetFailedError
        If a result is in use; nothing is changed then.
    """
    query = get_obj_or_stub(connection, query_id)
    eviction.invalidate(connection.lookups, query_id, cascade=cascade)
    return query


def touch_cache(connection: Connection, query_id: str) -> float:
    """Note that a stored result was used; return its new score.

    Raises
    ------
    UnknownQueryError
        If nothing is stored under the id.
    """
    if _column(connection, query_id, CACHED.c.query_id) is None:
        raise UnknownQueryError(f"No stored query has the id {query_id!r}.")
    with connection.lookups.begin() as database:
        return catalogue.touch(database, query_id)


def get_compute_time(connection: Connection, query_id: str) -> float:
    """Return how long, in seconds, it took to compute a stored result.

    Raises
    ------
    UnknownQueryError
        If nothing is stored under the id.
    """
    milliseconds = _column(connection, query_id, CACHED.c.compute_time)
    if milliseconds is None:
        raise UnknownQueryError(f"No stored query has the id {query_id!r}.")
    return float(milliseconds) / 1000


def get_score(connection: Connection, query_id: str) -> float:
    """Return what a stored result is worth keeping: lower scores go first.

    Raises
    ------
    UnknownQueryError
        If nothing is stored under the id.
    """
    score = _column(connection, query_id, eviction.score_of_record())
    if score is None:
        raise UnknownQueryError(f"No stored query has the id {query_id!r}.")
    return float(score)


def get_cached_query_objects_ordered_by_score(
    connection: Connection, protected_period: float | None = None
) -> Iterator[tuple[Query, int]]:
    """Yield the stored queries that may be evicted, with their sizes, what is worth least first.

    Parameters
    ----------
    protected_period : float, optional
        Seconds since a result was made or last used for which it is kept; None stands for the
        configured period, a negative number for no protection.
    """
    with connection.lookups.connect() as database:
        found = eviction.candidates(database, protected_period)
    for candidate in found:
        yield get_obj_or_stub(connection, candidate.query_id), candidate.bytes


def shrink_one(
    connection: Connection, dry_run: bool = False, protected_period: float | None = None
) -> Iterator[tuple[Query, int]]:
    """Drop, with each step, the stored result that is worth least; yield its query and size.

    What is being read is passed over. With ``dry_run`` nothing is dropped.
    """
    for victim in pruning.victims(connection, dry_run=dry_run, protected_period=protected_period):
        yield victim.query, victim.bytes


def shrink_below_size(
    connection: Connection,
    size_threshold: int | None = None,
    dry_run: bool = False,
    protected_period: float | None = None,
) -> list[Query]:
    """Drop stored results, what is worth least first, until they take no more than a size; return them.

    Parameters
    ----------
    size_threshold : int, optional
        None stands for :func:`get_max_size_of_cache`.
    """
    return pruning.shrink(
        connection, size_threshold=size_threshold, dry_run=dry_run, protected_period=protected_period
    )


def get_size_of_cache(connection: Connection) -> int:
    """Return how much the stored results take."""
    with connection.lookups.connect() as database:
        return eviction.cache_bytes(database)


def get_size_of_table(connection: Connection, table_name: str, table_schema: str) -> int:
    """Return how much a table takes with its indexes.

    Raises
    ------
    ValueError
        If there is no such table.
    """
    size = _call(connection, sa.func.table_size(table_name, table_schema))
    if size is None:
        raise ValueError(f"There is no table {table_schema}.{table_name}.")
    return int(size)


def _call(connection: Connection, function: sa.ColumnElement[Any]) -> Any:
    with connection.lookups.connect() as database:
        return database.execute(sa.select(function)).scalar()


def _configure(connection: Connection, key: str, value: float) -> None:
    given = str(int(value)) if float(value).is_integer() else str(value)
    with connection.lookups.begin() as database:
        changed = database.execute(sa.update(_CONFIG).where(_CONFIG.c.key == key).values(value=given))
        if not changed.rowcount:
            database.execute(sa.insert(_CONFIG).values(key=key, value=given))


def get_max_size_of_cache(connection: Connection) -> int:
    """Return how much the stored results may take."""
    return pruning.max_size(connection)


def set_max_size_of_cache(connection: Connection, cache_size_limit: int) -> None:
    """Set how much the stored results may take."""
    _configure(connection, "cache_size", int(cache_size_limit))


def get_cache_half_life(connection: Connection) -> float:
    """Return the half-life of scores, in uses of stored results."""
    return float(_call(connection, sa.func.cache_half_life()))


def set_cache_half_life(connection: Connection, cache_half_life: float) -> None:
    """Set the half-life of scores, in uses of stored results.

    Raises
    ------
    ValueError
        Unless it is positive.
    """
    if not cache_half_life > 0:
        raise ValueError(f"The half-life must be positive, not {cache_half_life}.")
    _configure(connection, "half_life", cache_half_life)


def get_cache_protected_period(connection: Connection) -> int:
    """Return for how long results are kept in any case after they were made or last used."""
    return int(_call(connection, sa.func.cache_protected_period()))


def set_cache_protected_period(connection: Connection, protected_period: int) -> None:
    """Set for how long results are kept in any case after they were made or last used."""
    _configure(connection, "cache_protected_period", int(protected_period))


def reset_cache(connection: Connection, redis: Redis, protect_table_objects: bool = True) -> None:
    """Drop every stored result, and make Redis agree. Keys and tables of others are left alone.

    Parameters
    ----------
    protect_table_objects : bool, default True
        Whether the records of the class ``Table`` are kept. Their tables are, in any case.

    Raises
    ------
    QueryResetFailedError
        If a result is in use. Others may have been dropped by then; none is half dropped.
    """
    with connection.lookups.connect() as database:
        ids = database.execute(
            sa.select(CACHED.c.query_id).where(CACHED.c["class"].not_in(eviction.SOURCES))
        ).scalars()
        stored = ids.all()
    for query_id in stored:
        eviction.invalidate(connection.lookups, query_id, cascade=False)
    with connection.lookups.begin() as database:
        if not protect_table_objects:
            database.execute(sa.delete(CACHED).where(CACHED.c["class"].in_(eviction.SOURCES)))
        database.execute(sa.select(sa.func.setval("cache.cache_touches", 1, False)))
    resync_redis_with_cache(connection, redis)


def resync_redis_with_cache(connection: Connection, redis: Redis) -> None:
    """Make the records of this database's queries in Redis agree with what is stored.

    Queries that somebody is at work on are left alone, as is every key that is not of this database.
    """
    eviction.remove_strays(connection.lookups)
    states = States(decoding(redis), connection.conn_id)
    states.forget_ended()
    with connection.lookups.connect() as database:
        states.adopt(sorted(catalogue.stored_ids(database)))
