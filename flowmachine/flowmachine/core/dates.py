"""Dates as queries know them: half-open windows of text ``YYYY-MM-DD HH:MM:SS`` in UTC."""

import datetime as dt
import itertools

DateLike = str | dt.date | dt.datetime

MOST_DAYS = 3_660
"""The longest window, ten years: its SQL has a part for each day, and planning these takes seconds."""


def parse_date(value: DateLike) -> dt.datetime:
    """Read a date or date-time; an offset is dropped, not converted.

    Parameters
    ----------
    value : str, datetime.date or datetime.datetime
        Text may be ``YYYY-MM-DD``, ``YYYY-MM-DD HH:MM[:SS]`` or any ISO 8601 form.

    Raises
    ------
    ValueError
        If the text is not a date.
    TypeError
        If the value is of another type.
    """
    if isinstance(value, dt.datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, dt.date):
        return dt.datetime.combine(value, dt.time())
    if not isinstance(value, str):
        raise TypeError(f"A date must be text, a date or a datetime, not {type(value).__name__}.")
    try:
        return dt.datetime.fromisoformat(value.strip()).replace(tzinfo=None)
    except ValueError:
        raise ValueError(
            f"{value!r} could not be parsed as a date; expected a form like 2016-01-31."
        ) from None


def standardise_date(value: DateLike) -> str:
    """Return a date as ``YYYY-MM-DD HH:MM:SS``, the form that queries hold and that enters their id."""
    return parse_date(value).strftime("%Y-%m-%d %H:%M:%S")


def days_in_window(start: str, stop: str) -> list[dt.date]:
    """List the calendar days that the half-open window ``[start, stop)`` touches.

    Raises
    ------
    ValueError
        If there are more than `MOST_DAYS`.
    """
    first, end = parse_date(start), parse_date(stop)
    number = ((end - dt.timedelta(microseconds=1)).date() - first.date()).days + 1
    if number > MOST_DAYS:
        raise ValueError(f"The window from {start} to {stop} has {number} days; the most are {MOST_DAYS}.")
    return [first.date() + dt.timedelta(days=n) for n in range(number)]


def split_into_days(start: str, stop: str) -> list[tuple[dt.datetime, dt.datetime]]:
    """Split the half-open window ``[start, stop)`` at midnights."""
    first, end = parse_date(start), parse_date(stop)
    midnights = [dt.datetime.combine(day, dt.time()) for day in days_in_window(start, stop)[1:]]
    edges = [first, *midnights, end]
    return list(itertools.pairwise(edges))


def check_window(start: str, stop: str) -> None:
    """Refuse a window that is empty or runs backwards.

    Raises
    ------
    ValueError
        If ``stop`` is not after ``start``.
    """
    if parse_date(stop) <= parse_date(start):
        raise ValueError(f"The end of the window ({stop}) must be after its start ({start}).")


def list_of_dates(start: DateLike, stop: DateLike) -> list[str]:
    """List the days from ``start`` to ``stop``, both included, as ``YYYY-MM-DD``.

    Raises
    ------
    ValueError
        If ``stop`` is before ``start``.
    """
    first, last = parse_date(start).date(), parse_date(stop).date()
    if last < first:
        raise ValueError(f"The last day ({last}) is before the first ({first}).")
    return [(first + dt.timedelta(days=n)).isoformat() for n in range((last - first).days + 1)]


def time_period_add(date: DateLike, n: float, unit: str = "days") -> str:
    """Add ``n`` days, hours, minutes, … to a date; returns ``YYYY-MM-DD HH:MM:SS``."""
    return standardise_date(parse_date(date) + dt.timedelta(**{unit: n}))
