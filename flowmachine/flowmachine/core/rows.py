"""Reading the rows of a query: whole, in part, counted, one by one, or how PostgreSQL would read them."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

import sqlalchemy as sa
from sqlalchemy import CursorResult, FromClause, Select

from flowmachine.core import sql
from flowmachine.core.compilation import Compilation

if TYPE_CHECKING:
    import pandas as pd

    from flowmachine.core.query import Query

ExplainFormat = Literal["text", "json", "yaml", "xml"]
EXPLAIN_FORMATS = ("text", "json", "yaml", "xml")
ROWS_AT_A_TIME = 10_000

Shape = Callable[[FromClause, Compilation], Select[Any]]
"""What is asked of a query's rows."""


def all_rows(rows: FromClause, _: Compilation) -> Select[Any]:
    """Ask for every row as it is."""
    return sa.select(*rows.c)


def statement_over(query: "Query", shape: Shape, *, from_stored: bool = True) -> str:
    """Write what is asked of a query's rows as SQL, which reads what is stored, or nothing that is."""
    from flowmachine.core.context import get_engine
    from flowmachine.core.plan import survey

    with get_engine().connection.lookups.connect() as connection:
        facts, _ = survey(connection, query)
    using = Compilation(facts, facts.stored if from_stored else ())
    return sql.render(shape(using(query), using))


@contextmanager
def executed(query: "Query", shape: Shape, *, stream: bool = False) -> Iterator[CursorResult[Any]]:
    """Run what is asked of a query's rows; a stream holds no more than a portion of them in memory."""
    from flowmachine.core.context import get_engine
    from flowmachine.core.reading import whatever_is_dropped

    options = {"stream_results": True, "yield_per": ROWS_AT_A_TIME} if stream else {}
    with get_engine().connection.engine.connect() as connection:

        def run(from_stored: bool) -> CursorResult[Any]:
            connection.rollback()  # of what a failed statement began
            text = statement_over(query, shape, from_stored=from_stored)
            return connection.exec_driver_sql(text, execution_options=options)

        yield whatever_is_dropped(run)


class Reading:
    """The part of a query that gives its rows."""

    def get_query(self: "Query") -> str:  # type: ignore[misc]
        """Return the SQL that gives the result: a read of its table where it is stored."""
        from flowmachine.core.context import get_engine

        return get_engine().sql(self)

    def get_dataframe(self: "Query") -> "pd.DataFrame":  # type: ignore[misc]
        """Return the result, computed if it is not stored, as a frame with the columns in order.

        Raises
        ------
        flowmachine.core.errors.NotConnectedError
            Before :func:`flowmachine.connect`.
        flowmachine.core.errors.MissingDateError
            If no day of the query's window has been loaded.

        Examples
        --------
        >>> daily_location("2016-01-01").aggregate().get_dataframe()  # doctest: +SKIP
             pcod  value
        0  524 01     23
        """
        from flowmachine.core.context import get_engine

        return get_engine().dataframe(self)

    def get_dataframe_async(self: "Query") -> "Future[pd.DataFrame]":  # type: ignore[misc]
        """Start :meth:`get_dataframe` in the background; the future gives the frame, or raises its error."""
        from flowmachine.core.context import get_engine

        engine = get_engine()
        return engine.call(engine.dataframe, self)

    def head(self: "Query", n: int = 5) -> "pd.DataFrame":  # type: ignore[misc]
        """Return the first ``n`` rows of the result, in no particular order; with 0 the columns alone."""
        import pandas as pd

        with executed(self, lambda rows, _: sa.select(*rows.c).limit(n)) as found:
            return pd.DataFrame.from_records([tuple(row) for row in found], columns=self.column_names)

    def __len__(self: "Query") -> int:  # type: ignore[misc]
        """Count the rows of the result."""
        with executed(self, lambda rows, _: sa.select(sa.func.count()).select_from(rows)) as found:
            return int(found.scalar_one())

    def __bool__(self) -> bool:
        """Be true, empty or not: to ask whether there is a query must not run it."""
        return True

    def __iter__(self: "Query") -> Iterator[tuple[Any, ...]]:  # type: ignore[misc]
        """Run the query and yield its rows as tuples, read from FlowDB in portions."""
        with executed(self, all_rows, stream=True) as found:
            for row in found:
                yield tuple(row)

    def explain(self: "Query", format: ExplainFormat = "text", *, analyse: bool = False) -> Any:  # type: ignore[misc]
        """Return PostgreSQL's plan for computing the result, as if nothing of it were stored.

        Parameters
        ----------
        format : {"text", "json", "yaml", "xml"}
        analyse : bool, default False
            Run the statement too, and show times.

        Returns
        -------
        str, or for ``json`` a list of one dict

        Raises
        ------
        ValueError
            For another format.
        """
        from flowmachine.core import ddl
        from flowmachine.core.context import get_engine
        from flowmachine.core.plan import compile_query, survey

        if format.lower() not in EXPLAIN_FORMATS:
            raise ValueError(
                f"Unsupported output format: '{format}'. Supported are {', '.join(EXPLAIN_FORMATS)}."
            )
        connections = get_engine().connection
        with connections.lookups.connect() as connection:
            facts, _ = survey(connection, self)
        statement = compile_query(self, facts, ()).text
        with connections.engine.connect() as connection:
            text = sql.render(ddl.Explain(statement, format, analyse=analyse))
            found = list(connection.exec_driver_sql(text).scalars())
        return found[0] if format.lower() == "json" else "\n".join(found)
