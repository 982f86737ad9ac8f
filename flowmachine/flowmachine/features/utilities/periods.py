"""Back-to-back periods of equal length, and in which of them each subscriber was active."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import ColumnElement, Select

from flowmachine.core import sql
from flowmachine.core.compilation import Compilation
from flowmachine.core.dates import days_in_window, parse_date, split_into_days, standardise_date
from flowmachine.core.errors import MissingDateError
from flowmachine.core.facts import Facts
from flowmachine.features.utilities.events import EventQuery, check_events, select_events

PERIOD_UNITS = ("days", "hours", "minutes")


def _whole(instance: Any, attribute: Any, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError(f"{attribute.name} must be a whole number from 1 on, not {value!r}.")


def whole_number_field(**how: Any) -> Any:
    """Make a field for a whole number from 1 on."""
    return attrs.field(validator=_whole, **how)


def period_unit_field(default: str) -> Any:
    """Make a field for the unit that the length of periods is given in."""
    return attrs.field(default=default, validator=attrs.validators.in_(PERIOD_UNITS))


@attrs.frozen
class Periods:
    """``number`` periods, each from its start (included) to the start of the next.

    Parameters
    ----------
    start : str
    number : int
    length : int
        Of each period, in units.
    unit : {"days", "hours", "minutes"}

    Raises
    ------
    ValueError
        If the last period ends after the year 9999.
    """

    start: str
    number: int
    length: int
    unit: str

    def __attrs_post_init__(self) -> None:
        try:
            self.edge(self.number)
        except OverflowError:
            raise ValueError(
                f"{self.number} periods of {self.length} {self.unit} end after the year 9999."
            ) from None

    @property
    def each(self) -> dt.timedelta:
        """How long each period is."""
        return dt.timedelta(**{self.unit: self.length})

    @property
    def stop(self) -> str:
        """The end of the last period."""
        return standardise_date(self.edge(self.number))

    @property
    def aligned(self) -> bool:
        """Whether every midnight starts a period, so that none has parts of two days."""
        first, end = parse_date(self.start), self.edge(self.number)
        return not any((edge - first) % self.each for edge, _ in split_into_days(str(first), str(end)))

    def edge(self, number: int) -> dt.datetime:
        """Return the start of a period, counted from 0."""
        return parse_date(self.start) + number * self.each

    def within(self, start: dt.datetime, stop: dt.datetime) -> int | None:
        """Return the number of the period that all of a stretch of time lies in, if there is one."""
        number = (start - parse_date(self.start)) // self.each
        return number if stop <= self.edge(number + 1) else None

    def number_of(self, moment: ColumnElement[Any]) -> ColumnElement[Any]:
        """Return the number of the period of an instant, counted from 0."""
        return sql.whole_steps(sql.instant(parse_date(self.start)), moment, int(self.each.total_seconds()))

    def start_of(self, number: ColumnElement[Any]) -> ColumnElement[Any]:
        """Return the start of a period by its number, as a time in UTC."""
        passed = sql.as_interval(number * int(self.each.total_seconds()))
        return sa.type_coerce(sql.wall_clock(parse_date(self.start)) + passed, sa.TIMESTAMP())

    def in_stretch(self, start: dt.datetime, stop: dt.datetime) -> tuple[int, int] | None:
        """Return the numbers of the first and last period that lie wholly in a stretch of time."""
        begin = parse_date(self.start)
        first = max(0, -((begin - start) // self.each))
        last = min(self.number, (stop - begin) // self.each) - 1
        return (first, last) if first <= last else None


def _missing_stretches(periods: Periods, loaded: set[dt.date]) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    """Yield the stretches of time without any loaded day."""
    begin: dt.date | None = None
    days = days_in_window(periods.start, periods.stop)
    for day in [*days, None]:
        if day is not None and day not in loaded:
            begin = begin or day
        elif begin is not None:
            end = dt.datetime.combine(day, dt.time()) if day else parse_date(periods.stop)
            yield dt.datetime.combine(begin, dt.time()), end
            begin = None


def check_periods(query: EventQuery, facts: Facts, periods: Periods) -> None:
    """Raise unless something has been loaded for each of the periods.

    Raises
    ------
    MissingDateError
        If no table has data of any day of a period.
    """
    check_events(query, facts)
    names = [name.removeprefix("events.") for name in query.table or ()] or facts.interaction_tables()
    loaded = set().union(*(facts.available_dates.get(name, frozenset()) for name in names))
    for start, stop in _missing_stretches(periods, loaded):
        if found := periods.in_stretch(start, stop):
            first, last = found
            without = periods.edge(first), periods.edge(last + 1)
            begin, end = map(standardise_date, without)
            raise MissingDateError(begin, end, ", ".join(f"events.{name}" for name in names))


def select_active_periods(query: EventQuery, using: Compilation, periods: Periods) -> Select[Any]:
    """Select ``subscriber`` and ``period`` (its number from 0), once for each with an event.

    All periods are read in one pass, each day reduced by itself.
    """
    parts = []
    for start, stop in split_into_days(periods.start, periods.stop):
        number = periods.within(start, stop)
        columns = ["datetime"] if number is None else []
        events = select_events(query, using, start, stop, *columns, located=False).subquery("events")
        period = periods.number_of(events.c.datetime) if number is None else sa.literal(number, sa.Integer)
        parts.append(sa.select(events.c.subscriber, period.label("period")).distinct())
    if len(parts) == 1:
        return parts[0]
    stacked = sa.union_all(*parts).subquery("days")
    together = sa.select(*stacked.c)
    return together if periods.aligned else together.distinct()
