"""Statements that ask FlowDB what it holds: columns and parts of tables, what is loaded, what is stored."""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause, Select


def columns_statement(table: str) -> Select[str, str]:
    """Select the columns of a table or view, in order, with the names of their types."""
    attribute = sa.table(
        "pg_attribute",
        *(sa.column(name) for name in ("attrelid", "attname", "atttypid", "attnum", "attisdropped")),
        schema="pg_catalog",
    )
    return (
        sa.select(
            sa.cast(attribute.c.attname, sa.Text),
            sa.func.format_type(attribute.c.atttypid, None, type_=sa.Text),
        )
        .where(attribute.c.attrelid == relation_id(table), attribute.c.attnum > 0, ~attribute.c.attisdropped)
        .order_by(attribute.c.attnum)
    )


def relation_id(table: str) -> ColumnElement[Any]:
    """Return PostgreSQL's number of a ``schema.table``, null if there is none."""
    schema, _, name = table.rpartition(".")
    parts = [sa.func.quote_ident(part) for part in (schema, name)]
    return sa.func.to_regclass(parts[0].concat(".").concat(parts[1]))


def _descendants(table: str) -> sa.CTE:
    inherits = sa.table("pg_inherits", sa.column("inhrelid"), sa.column("inhparent"), schema="pg_catalog")
    below = (
        sa.select(inherits.c.inhrelid)
        .where(inherits.c.inhparent == relation_id(table))
        .cte("below", recursive=True)
    )
    return below.union(sa.select(inherits.c.inhrelid).join(below, inherits.c.inhparent == below.c.inhrelid))


def children_statement(table: str) -> Select[Any]:
    """Count the partitions of a table, and of its partitions."""
    return sa.select(sa.func.count()).select_from(_descendants(table))


def estimated_rows_statement(table: str, include_children: bool) -> Select[Any]:
    """Select how many rows a table has according to statistics; a table never analysed counts as empty."""
    names = ("oid", "reltuples", "relkind")
    classes = sa.table("pg_class", *map(sa.column, names), schema="pg_catalog")
    counted = classes.c.oid == relation_id(table)
    if include_children:
        below = _descendants(table)
        # The statistics of a partitioned table repeat those of its partitions.
        counted = (counted | classes.c.oid.in_(sa.select(below.c.inhrelid))) & (
            sa.cast(classes.c.relkind, sa.Text) != "p"
        )
    rows = sa.func.sum(sa.func.greatest(classes.c.reltuples, 0))
    return sa.select(sa.cast(rows, sa.BigInteger)).where(counted)


def facts_statement(candidates: Collection[str], tables: Collection[str]) -> Select[Any]:
    """Return the one statement that reads all facts, as columns of JSON.

    A candidate counts as stored when its record and its table are both there.
    """
    names = ("table_schema", "table_name", "column_name")
    known = sa.table("columns", *(sa.column(name, sa.Text) for name in names), schema="information_schema")
    qualified = known.c.table_schema + "." + known.c.table_name
    columns = (
        sa.select(qualified.label("name"), sa.func.json_agg(known.c.column_name).label("columns"))
        .where(qualified.in_(list(tables)))
        .group_by(qualified)
        .subquery()
    )
    location_table = sa.func.location_table().table_valued("location_table").render_derived()
    flags = ("has_locations", "has_subscribers", "has_counterparts")
    events = sa.func.available_tables().table_valued("table_name", *flags).render_derived()
    dates = sa.table("available_dates", sa.column("cdr_type"), sa.column("cdr_date"), schema="etl")
    by_type = (
        sa.select(dates.c.cdr_type, sa.func.json_agg(dates.c.cdr_date).label("days")).group_by(
            dates.c.cdr_type
        )
    ).subquery()
    cached = sa.table("cached", *map(sa.column, ("query_id", "schema", "tablename", "class")), schema="cache")
    catalogue = sa.table("pg_tables", sa.column("schemaname"), sa.column("tablename"), schema="pg_catalog")

    def rows(source: FromClause, *columns: ColumnElement[Any]) -> sa.ScalarSelect[Any]:
        return (
            sa.select(sa.func.json_agg(sa.func.json_build_array(*columns)))
            .select_from(source)
            .scalar_subquery()
        )

    stored = (
        sa.select(cached.c.query_id, cached.c["class"])
        .join(
            catalogue,
            (catalogue.c.schemaname == cached.c.schema) & (catalogue.c.tablename == cached.c.tablename),
        )
        .where(cached.c.query_id.in_(list(candidates)))
    ).subquery()
    return sa.select(
        sa.select(location_table.c.location_table).limit(1).scalar_subquery(),
        rows(events, events.c.table_name, *(events.c[flag] for flag in flags)),
        rows(by_type, by_type.c.cdr_type, by_type.c.days),
        rows(stored, stored.c.query_id, stored.c["class"]),
        rows(columns, columns.c.name, columns.c.columns),
        sa.func.to_regprocedure("rolling_median_impute(double precision, integer)").is_not(None),
    )
