"""Removing stored results together with what was made from them."""

from typing import TYPE_CHECKING

import sqlalchemy as sa

from flowmachine.core import logs
from flowmachine.core.catalogue import CACHED, DEPENDENCIES
from flowmachine.core.compilation import CACHE_SCHEMA
from flowmachine.core.errors import QueryResetFailedError

if TYPE_CHECKING:
    from flowmachine.core.execute import Engine

log = logs.debug_log(__name__)


def dependents(connection: sa.Connection, query_id: str) -> list[str]:
    """Return the ids of the results that were made from one, directly or not."""
    above = (
        sa.select(DEPENDENCIES.c.query_id)
        .where(DEPENDENCIES.c.depends_on == query_id)
        .cte("above", recursive=True)
    )
    above = above.union(
        sa.select(DEPENDENCIES.c.query_id).join(above, DEPENDENCIES.c.depends_on == above.c[0])
    )
    return sorted(connection.execute(sa.select(above.c.query_id)).scalars())


def invalidate(engine: "Engine", query_id: str, *, cascade: bool = True, drop: bool = True) -> None:
    """Forget a stored result, and with ``cascade`` every result made from it, all or none.

    Raises
    ------
    QueryResetFailedError
        If one of them is being made.
    """
    with engine.connection.engine.begin() as connection:
        ids = [query_id, *(dependents(connection, query_id) if cascade else [])]
        for one, record in zip(ids, engine.states.read(ids), strict=True):
            if record.state.in_flight:
                raise QueryResetFailedError(one, "it is being made. Wait for it, or cancel it.")
        for one in sorted(ids):  # in one order, so that two who invalidate at once do not wait for each other
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(int(one[:15], 16))))
        forgotten = connection.execute(
            sa.delete(CACHED).where(CACHED.c.query_id.in_(ids)).returning(CACHED.c.schema, CACHED.c.tablename)
        ).all()
        for schema, name in forgotten:
            if drop and schema == CACHE_SCHEMA:
                table = sa.Table(name, sa.MetaData(), schema=schema)
                connection.execute(sa.schema.DropTable(table, if_exists=True))
    log.info("Invalidated results.", query_id=query_id, count=len(forgotten))
