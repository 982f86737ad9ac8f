"""Hours of the day, as a restriction on events."""

from typing import Any, TypeAlias

from sqlalchemy import ColumnElement

from flowmachine.core import sql

Hours: TypeAlias = "tuple[int, int] | None"


def hours_of_day(value: Any) -> Hours:
    """Normalise a restriction to hours of the day.

    Parameters
    ----------
    value : None, "all" or pair of int
        From the first hour (included) to the second (not included), each 0 to 24, in UTC. A first
        hour after the second wraps midnight: ``(22, 4)`` keeps events before 04:00 or from 22:00 on.
        Equal hours keep nothing.

    Raises
    ------
    ValueError
        For anything else.
    """
    if value is None or value == "all":
        return None
    try:
        first, end = (int(hour) for hour in value)
    except (TypeError, ValueError):
        raise ValueError(f"hours must be two whole numbers from 0 to 24, not {value!r}.") from None
    if not (0 <= first <= 24 and 0 <= end <= 24):
        raise ValueError(f"hours must be from 0 to 24, not {value!r}.")
    return first, end


def in_hours(hours: Hours, moment: ColumnElement[Any]) -> list[ColumnElement[bool]]:
    """Return the conditions that keep the moments in the hours."""
    if hours is None:
        return []
    (first, end), hour = hours, sql.utc_hour(moment)
    return [(hour >= first) & (hour < end)] if first <= end else [(hour < end) | (hour >= first)]
