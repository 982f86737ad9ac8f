"""Hours of each day, or of one day of each week, as a restriction on events; times are in UTC."""

import datetime as dt
import re
from collections.abc import Iterable
from typing import Any, Literal

import attrs
import sqlalchemy as sa
from sqlalchemy import ColumnElement

from flowmachine.core import sql

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_HOUR = re.compile(r"^([01]\d|2[0-3]):[0-5]\d$")


class HourAndMinutesTimestamp(str):
    """A time of day as ``HH:MM``.

    Raises
    ------
    ValueError
        For anything else.

    Examples
    --------
    >>> HourAndMinutesTimestamp("07:30")
    '07:30'
    """

    __slots__ = ()

    is_missing = False

    def __new__(cls, hour: Any) -> "HourAndMinutesTimestamp":
        """Check the text."""
        if not isinstance(hour, str):
            raise ValueError("Input argument must be a string the format 'HH:MM'.")
        if not _HOUR.match(hour):
            raise ValueError(f"Hour string must have the format 'HH:MM', not {hour!r}.")
        return super().__new__(cls, hour)

    @property
    def time(self) -> dt.time:
        """The time of day."""
        return dt.time.fromisoformat(self)


class MissingHourAndMinutesTimestamp:
    """No bound: every time of day is on the right side of it."""

    is_missing = True

    def __repr__(self) -> str:
        return "<MissingHourAndMinutesTimestamp>"


def _hour(value: Any) -> str | None:
    if value is None or isinstance(value, MissingHourAndMinutesTimestamp):
        return None
    return str(HourAndMinutesTimestamp(value))


def _weekday(value: Any) -> str | None:
    return value.strip().capitalize() if isinstance(value, str) else value


@attrs.frozen(kw_only=True)
class HourInterval:
    """A half-open interval of hours, of each day or of one day of each week.

    Parameters
    ----------
    start_hour, stop_hour : str or None
        ``HH:MM``, the first included, the second not; None is no bound.
    freq : {"day", "week"}
    weekday : str, optional
        For ``week``, and then required: the English name of the day.

    Raises
    ------
    ValueError
        For hours, frequencies or days that are none.
    """

    start_hour: str | None = attrs.field(converter=_hour)
    stop_hour: str | None = attrs.field(converter=_hour)
    freq: Literal["day", "week"]
    weekday: str | None = attrs.field(default=None, converter=_weekday)

    def __attrs_post_init__(self) -> None:
        if self.freq not in ("day", "week"):
            raise ValueError("Argument `freq` must be one of: 'day', 'week'.")
        if self.freq == "week" and self.weekday is None:
            raise ValueError("If freq='week' then the `weekday` argument must be provided.")
        if self.freq == "day" and self.weekday is not None:
            raise ValueError("If freq='day' then the `weekday` argument must not be provided.")
        if self.weekday is not None and self.weekday not in WEEKDAYS:
            raise ValueError(f"Invalid value for `weekday`. Must be one of: {', '.join(WEEKDAYS)}.")

    def condition(self, moment: ColumnElement[Any]) -> ColumnElement[bool]:
        """Return the condition that keeps the moments (with time zone) in the interval."""
        local = sql.utc(moment)
        time = sa.cast(local, sa.Time)
        conditions: list[ColumnElement[bool]] = []
        if self.start_hour is not None:
            conditions.append(time >= sa.cast(sa.literal(self.start_hour, sa.Text), sa.Time))
        if self.stop_hour is not None:
            conditions.append(time < sa.cast(sa.literal(self.stop_hour, sa.Text), sa.Time))
        if self.weekday is not None:
            conditions.append(sa.extract("isodow", local) == WEEKDAYS.index(self.weekday) + 1)
        return sa.and_(sa.true(), *conditions)


@attrs.frozen(kw_only=True)
class HourSlice:
    """Several intervals of hours; a moment in any of them counts. Without one, every moment does.

    Parameters
    ----------
    hour_intervals : iterable of HourInterval
        Their order and repetitions do not matter.

    Examples
    --------
    >>> weekend = HourSlice(hour_intervals=[
    ...     HourInterval(start_hour=None, stop_hour=None, freq="week", weekday=day)
    ...     for day in ("Saturday", "Sunday")
    ... ])
    """

    hour_intervals: frozenset[HourInterval] = attrs.field(converter=frozenset)

    @hour_intervals.validator
    def _are_intervals(self, _: Any, value: Iterable[Any]) -> None:
        if not all(isinstance(interval, HourInterval) for interval in value):
            raise ValueError("hour_intervals must be a list of HourInterval.")

    def condition(self, moment: ColumnElement[Any]) -> ColumnElement[bool]:
        """Return the condition that keeps the moments (with time zone) in one of the intervals."""
        if not self.hour_intervals:
            return sa.true()
        return sa.or_(*(interval.condition(moment) for interval in sorted(self.hour_intervals, key=repr)))
