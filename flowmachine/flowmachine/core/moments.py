"""Moments in SQL: buckets of time, stretches in seconds, parts of a date."""

import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Select

from flowmachine.core import sql
from flowmachine.core.dates import parse_date

BUCKETS: Mapping[str, str] = MappingProxyType(
    {
        "second": "1 second",
        "minute": "1 minute",
        "hour": "1 hour",
        "day": "1 day",
        "week": "1 week",
        "month": "1 month",
        "quarter": "3 months",
        "year": "1 year",
        "century": "100 years",
    }
)
"""Buckets of time, with how long each is."""

SHORT_BUCKETS = ("second", "minute", "hour")
"""Those that are known by a time; the others are known by a date."""

PARTS = (
    *("century", "day", "decade", "dow", "doy", "epoch", "hour", "isodow", "isoyear", "microseconds"),
    *("millennium", "milliseconds", "minute", "month", "quarter", "second", "week", "year"),
)
"""What PostgreSQL can extract from a moment."""


def part(name: str, moment: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a part of an instant's wall-clock time in UTC."""
    return sa.extract(name, sql.utc(moment))


def seconds(since: ColumnElement[Any], until: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the seconds from one instant to a later one, exactly."""
    return sa.cast(sa.extract("epoch", until - since), sa.Numeric)


def _named(bucket: str, start: ColumnElement[Any]) -> ColumnElement[Any]:
    if bucket in SHORT_BUCKETS:
        return sa.func.timezone(sql.UTC, start, type_=sa.TIMESTAMP(timezone=True))
    return sa.cast(start, sa.Date)


def bucket_of(bucket: str, moment: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the start, in UTC, of the bucket of an instant: an instant for the short ones, else a date."""
    return _named(bucket, sa.func.date_trunc(bucket, sql.utc(moment), type_=sa.TIMESTAMP()))


def buckets_of(bucket: str, start: str, stop: str) -> Select[Any]:
    """Select the starts of all buckets that a window touches, its end not included, as ``datetime``."""
    first, last = parse_date(start), parse_date(stop) - dt.timedelta(seconds=1)
    begin, end = (sa.cast(sa.literal(str(end), sa.Text), sa.TIMESTAMP) for end in (first, last))
    begun = sa.func.date_trunc(bucket, begin, type_=sa.TIMESTAMP())
    step = sa.cast(sa.literal(BUCKETS[bucket], sa.Text), sa.Interval)
    starts = sa.func.generate_series(begun, end, step).table_valued(sa.column("start", sa.TIMESTAMP))
    return sa.select(_named(bucket, starts.render_derived("starts").c.start).label("datetime"))
