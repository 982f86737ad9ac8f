"""Cells: which version of each is in service when, and tables that place them otherwise.

Of a cell that has moved, the newest version in service on a day counts: where the validity of two
versions overlaps, the later one ends the earlier one, so that no event is counted twice.
"""

import sqlalchemy as sa
from sqlalchemy import FromClause

from flowmachine.core import sql
from flowmachine.core.compilation import Compilation


def _location_table(name: str) -> FromClause:
    return sql.qualified_table(
        name,
        sa.column("id", sa.Text),
        sa.column("version", sa.Integer),
        sa.column("date_of_first_service", sa.Date),
        sa.column("date_of_last_service", sa.Date),
        sa.column("geom_point", sql.Geometry()),
    )


def versions_in_service(using: Compilation) -> FromClause:
    """Return the cells with the days on which each version is the one in service."""
    cells = _location_table(using.facts.location_table)
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
    ).subquery("versions")
    last = sa.func.least(versions.c.date_of_last_service, versions.c.next_first - 1, type_=sa.Date)
    return (
        sa.select(
            versions.c.location_id,
            versions.c.date_of_first_service,
            last.label("date_of_last_service"),
            versions.c.geom_point,
        )
        .where(versions.c.next_first.is_(None) | (versions.c.first < versions.c.next_first))
        .subquery("locations")
    )


_TABLE_SCHEMAS = ("flowmachine", "geography", "infrastructure", "public")


def table_name(value: str | None) -> str | None:
    """Complete the name of a table that a user brings; only schemas meant for such tables are read.

    Raises
    ------
    ValueError
        For any other schema.
    """
    if not value:
        return None
    schema, _, table = value.rpartition(".")
    if (schema or "flowmachine") not in _TABLE_SCHEMAS or not table:
        raise ValueError(
            f"{value!r}: a mapping or geometry table must be in one of {', '.join(_TABLE_SCHEMAS)}."
        )
    return f"{schema or 'flowmachine'}.{table}"


def mapping(table: str, column: str) -> FromClause:
    """Return a table that gives each cell's id the value of a column."""
    return sql.qualified_table(table, sa.column("id", sa.Text), sa.column(column, sa.Text)).alias("mapping")
