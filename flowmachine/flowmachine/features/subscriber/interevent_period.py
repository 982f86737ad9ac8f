"""How many whole hours, or other units, pass between the events of each subscriber."""

from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.facts import Facts
from flowmachine.core.statistic_types import Statistic
from flowmachine.core.subset import SubscriberSubset
from flowmachine.features.subscriber.metaclasses import SubscriberFeature
from flowmachine.features.utilities import fields
from flowmachine.features.utilities.direction import Direction
from flowmachine.features.utilities.events import EventTables, check_events
from flowmachine.features.utilities.gaps import select_gap_statistic
from flowmachine.features.utilities.hours import Hours

SECONDS = {
    "second": 1,
    "minute": 60,
    "hour": 3600,
    "day": 86400,
    "month": 2592000,  # of 30 days
    "year": 31557600,  # Julian: of 365.25 days
}


@attrs.frozen(eq=False, slots=False, repr=False)
class IntereventPeriod(SubscriberFeature):
    """Statistic of the time from each event of a subscriber to their next one, in whole units of time.

    Parameters
    ----------
    start, stop : str, date or datetime
        The window of time, its end not included.
    statistic : Statistic or str, default avg
    time_resolution : {"second", "minute", "hour", "day", "month", "year"}, default "hour"
        The unit: a month has 30 days, a year 365.25.
    hours, tables, subscriber_identifier, subscriber_subset, direction
        As for :class:`~flowmachine.features.subscriber.interevent_interval.IntereventInterval`.

    Notes
    -----
    Columns: ``subscriber`` (text), ``value`` (bigint: the statistic of the exact times, rounded down
    to whole units, or for ``variance`` to whole square units; for ``count`` the number of gaps). Of
    subscribers with one event the count is 0 and everything else null; of one gap, stddev and
    variance are null.

    Raises
    ------
    ValueError
        For an unknown statistic or resolution.
    MissingColumnsError
        When planned, if a direction is asked of events that have none.
    MissingDateError
        When planned, if no day of the window has been loaded.
    """

    start: str = fields.date_field()
    stop: str = fields.date_field()
    statistic: Statistic = fields.statistic_field(Statistic.AVG)
    time_resolution: str = attrs.field(
        default="hour", kw_only=True, validator=attrs.validators.in_(tuple(SECONDS))
    )
    hours: Hours = fields.hours_field(kw_only=True)
    table: EventTables = fields.table_field(kw_only=True, argument="tables")
    subscriber_identifier: str = fields.identifier_field(kw_only=True)
    subscriber_subset: SubscriberSubset = fields.subset_field()
    direction: Direction = fields.direction_field(Direction.OUT)
    reads_events = True
    one_row_per_subscriber = True

    def check(self, facts: Facts) -> None:
        """Refuse a window without data."""
        check_events(self, facts, self.direction)

    def select(self, using: Compilation) -> Select[Any]:
        """Take the statistic of the gaps, in units."""
        gaps = select_gap_statistic(self, using, self.statistic, self.direction).subquery("gaps")
        power = {Statistic.COUNT: 0, Statistic.VARIANCE: 2}.get(self.statistic, 1)
        unit = SECONDS[self.time_resolution] ** power
        whole = sa.cast(sa.func.floor(gaps.c.value / sa.literal(unit, sa.Numeric)), sa.BigInteger)
        return sa.select(gaps.c.subscriber, whole.label("value"))
