"""Results of the quality checks that the loading of events left behind."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Engine

from flowmachine.core.dates import DateLike, parse_date

_CHECKS = sa.table(
    "deduped_post_etl_queries",
    *map(sa.column, ("cdr_type", "cdr_date", "type_of_query_or_check", "outcome")),
    schema="etl",
)


def list_checks(lookups: Engine) -> list[dict[str, Any]]:
    """List the pairs of ``cdr_type`` and ``type_of_query_or_check`` that have results."""
    statement = (
        sa.select(_CHECKS.c.cdr_type, _CHECKS.c.type_of_query_or_check).distinct().order_by(sa.text("1, 2"))
    )
    with lookups.connect() as database:
        return [dict(row) for row in database.execute(statement).mappings()]


def get_checks(
    lookups: Engine, cdr_type: str, start_date: DateLike, end_date: DateLike, check_type: str
) -> list[dict[str, Any]]:
    """Return a check's ``outcome``, ``cdr_date`` and ``type_of_query_or_check`` by day, whatever the case."""
    statement = (
        sa.select(
            _CHECKS.c.outcome,
            sa.cast(_CHECKS.c.cdr_date, sa.Text).label("cdr_date"),
            _CHECKS.c.type_of_query_or_check,
        )
        .where(
            sa.func.lower(_CHECKS.c.cdr_type) == cdr_type.lower(),
            sa.func.lower(_CHECKS.c.type_of_query_or_check) == check_type.lower(),
            _CHECKS.c.cdr_date.between(parse_date(start_date).date(), parse_date(end_date).date()),
        )
        .order_by(_CHECKS.c.cdr_date)
    )
    with lookups.connect() as database:
        return [dict(row) for row in database.execute(statement).mappings()]
