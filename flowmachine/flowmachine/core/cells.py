"""Cells: which version of each is in service when, and tables that place them otherwise.

Of a cell that has moved, the newest version in service on a day counts: where the validity of two
versions overlaps, the later one ends the earlier one, so that no event is counted twice.
"""

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause

from flowmachine.core import sql
from flowmachine.core.compilation import Compilation
from flowmachine.core.facts import Facts

if TYPE_CHECKING:
    from flowmachine.core.query import Query


def _location_table(name: str) -> FromClause:
    return sql.qualified_table(
        name,
        sa.column("id", sa.Text),
        sa.column("version", sa.Integer),
        sa.column("site_id", sa.Text),
        sa.column("date_of_first_service", sa.Date),
        sa.column("date_of_last_service", sa.Date),
        sa.column("geom_point", sql.Geometry()),
    )


SITES = "infrastructure.sites"


def versions_in_service(using: Compilation, *more: str, table: str | None = None) -> FromClause:
    """Return the cells, or sites, with the days on which each version is the one in service.

    Columns: ``location_id`` (of the cell or site), the first and last day, ``geom_point``, and ``more``.
    """
    cells = _location_table(table or using.facts.location_table)
    first = sa.func.coalesce(cells.c.date_of_first_service, sql.infinity("-"), type_=sa.Date)
    next_first = sa.func.lead(first, type_=sa.Date()).over(
        partition_by=cells.c.id, order_by=(first, cells.c.version)
    )
    versions = sa.select(
        cells.c.id.label("location_id"),
        cells.c.date_of_first_service,
        cells.c.date_of_last_service,
        cells.c.geom_point,
        first.label("first"),
        next_first.label("next_first"),
        *(cells.c[name] for name in more),
    ).subquery("versions")
    last = sa.func.least(versions.c.date_of_last_service, versions.c.next_first - 1, type_=sa.Date)
    return (
        sa.select(
            versions.c.location_id,
            versions.c.date_of_first_service,
            last.label("date_of_last_service"),
            versions.c.geom_point,
            *(versions.c[name] for name in more),
        )
        .where(versions.c.next_first.is_(None) | (versions.c.first < versions.c.next_first))
        .subquery("locations" if table is None else table.rpartition(".")[2])
    )


def in_service(unit: FromClause, day: ColumnElement[Any]) -> ColumnElement[bool]:
    """Tell whether a cell's version, in a unit's mapping, is in service on a day."""
    first, last = unit.c.date_of_first_service, unit.c.date_of_last_service
    return (first.is_(None) | (first <= day)) & (last.is_(None) | (day <= last))


_TABLE_SCHEMAS = ("flowmachine", "geography", "infrastructure", "public")


def table_name(value: "str | Query | None") -> "str | Query | None":
    """Complete the name of a table that a user brings; only schemas meant for such tables are read.

    A query may stand for a table.

    Raises
    ------
    ValueError
        For any other schema.
    """
    if not isinstance(value, str) or not value:
        return value or None
    schema, _, table = value.rpartition(".")
    if (schema or "flowmachine") not in _TABLE_SCHEMAS or not table:
        raise ValueError(
            f"{value!r}: a mapping or geometry table must be in one of {', '.join(_TABLE_SCHEMAS)}."
        )
    return f"{schema or 'flowmachine'}.{table}"


def names_of(*tables: "str | Query | None") -> tuple[str, ...]:
    """Return the tables among tables and queries."""
    return tuple(table for table in tables if isinstance(table, str))


def require_columns(facts: Facts, table: "str | Query | None", *columns: str) -> None:
    """Raise unless a table that a user brings, or the query that stands for it, has the columns.

    Raises
    ------
    ValueError
        Naming the table and the columns it must have.
    """
    if isinstance(table, str):
        facts.require_columns(table, *columns)
    elif table is not None and not set(columns).issubset(table.column_names):
        raise ValueError(f"{type(table).__name__} must have the columns {', '.join(columns)}.")


def brought(
    table: "str | Query", using: Compilation, name: str, *columns: sa.ColumnClause[Any]
) -> FromClause:
    """Return the relation of a table that a user brings, or of the query that stands for it."""
    if isinstance(table, str):
        return sql.qualified_table(table, *columns).alias(name)
    return using(table).alias()


def mapping(table: "str | Query", column: str, using: Compilation) -> FromClause:
    """Return a table that gives each cell's id the value of a column."""
    return brought(table, using, "mapping", sa.column("id", sa.Text), sa.column(column, sa.Text))
