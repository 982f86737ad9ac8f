"""What the tests do to FlowDB behind FlowKit's back."""

import contextlib
import time
from collections.abc import Iterator
from typing import Any

import psycopg2
from psycopg2 import sql

from flowdb.results import forget_results

WAIT_SECONDS = 15


class Superuser:
    """A connection as the superuser, each statement a transaction of its own.

    Parameters
    ----------
    dsn
        Of the superuser.
    """

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._connection = psycopg2.connect(dsn)
        self._connection.autocommit = True

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def ask(self, statement: str | sql.Composed, *values: Any) -> list[tuple[Any, ...]]:
        """Run a statement; return its rows, if it gives any."""
        with self._connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    @contextlib.contextmanager
    def renamed(self, schema: str, table: str) -> Iterator[None]:
        """Give a table another name, as if it had been dropped."""
        rename = sql.SQL("ALTER TABLE {}.{} RENAME TO {}")
        names = [sql.Identifier(name) for name in (schema, table, f"{table}_elsewhere")]
        self.ask(rename.format(*names))
        try:
            yield
        finally:
            self.ask(rename.format(names[0], names[2], names[1]))

    def forget_results(self) -> None:
        """Drop every stored result."""
        with contextlib.closing(psycopg2.connect(self._dsn)) as connection:
            forget_results(connection)
            connection.commit()

    @contextlib.contextmanager
    def locked_events(self) -> Iterator[None]:
        """Keep every query that reads calls from going on; no result of an earlier one helps it."""
        self.forget_results()
        connection = psycopg2.connect(self._dsn)
        try:
            connection.cursor().execute("LOCK TABLE events.calls IN ACCESS EXCLUSIVE MODE")
            yield
        finally:
            connection.close()

    def blocked(self) -> int:
        """Count FlowMachine's statements that wait for the lock."""
        statement = (
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'flowmachine' "
            "AND wait_event_type = 'Lock' AND query LIKE %s"
        )
        return int(self.ask(statement, "%CREATE TABLE%")[0][0])

    def wait_until_blocked(self) -> None:
        """Return when a query of FlowMachine waits for the lock."""
        deadline = time.monotonic() + WAIT_SECONDS
        while not self.blocked():
            if time.monotonic() > deadline:
                raise TimeoutError("No query got as far as the lock.")
            time.sleep(0.05)

    def stored(self, query_id: str) -> list[tuple[str, Any]]:
        """Return table and time of making of a stored result."""
        rows = self.ask("SELECT tablename, created FROM cache.cached WHERE query_id = %s", query_id)
        return [(table, created) for table, created in rows]

    def drop_result(self, query_id: str) -> None:
        """Drop the table of a stored result, and leave its record."""
        ((table, _),) = self.stored(query_id)
        self.ask(sql.SQL("DROP TABLE {}").format(sql.Identifier("cache", table)))

    def enlarge_result(self, query_id: str, times: int) -> None:
        """Repeat the rows of a stored result, so that sending it takes a while."""
        ((table, _),) = self.stored(query_id)
        name = sql.Identifier("cache", table)
        self.ask(
            sql.SQL("INSERT INTO {0} SELECT r.* FROM {0} AS r, generate_series(2, %s)").format(name), times
        )

    @contextlib.contextmanager
    def locked_partition(self, table: str) -> Iterator[None]:
        """Keep the queries that read one day of events from going on."""
        with contextlib.closing(psycopg2.connect(self._dsn)) as connection:
            lock = sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE")
            connection.cursor().execute(lock.format(sql.Identifier("events", table)))
            yield
