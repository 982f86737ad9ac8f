"""A table of FlowDB as a query."""

from concurrent.futures import Future
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select, TableClause

from flowmachine.core import sql, system_tables
from flowmachine.core.compilation import Compilation
from flowmachine.core.deriving import columns_given
from flowmachine.core.facts import Facts
from flowmachine.core.query import Query
from flowmachine.core.state import QueryState
from flowmachine.core.storing import OWN_SCHEMA


def qualified_name(name: str, schema: str | None = None) -> str:
    """Return ``schema.table`` of a table's name, which may have its schema in it.

    Raises
    ------
    ValueError
        If two schemas are named, or there is no name.
    """
    named, _, table = name.rpartition(".")
    if named and schema and named != schema:
        raise ValueError(f"{name!r} is not in the schema {schema!r}; name one schema.")
    if not table:
        raise ValueError(f"{name!r} is not the name of a table.")
    return f"{named or schema or OWN_SCHEMA}.{table}"


def table_columns(name: str) -> dict[str, str]:
    """Look up the columns of a table or view, in order, with their types; empty if there is none.

    Raises
    ------
    flowmachine.core.errors.NotConnectedError
        Before :func:`flowmachine.connect`.
    """
    from flowmachine.core.context import get_engine

    with get_engine().connection.lookups.connect() as connection:
        found = connection.execute(system_tables.columns_statement(name)).all()
    return {str(column): str(kind) for column, kind in found}


@attrs.frozen(eq=False, slots=False, repr=False, init=False)
class Table(Query):
    """The rows of a table or view of FlowDB.

    A table is never copied into the cache, and never dropped.

    Parameters
    ----------
    name : str
        May be ``schema.table``.
    schema : str, default "flowmachine"
    columns : str or list of str, optional
        All of them by default. They are then looked up once, where the object is made, so that what
        it means does not change with the table; that needs a connection.

    Notes
    -----
    Columns: those asked for, in that order.

    Raises
    ------
    ValueError
        If the table or a column does not exist: where the object is made if all columns are asked
        for, else when it is planned.

    Examples
    --------
    >>> Table("geography.admin3", columns=["admin3pcod", "admin3name"]).head()  # doctest: +SKIP
    """

    name: str
    columns_read: tuple[str, ...]
    storable = False

    def __init__(self, name: str, schema: str | None = None, columns: Any = None) -> None:
        full = qualified_name(name, schema)
        chosen = columns_given(columns or ()) or tuple(table_columns(full))
        if not chosen:
            raise ValueError(f"There is no table {full}.")
        self.__attrs_init__(name=full, columns_read=tuple(dict.fromkeys(chosen)))

    @property
    def tables(self) -> tuple[str, ...]:
        """The table itself."""
        return (self.name,)

    @property
    def stored_candidates(self) -> tuple[str, ...]:
        """Nothing: the rows are where they are."""
        return ()

    @property
    def fully_qualified_table_name(self) -> str:
        """The name of the table with its schema."""
        return self.name

    @property
    def table_in_place(self) -> TableClause:
        """The table."""
        return sql.qualified_table(self.name, *(sa.column(column) for column in self.columns_read))

    def check(self, facts: Facts) -> None:
        """Refuse a table that does not exist or lacks a column."""
        facts.require_columns(self.name, *self.columns_read)

    def select(self, using: Compilation) -> Select[Any]:
        """Return the columns asked for."""
        return sa.select(*self.table_in_place.c)

    @property
    def is_stored(self) -> bool:
        """Whether the table exists."""
        return bool(table_columns(self.name))

    @property
    def query_state(self) -> QueryState:
        """Always completed."""
        return QueryState.COMPLETED

    def store(self, store_dependencies: bool | None = None) -> "Future[Table]":
        """Return a future that gives the table at once: there is nothing to compute."""
        done: Future[Table] = Future()
        done.set_result(self)
        return done

    def get_table(self) -> "Table":
        """Return the table itself."""
        return self

    def has_children(self) -> bool:
        """Tell whether the table has partitions or inherits to others."""
        return bool(self._lookup(system_tables.children_statement(self.name)))

    def estimated_rowcount(self, include_children: bool = True) -> int:
        """Return the number of rows by PostgreSQL's statistics, with those of partitions by default."""
        return int(self._lookup(system_tables.estimated_rows_statement(self.name, include_children)) or 0)

    @staticmethod
    def _lookup(statement: Select[Any]) -> Any:
        from flowmachine.core.context import get_engine

        with get_engine().connection.lookups.connect() as connection:
            return connection.execute(statement).scalar()

    def invalidate_db_cache(
        self,
        name: str | None = None,
        schema: str | None = None,
        cascade: bool = True,
        drop: bool = False,
    ) -> None:
        """Do nothing: what is in a table that FlowMachine did not make is not its to remove."""

    def __format__(self, _: str) -> str:
        return f"<Table: '{self.name}', query_id: '{self.query_id}'>"
