"""Stored results of queries that no longer hold because what they were computed from has changed."""

from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812


def forget_results(connection: Connection) -> int:
    """Drop every stored result and its record; return how many there were.

    The records do not say which places or days a result was computed from, and a result that
    is needed again costs only its computation: so all of them go. FlowMachine takes the records as the
    truth and computes again what is missing.
    """
    with connection.cursor() as cursor:
        # Nobody records or touches a result between reading the list and deleting it.
        cursor.execute("LOCK TABLE cache.cached IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute(
            "SELECT cached.tablename FROM cache.cached "
            "INNER JOIN pg_tables ON pg_tables.schemaname = cached.schema "
            "AND pg_tables.tablename = cached.tablename "
            "WHERE cached.schema = 'cache' ORDER BY cached.tablename"
        )
        for (name,) in cursor.fetchall():
            cursor.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier("cache", name)))
        cursor.execute("DELETE FROM cache.cached")
        return int(cursor.rowcount)
