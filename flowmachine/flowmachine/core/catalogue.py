"""The catalogue of stored results: ``cache.cached`` and the tables it describes.

A result's table and its row here are written in one transaction, so a row exists exactly when its
table does; this is the truth that the states in Redis follow.
"""

import json
from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from flowmachine.core import sql
from flowmachine.core.compilation import CACHE_SCHEMA, stored_table
from flowmachine.core.declaration import declare, rebuild
from flowmachine.core.errors import UnknownQueryError
from flowmachine.core.query import Query
from flowmachine.versions import __version__

_metadata = sa.MetaData(schema=CACHE_SCHEMA)

TABLES = sa.table("pg_tables", sa.column("schemaname"), sa.column("tablename"), schema="pg_catalog")
"""The tables that exist."""

CACHED = sa.Table(
    "cached",
    _metadata,
    sa.Column("query_id", sa.CHAR(32), primary_key=True),
    sa.Column("version", sa.String),
    sa.Column("query", sa.Text),
    sa.Column("created", sa.TIMESTAMP(timezone=True)),
    sa.Column("access_count", sa.Integer),
    sa.Column("last_accessed", sa.TIMESTAMP(timezone=True)),
    sa.Column("compute_time", sa.Numeric),
    sa.Column("cache_score_multiplier", sa.Numeric),
    sa.Column("class", sa.String),
    sa.Column("schema", sa.String),
    sa.Column("tablename", sa.String),
    sa.Column("obj", sa.LargeBinary),
)

DEPENDENCIES = sa.Table(
    "dependencies",
    _metadata,
    sa.Column("query_id", sa.CHAR(32), primary_key=True),
    sa.Column("depends_on", sa.CHAR(32), primary_key=True),
)

HAS_TABLE = (TABLES.c.schemaname == CACHED.c.schema) & (TABLES.c.tablename == CACHED.c.tablename)


def is_stored(query_id: str) -> sa.Select[bool]:
    """Return the select that tells whether a result's table exists."""
    row = sa.select(CACHED.c.query_id).join(TABLES, HAS_TABLE).where(CACHED.c.query_id == query_id)
    return sa.select(row.exists())


def stored_ids(connection: Connection, query_ids: Collection[str] | None = None) -> set[str]:
    """Return those of the ids, or of all, whose result tables exist."""
    if query_ids is not None and not query_ids:
        return set()
    statement = sa.select(CACHED.c.query_id).join(TABLES, HAS_TABLE)
    if query_ids is not None:
        statement = statement.where(CACHED.c.query_id.in_(list(query_ids)))
    return set(connection.execute(statement).scalars())


def recording(query: Query, *, statement: str, reads: Collection[str]) -> list[sa.ClauseElement]:
    """Return the statements that write the row of a result whose table the same request has made.

    How long that took is the time since the request began.

    Parameters
    ----------
    statement : str
        The SQL that made the table.
    reads : collection of str
        Ids of the stored results that the statement read.
    """
    now = sa.func.now()
    seconds = sa.extract("epoch", sa.func.clock_timestamp() - sa.func.statement_timestamp())
    row = {
        "version": __version__,
        "query": statement,
        "created": now,
        "access_count": 0,
        "last_accessed": now,
        "compute_time": 1000 * seconds,
        "cache_score_multiplier": 0,
        "class": type(query).__name__,
        "schema": CACHE_SCHEMA,
        "tablename": query.table_name,
        "obj": sa.func.convert_to(json.dumps(declare(query)), "UTF8"),
    }
    statements: list[sa.ClauseElement] = [
        insert(CACHED)
        .values(query_id=query.query_id, **row)
        .on_conflict_do_update(index_elements=[CACHED.c.query_id], set_=row)
    ]
    if reads:
        links = [{"query_id": query.query_id, "depends_on": other} for other in sorted(reads)]
        statements.append(insert(DEPENDENCIES).values(links).on_conflict_do_nothing())
    return [*statements, _touching(query.query_id)]


def _touching(query_id: str) -> sa.Select[float]:
    return sa.select(sa.func.touch_cache(query_id, type_=sa.Double()))


def touch(connection: Connection, query_id: str) -> float:
    """Note that a stored result was used, which raises its score against eviction; return the score."""
    return connection.execute(_touching(query_id)).scalar_one()


def get_query(connection: Connection, query_id: str) -> Query:
    """Rebuild the query of a stored result from its declaration.

    Raises
    ------
    UnknownQueryError
        If nothing is stored under the id.
    """
    declared = connection.execute(sa.select(CACHED.c.obj).where(CACHED.c.query_id == query_id)).scalar()
    if not declared:
        raise UnknownQueryError(f"No stored query has the id {query_id!r}.")
    try:
        document = json.loads(bytes(declared))
    except ValueError:
        raise ValueError(f"Query {query_id} was stored by another program: it cannot be rebuilt.") from None
    return rebuild(document)


def result_statement(query: Query) -> str:
    """Return the SQL that reads a stored result whole."""
    return sql.render(sa.select(sa.text("*")).select_from(stored_table(query)))
