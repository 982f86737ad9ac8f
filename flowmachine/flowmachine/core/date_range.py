"""A range of days, both ends included."""

import datetime as dt
from typing import Any

import attrs

from flowmachine.core.dates import parse_date


def _day(value: Any) -> dt.date:
    return parse_date(value).date()


@attrs.frozen
class DateRange:
    """The days from ``start_date`` to ``end_date``, both included.

    Parameters
    ----------
    start_date, end_date : str, date or datetime

    Raises
    ------
    ValueError
        If a text is no date, or the end is before the start.

    Examples
    --------
    >>> DateRange("2016-01-01", "2016-01-03").one_day_past_end_date_as_str
    '2016-01-04'
    """

    start_date: dt.date = attrs.field(converter=_day)
    end_date: dt.date = attrs.field(converter=_day)

    def __attrs_post_init__(self) -> None:
        if self.end_date < self.start_date:
            raise ValueError(
                f"The end of the range ({self.end_date}) is before its start ({self.start_date})."
            )

    @property
    def one_day_past_end_date(self) -> dt.date:
        """The day after the last one."""
        return self.end_date + dt.timedelta(days=1)

    @property
    def start_date_as_str(self) -> str:
        """The first day as ``YYYY-MM-DD``."""
        return self.start_date.isoformat()

    @property
    def end_date_as_str(self) -> str:
        """The last day as ``YYYY-MM-DD``."""
        return self.end_date.isoformat()

    @property
    def one_day_past_end_date_as_str(self) -> str:
        """The day after the last one as ``YYYY-MM-DD``."""
        return self.one_day_past_end_date.isoformat()
