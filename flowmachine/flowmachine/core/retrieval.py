"""Stored queries as objects, rebuilt from their declarations."""

import json
from collections.abc import Iterator

import sqlalchemy as sa

from flowmachine.core import catalogue, logs
from flowmachine.core.catalogue import CACHED, DEPENDENCIES
from flowmachine.core.connection import Connection
from flowmachine.core.declaration import rebuild
from flowmachine.core.errors import UnknownQueryError
from flowmachine.core.query import Query
from flowmachine.core.query_stub import QStub

log = logs.debug_log(__name__)


def get_query_object_by_id(connection: Connection, query_id: str) -> Query:
    """Rebuild a stored query from its declaration.

    Raises
    ------
    ValueError
        If nothing is stored under the id, or its class is not known here.
    """
    with connection.lookups.connect() as database:
        return catalogue.get_query(database, query_id)


def get_obj_or_stub(connection: Connection, query_id: str) -> Query:
    """Rebuild a stored query, or return a :class:`QStub` with its dependencies if that cannot be done.

    Raises
    ------
    UnknownQueryError
        If nothing is stored under the id.
    """
    try:
        return get_query_object_by_id(connection, query_id)
    except UnknownQueryError:
        if not _is_recorded(connection, query_id):
            raise
    except ValueError:
        pass
    record = sa.select(CACHED.c.version).where(CACHED.c.query_id == query_id)
    used = sa.select(DEPENDENCIES.c.depends_on).where(DEPENDENCIES.c.query_id == query_id)
    with connection.lookups.connect() as database:
        version, ids = database.execute(record).scalar(), database.execute(used).scalars().all()
    return QStub(tuple(get_obj_or_stub(connection, other) for other in ids), query_id, version or "")


def _is_recorded(connection: Connection, query_id: str) -> bool:
    with connection.lookups.connect() as database:
        recorded = sa.exists().where(CACHED.c.query_id == query_id)
        return bool(database.execute(sa.select(recorded)).scalar_one())


def stored_queries(connection: Connection) -> Iterator[Query]:
    """Yield every stored query that can be rebuilt here, the oldest first."""
    with connection.lookups.connect() as database:
        rows = database.execute(sa.select(CACHED.c.query_id, CACHED.c.obj).order_by(CACHED.c.created)).all()
    for query_id, declared in rows:
        try:
            query = rebuild(json.loads(bytes(declared or b"null")))
        except ValueError as error:
            log.debug("A stored query cannot be rebuilt here.", query_id=query_id, reason=str(error))
            continue
        yield query
