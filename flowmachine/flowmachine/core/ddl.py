"""Statements that make and describe result tables, with their identifiers quoted by SQLAlchemy."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import DDLCompiler

from flowmachine.core.compilation import CACHE_SCHEMA
from flowmachine.core.query import Query


class CreateResult(sa.DDLElement):
    """Create the table of a query's result from the text of its compiled select."""

    def __init__(self, query: Query, statement: str, table: sa.Table | None = None) -> None:
        self.table = result_table(query) if table is None else table
        self.statement = statement


class SetOwner(sa.DDLElement):
    """Give a table to a role."""

    def __init__(self, table: sa.Table, role: str) -> None:
        self.table, self.role = table, role


class LockTables(sa.DDLElement):
    """Lock tables against every use; with ``nowait``, fail at once if one is in use."""

    def __init__(self, names: Sequence[str], *, nowait: bool = False) -> None:
        self.tables = [sa.table(name, schema=CACHE_SCHEMA) for name in names]
        self.nowait = nowait


class Analyze(sa.DDLElement):
    """Gather a table's statistics."""

    def __init__(self, table: sa.Table) -> None:
        self.table = table


class Explain(sa.DDLElement):
    """Show how the text of a compiled select would be, or with ``analyse`` is, executed."""

    def __init__(self, statement: str, form: str, *, analyse: bool) -> None:
        self.statement, self.form, self.analyse = statement, form, analyse


@compiles(Explain)
def _explain(element: Explain, _: DDLCompiler, **__: Any) -> str:
    options = ["FORMAT", element.form.upper(), *([", ANALYZE TRUE"] if element.analyse else [])]
    return " ".join(("EXPLAIN (", *options, ")", element.statement))


@compiles(CreateResult)
def _create_result(element: CreateResult, compiler: DDLCompiler, **_: Any) -> str:
    return " ".join(("CREATE TABLE", compiler.preparer.format_table(element.table), "AS", element.statement))


@compiles(SetOwner)
def _set_owner(element: SetOwner, compiler: DDLCompiler, **_: Any) -> str:
    table, role = compiler.preparer.format_table(element.table), compiler.preparer.quote(element.role)
    return " ".join(("ALTER TABLE", table, "OWNER TO", role))


@compiles(LockTables)
def _lock_tables(element: LockTables, compiler: DDLCompiler, **_: Any) -> str:
    tables = ", ".join(compiler.preparer.format_table(table) for table in element.tables)
    lock = " ".join(("LOCK TABLE", tables, "IN ACCESS EXCLUSIVE MODE"))
    return " ".join((lock, "NOWAIT")) if element.nowait else lock


@compiles(Analyze)
def _analyze(element: Analyze, compiler: DDLCompiler, **_: Any) -> str:
    return " ".join(("ANALYZE", compiler.preparer.format_table(element.table)))


def drop_result(table_name: str) -> sa.schema.DropTable:
    """Return the statement that drops a table of the cache, if it is there."""
    return sa.schema.DropTable(sa.Table(table_name, sa.MetaData(), schema=CACHE_SCHEMA), if_exists=True)


def result_table(query: Query, name: str | None = None, schema: str = CACHE_SCHEMA) -> sa.Table:
    """Return the table of a query's result, in the cache or as named, for statements that define it."""
    columns = (sa.Column(column, type_) for column, type_ in query.columns)
    return sa.Table(name or query.table_name, sa.MetaData(), *columns, schema=schema)


def indexes(query: Query, table: sa.Table | None = None) -> list[sa.schema.CreateIndex]:
    """Return the statements that index a query's result; as it is never written again, pages are full."""
    table = result_table(query) if table is None else table
    return [
        sa.schema.CreateIndex(
            sa.Index(None, *(table.c[name] for name in group), postgresql_with={"fillfactor": 100})
        )
        for group in query.index_columns
    ]
