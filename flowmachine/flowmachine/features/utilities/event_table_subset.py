"""Some of the events of one table, as they are."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import ColumnElement, Select

from flowmachine.core import sql
from flowmachine.core.compilation import Compilation
from flowmachine.core.dates import parse_date, standardise_date
from flowmachine.core.deriving import columns_given
from flowmachine.core.errors import MissingDateError
from flowmachine.core.facts import Facts
from flowmachine.core.hour_slice import HourInterval, HourSlice
from flowmachine.core.query import Query
from flowmachine.core.subset import SubscriberSubset, restrict
from flowmachine.features.utilities import fields
from flowmachine.features.utilities.events import (
    COLUMN_TYPES,
    TABLE_COLUMNS,
    EventTables,
    check_events,
    event_tables,
)
from flowmachine.features.utilities.hours import Hours, in_hours

SUBSCRIBER = "subscriber"
ALL_COLUMNS = "*"


def columns_of_events(wanted: Iterable[str], table: str | None, identifier: str) -> tuple[str, ...]:
    """Return the columns of events to read, each once, in the order of the result.

    Parameters
    ----------
    wanted : iterable of str
        Names; ``*`` stands for all that the table has, ``subscriber`` for the identifier.
    table : str or None
        Such as ``events.calls``; None for several.
    identifier : str
        The column that identifies subscribers.

    Raises
    ------
    ValueError
        Without a column; for all columns of several tables, or of a table that is not one of FlowDB's own;
        for a column that no table of events has.
    """
    names = {identifier if name == SUBSCRIBER else name for name in wanted}
    if ALL_COLUMNS in names:
        if table is None:
            raise ValueError(
                "Name the columns of several tables of events: not each has all that others have."
            )
        own = TABLE_COLUMNS.get(table.removeprefix("events."))
        if own is None:
            raise ValueError(f"Name the columns of {table}: which it has is not known.")
        names = names - {ALL_COLUMNS} | own
    if not names:
        raise ValueError("Events need at least one column.")
    if unknown := sorted(names - COLUMN_TYPES.keys()):
        known = ", ".join(COLUMN_TYPES)
        raise ValueError(f"{', '.join(unknown)} are not columns of events; these have {known}.")
    return tuple(sorted(names))


def _one_table(value: Any) -> tuple[str]:
    names = event_tables(value)
    if names is None or len(names) != 1:
        raise ValueError(f"table must be the name of one table such as 'events.calls', not {value!r}.")
    return (names[0],)


def _hour_slice(value: Any) -> HourSlice | None:
    if value is None or isinstance(value, HourSlice):
        return value
    intervals: Any = [value] if isinstance(value, HourInterval) else value
    return HourSlice(hour_intervals=intervals)


def _columns(value: Any, query: Any) -> tuple[str, ...]:
    names = query.table
    table = names[0] if names is not None and len(names) == 1 else None
    return columns_of_events(columns_given(value), table, query.subscriber_identifier)


COLUMNS: Any = attrs.Converter(_columns, takes_self=True)
"""Converter of a field for the columns of events to read, after ``table`` and ``subscriber_identifier``."""


def _end_field() -> Any:
    return attrs.field(default=None, kw_only=True, converter=attrs.converters.optional(standardise_date))


@attrs.frozen
class _Closed:
    """A window with both ends, as a query over events has it."""

    start: str
    stop: str
    table: EventTables
    subscriber_identifier: str
    hours: Hours = None
    subscriber_subset: SubscriberSubset = None


@attrs.frozen(eq=False, slots=False, repr=False)
class EventTableSubset(Query):
    """The events of one table in ``[start, stop)``; not stored, since it is as long as the events.

    Parameters
    ----------
    start, stop : str, date or datetime, optional
        The window of time, its end not included. One end may be open.
    hours : pair of int, optional
        Hours of the day, 0 to 24, half-open, wrapping midnight if the first is later.
    hour_slices : HourSlice, or list of HourInterval, optional
        Hours of days or of days of the week; an event in any of them counts.
    table : str, default "events.calls"
    subscriber_subset : see :func:`flowmachine.core.subset.subscriber_subset`
    columns : list of str, default all
    subscriber_identifier : {"msisdn", "imei", "imsi"}

    Notes
    -----
    Columns: those asked for, each once, in the order of their names; the column that identifies
    subscribers is called ``subscriber`` but keeps the place of its own name.

    Raises
    ------
    ValueError
        If both hours and hour slices are given, neither start nor stop, or columns that events do not have.
    MissingColumnsError
        When planned, if the table lacks a column.
    MissingDateError
        When planned, if no day of the window has been loaded.
    """

    start: str | None = _end_field()
    stop: str | None = _end_field()
    hours: Hours = fields.hours_field(kw_only=True)
    hour_slices: HourSlice | None = attrs.field(default=None, kw_only=True, converter=_hour_slice)
    table: tuple[str] = attrs.field(default=("events.calls",), kw_only=True, converter=_one_table)
    subscriber_subset: SubscriberSubset = fields.subset_field()
    subscriber_identifier: str = fields.identifier_field(kw_only=True)
    columns_read: tuple[str, ...] = attrs.field(
        default=(ALL_COLUMNS,),
        kw_only=True,
        alias="columns",
        converter=COLUMNS,  # type: ignore[misc]
    )
    reads_events = True
    storable = False

    def __attrs_post_init__(self) -> None:
        if self.hours is not None and self.hour_slices is not None:
            raise ValueError("Give hours or hour_slices, not both.")
        if self.start == self.stop:
            raise ValueError(f"The start and the end of the window are the same: {self.start}.")

    def check(self, facts: Facts) -> None:
        """Refuse a window without data, and columns that the table lacks."""
        (table,) = self.table
        loaded = sorted(facts.available_dates.get(table.removeprefix("events."), ()))
        if not loaded and None in (self.start, self.stop):
            raise MissingDateError(self.start, self.stop, table)
        # An open end is that of the data; of what ends before it begins, nothing is there.
        start = self.start or min(standardise_date(loaded[0]), str(self.stop))
        stop = self.stop or max(standardise_date(loaded[-1] + dt.timedelta(days=1)), start)
        if start == stop:
            raise MissingDateError(self.start, self.stop, table)
        closed = _Closed(start, stop, self.table, self.subscriber_identifier)
        check_events(closed, facts, columns=self.columns_read)

    def select(self, using: Compilation) -> Select[Any]:
        """Return the rows of the table that are asked for."""
        names = {self.subscriber_identifier: None, "datetime": None, **dict.fromkeys(self.columns_read)}
        table = sql.qualified_table(self.table[0], *(sa.column(name, COLUMN_TYPES[name]) for name in names))
        subscriber, moment = table.c[self.subscriber_identifier], table.c.datetime
        conditions: list[ColumnElement[bool]] = [
            *in_hours(self.hours, moment),
            *restrict(self.subscriber_subset, subscriber, using),
        ]
        if self.start is not None:
            conditions.append(moment >= sql.instant(parse_date(self.start)))
        if self.stop is not None:
            conditions.append(moment < sql.instant(parse_date(self.stop)))
        if self.hour_slices is not None:
            conditions.append(self.hour_slices.condition(moment))
        columns = [
            subscriber.label(SUBSCRIBER) if name == self.subscriber_identifier else table.c[name]
            for name in self.columns_read
        ]
        return sa.select(*columns).where(*conditions)
