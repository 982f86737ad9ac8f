"""Stored results of queries that no longer hold because what they were computed from has changed."""

from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812
from psycopg2.extensions import cursor as Cursor  # noqa: N812


def forget_results(connection: Connection) -> int:
    """Drop every stored result and its record; return how many there were.

    The records do not say which places or days a result was computed from, and a result that
    is needed again costs only its computation: so all of them go. FlowMachine takes the records as the
    truth and computes again what is missing.

    A query that is computing a result from others holds these until it has recorded its own. So tables go
    first and the records are locked last, in the order of such a query: it ends first, and what it made goes
    too.
    """
    with connection.cursor() as cursor:
        while True:
            _drop_tables(cursor)
            cursor.execute("SAVEPOINT tables_dropped")
            # From here on nobody records or touches a result.
            cursor.execute("LOCK TABLE cache.cached IN SHARE ROW EXCLUSIVE MODE")
            if not _stored_tables(cursor):
                cursor.execute("DELETE FROM cache.cached")
                return int(cursor.rowcount)
            cursor.execute("ROLLBACK TO SAVEPOINT tables_dropped")


def _stored_tables(cursor: Cursor) -> list[str]:
    cursor.execute(
        "SELECT cached.tablename FROM cache.cached "
        "INNER JOIN pg_tables ON pg_tables.schemaname = cached.schema "
        "AND pg_tables.tablename = cached.tablename "
        "WHERE cached.schema = 'cache' ORDER BY cached.tablename"
    )
    return [name for (name,) in cursor.fetchall()]


def _drop_tables(cursor: Cursor) -> None:
    for name in _stored_tables(cursor):
        cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier("cache", name)))
