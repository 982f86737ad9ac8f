"""Reading rows: from stored results where there are some, else from what they are made of."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy.exc import DBAPIError

from flowmachine.core import catalogue
from flowmachine.core.connection import Connection
from flowmachine.core.errors import UnknownQueryError
from flowmachine.core.facts import Facts
from flowmachine.core.locks import gone_or_deadlocked
from flowmachine.core.pins import Pins
from flowmachine.core.plan import Statement, compile_query, survey
from flowmachine.core.query import Query

if TYPE_CHECKING:
    import pandas as pd

T = TypeVar("T")

MAX_PLANS = 3
"""How often a statement whose inputs keep being dropped is planned; after that it computes them itself."""


def whatever_is_dropped(read: Callable[[bool], T]) -> T:
    """Plan and run something again if a result that it was to read has been dropped since it was planned.

    Parameters
    ----------
    read : callable
        Plans and runs it. Its argument tells whether stored results may be read; at last they may not.
    """
    for _ in range(MAX_PLANS):
        try:
            return read(True)
        except DBAPIError as error:
            if not gone_or_deadlocked(error):
                raise
    return read(False)


class Reader:
    """Reads the rows of queries.

    Parameters
    ----------
    connection : Connection
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._pins = Pins(connection.lookups)

    def is_stored(self, query_id: str) -> bool:
        """Tell whether a result's table exists."""
        with self.connection.lookups.connect() as connection:
            return bool(catalogue.stored_ids(connection, [query_id]))

    def statement(self, query: Query, *, from_stored: bool = True) -> Statement:
        """Return the select that gives a query's rows, reading what is stored, or nothing that is."""
        with self.connection.lookups.connect() as connection:
            facts, nodes = survey(connection, query)
        if not from_stored:
            return compile_query(query, facts, ())
        if not nodes:
            return Statement(catalogue.result_statement(query), frozenset({query.query_id}))
        return compile_query(query, facts, facts.stored)

    def sql(self, query: Query) -> str:
        """Return the text of :meth:`statement`."""
        return self.statement(query).text

    def dataframe(self, query: Query, limit: int | None = None) -> "pd.DataFrame":
        """Return a query's rows as a frame."""
        import pandas as pd  # here, because the server never needs it and its import takes long

        def read(from_stored: bool) -> "pd.DataFrame":
            text = self.statement(query, from_stored=from_stored).text
            with self.connection.engine.connect() as connection:
                rows = connection.exec_driver_sql(text)
                found = rows.fetchall() if limit is None else rows.fetchmany(limit)
                return pd.DataFrame.from_records([tuple(row) for row in found], columns=query.column_names)

        return whatever_is_dropped(read)

    def read_statement(self, query: Query) -> str:
        """Return the SQL that reads a stored result, pin the result for its reader and note that it is used.

        Raises
        ------
        UnknownQueryError
            If it is not stored.
        """
        if query.trivial:
            return compile_query(query, Facts(), ()).text
        self._pins.hold(query.query_id)  # first, so that it cannot be dropped after the look
        with self.connection.lookups.begin() as connection:
            if not catalogue.stored_ids(connection, [query.query_id]):
                raise UnknownQueryError(f"Query {query.query_id} is not stored.")
            catalogue.touch(connection, query.query_id)
        return catalogue.result_statement(query)
