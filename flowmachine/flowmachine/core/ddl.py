"""Statements that make and describe result tables, with their identifiers quoted by SQLAlchemy."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import DDLCompiler

from flowmachine.core.compilation import CACHE_SCHEMA
from flowmachine.core.query import Query


class CreateResult(sa.DDLElement):
    """Create the table of a query's result from the text of its compiled select."""

    def __init__(self, query: Query, statement: str) -> None:
        self.table = result_table(query)
        self.statement = statement


class SetOwner(sa.DDLElement):
    """Give a table to a role."""

    def __init__(self, table: sa.Table, role: str) -> None:
        self.table, self.role = table, role


class Analyze(sa.DDLElement):
    """Gather a table's statistics."""

    def __init__(self, table: sa.Table) -> None:
        self.table = table


@compiles(CreateResult)
def _create_result(element: CreateResult, compiler: DDLCompiler, **_: Any) -> str:
    return " ".join(("CREATE TABLE", compiler.preparer.format_table(element.table), "AS", element.statement))


@compiles(SetOwner)
def _set_owner(element: SetOwner, compiler: DDLCompiler, **_: Any) -> str:
    table, role = compiler.preparer.format_table(element.table), compiler.preparer.quote(element.role)
    return " ".join(("ALTER TABLE", table, "OWNER TO", role))


@compiles(Analyze)
def _analyze(element: Analyze, compiler: DDLCompiler, **_: Any) -> str:
    return " ".join(("ANALYZE", compiler.preparer.format_table(element.table)))


def result_table(query: Query) -> sa.Table:
    """Return the table of a query's result, for statements that define it."""
    columns = (sa.Column(name, type_) for name, type_ in query.columns)
    return sa.Table(query.table_name, sa.MetaData(), *columns, schema=CACHE_SCHEMA)


def indexes(query: Query) -> list[sa.schema.CreateIndex]:
    """Return the statements that index a query's result; as it is never written again, pages are full."""
    table = result_table(query)
    return [
        sa.schema.CreateIndex(
            sa.Index(None, *(table.c[name] for name in group), postgresql_with={"fillfactor": 100})
        )
        for group in query.index_columns
    ]
