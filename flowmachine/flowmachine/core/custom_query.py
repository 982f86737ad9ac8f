"""A query in SQL of one's own."""

from collections.abc import Iterable
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select, TextClause
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from flowmachine.core.compilation import Compilation
from flowmachine.core.deriving import columns_given
from flowmachine.core.query import Query

_READING = frozenset({"SelectStmt"})
_WRITING = frozenset({"InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt", "IntoClause", "LockingClause"})


class Verbatim(TextClause):
    """SQL that has been parsed, written into a statement as it is, colons and all."""

    inherit_cache = False

    def __init__(self, text: str) -> None:
        super().__init__("")
        self.text = text


@compiles(Verbatim)
def _as_it_is(element: Verbatim, _: SQLCompiler, **__: Any) -> str:
    return element.text


def normalised(text: str) -> str:
    """Return SQL in one spelling, whatever its white space, comments and the case of its keywords.

    Raises
    ------
    ValueError
        If it is not SQL, or anything but one statement that reads.
    """
    # Here, because the server never needs it and its import takes long.
    from pglast import parse_sql
    from pglast.parser import ParseError, deparse_protobuf, parse_sql_protobuf
    from pglast.visitors import Visitor

    try:
        statements = parse_sql(text)
    except ParseError as error:
        raise ValueError(f"PostgreSQL cannot read the SQL: {error.args[0]}.") from None
    kinds = [type(statement.stmt).__name__ for statement in statements]
    if len(kinds) != 1 or not _READING.issuperset(kinds):
        raise ValueError(f"A custom query must be one SELECT, not {' and '.join(kinds) or 'nothing'}.")

    class Kinds(Visitor):
        def __init__(self) -> None:
            self.seen = set[str]()

        def visit(self, _: Any, node: Any) -> None:
            self.seen.add(type(node).__name__)

    visitor = Kinds()
    visitor(statements)
    if written := visitor.seen & _WRITING:
        raise ValueError(f"A custom query must only read; it contains {', '.join(sorted(written))}.")
    written_anew: str = deparse_protobuf(parse_sql_protobuf(text))
    if parse_sql(written_anew) != statements:
        raise ValueError("The SQL could not be brought into one spelling; write it in a simpler way.")
    return written_anew


@attrs.frozen(eq=False, slots=False, repr=False, init=False)
class CustomQuery(Query):
    """A query in SQL of one's own, for what no class offers.

    Parameters
    ----------
    sql : str
        One SELECT that reads only. It is parsed where the object is made; whether its tables exist is
        found when it is run. White space, comments and the case of keywords do not matter.
    column_names : str or list of str
        Those of its columns that are wanted, in the order wanted; each once.

    Notes
    -----
    Columns: those named. The SQL runs with the rights of the database user; it can never be exposed
    through the API by itself, since nothing is known of the subscribers behind its rows.

    Raises
    ------
    ValueError
        For SQL that cannot be parsed, several statements, or one that writes or locks; without columns.

    Examples
    --------
    >>> CustomQuery("SELECT DISTINCT msisdn AS subscriber FROM events.calls", "subscriber")  # doctest: +SKIP
    """

    sql: str
    names: tuple[str, ...]
    reads_events = True
    """Nothing says that it does not."""

    def __init__(self, sql: str, column_names: str | Iterable[str]) -> None:
        names = tuple(dict.fromkeys(columns_given(column_names)))
        if not names:
            raise ValueError("A custom query needs the names of its columns.")
        self.__attrs_init__(sql=normalised(sql), names=names)

    def select(self, using: Compilation) -> Select[Any]:
        """Return the named columns of the SQL."""
        columns: list[sa.ColumnClause[Any]] = [sa.column(name) for name in self.names]
        rows = Verbatim(self.sql).columns(*columns).subquery("custom")
        return sa.select(*rows.c)
