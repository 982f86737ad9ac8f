"""In which periods each subscriber was active."""

from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core import sql
from flowmachine.core.compilation import Compilation
from flowmachine.features.subscriber.active_periods import ActivePeriods
from flowmachine.features.utilities.periods import select_active_periods


@attrs.frozen(eq=False, slots=False, repr=False)
class CalendarActivity(ActivePeriods):
    """The periods, of those back to back from ``start`` on, in which each subscriber had an event.

    Parameters
    ----------
    start : str, date or datetime
        The start of the first period.
    total_periods : int
        How many periods there are.
    period_length : int, default 1
        Of each period, in units.
    period_unit : {"days", "hours", "minutes"}
    hours, table, subscriber_identifier, subscriber_subset
        As for :class:`~flowmachine.features.utilities.locating.BestVisit`.

    Notes
    -----
    Columns: ``subscriber`` (text), ``value`` (array of timestamp: the starts of the periods in UTC,
    ascending). Subscribers who were active in none have no row.

    Raises
    ------
    ValueError
        For another unit, a number that is not whole or below 1, or periods that end after 9999.
    MissingDateError
        When planned, if nothing has been loaded for one of the periods: nobody could be active in it.
    """

    def select(self, using: Compilation) -> Select[Any]:
        """Collect the periods of each subscriber."""
        active = select_active_periods(self, using, self.periods).subquery("active")
        starts = sql.ascending(self.periods.start_of(active.c.period))
        return sa.select(active.c.subscriber, starts.label("value")).group_by(active.c.subscriber)
