"""Helpers for those who write statements of their own with SQLAlchemy."""

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Engine, Select

from flowmachine.core import sql
from flowmachine.core.names import get_name_and_alias

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "get_query_result_as_dataframe", "get_sql_string", "get_sqlalchemy_table_definition",
    "get_string_representation", "make_sqlalchemy_column_from_flowmachine_column_description",
]  # fmt: skip


def get_sqlalchemy_table_definition(fully_qualified_table_name: str, *, engine: Engine) -> sa.Table:
    """Read the definition of a table from FlowDB.

    Parameters
    ----------
    fully_qualified_table_name : str
        ``schema.table``.
    engine : sqlalchemy.Engine
        Such as ``get_db().engine``.

    Raises
    ------
    ValueError
        If the name has no schema, or there is no such table.
    """
    schema, _, name = fully_qualified_table_name.rpartition(".")
    if not schema or not name:
        raise ValueError(f"{fully_qualified_table_name!r} is not the name of a table with its schema.")
    try:
        return sa.Table(name, sa.MetaData(), schema=schema, autoload_with=engine)
    except sa.exc.NoSuchTableError:
        raise ValueError(f"There is no table {fully_qualified_table_name}.") from None


def get_sql_string(statement: sa.ClauseElement) -> str:
    """Return the text of a statement for FlowDB, with every value in it."""
    return sql.render(statement)


get_string_representation = get_sql_string


def get_query_result_as_dataframe(query: Select[Any], *, engine: Engine) -> "pd.DataFrame":
    """Run a statement and return its rows as a frame."""
    import pandas as pd

    with engine.connect() as connection:
        found = connection.execute(query)
        return pd.DataFrame.from_records([tuple(row) for row in found], columns=list(found.keys()))


def make_sqlalchemy_column_from_flowmachine_column_description(
    sqlalchemy_table: sa.FromClause, column_str: str
) -> ColumnElement[Any]:
    """Return a table's column, under another name if the description has one: ``"msisdn AS subscriber"``."""
    name, alias = get_name_and_alias(column_str)
    column: ColumnElement[Any] = sqlalchemy_table.c[name.rpartition(".")[2]]
    return column.label(alias) if alias != column.name else column
