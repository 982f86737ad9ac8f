"""How the events of each subscriber are spread over places."""

from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.facts import Facts
from flowmachine.core.spatial_unit import CellSpatialUnit, SpatialUnit
from flowmachine.core.statistic_types import Statistic
from flowmachine.core.subset import SubscriberSubset
from flowmachine.features.subscriber.metaclasses import SubscriberFeature
from flowmachine.features.utilities import fields
from flowmachine.features.utilities.daily_visits import OverDays
from flowmachine.features.utilities.direction import Direction
from flowmachine.features.utilities.events import EventTables, check_events
from flowmachine.features.utilities.hours import Hours
from flowmachine.features.utilities.visits import NUMBER_OF_EVENTS


@attrs.frozen(eq=False, slots=False, repr=False)
class PerLocationEventStats(OverDays, SubscriberFeature):
    """Statistic of how many events each subscriber had per place where they had any, in ``[start, stop)``.

    Parameters
    ----------
    start, stop : str, date or datetime
        The window of time, its end not included.
    statistic : Statistic or str, default avg
    spatial_unit : SpatialUnit, default cell
    hours, tables, subscriber_identifier, direction, subscriber_subset
        As for :class:`~flowmachine.features.subscriber.event_count.EventCount`.

    Notes
    -----
    Columns: ``subscriber`` (text), ``value`` (events per place, of the statistic's type). Events that
    lie in none of the unit's places do not count; of one place, stddev and variance are null.

    Raises
    ------
    ValueError
        For an unknown statistic.
    MissingColumnsError
        When planned, if a direction is asked of events that have none.
    MissingDateError
        When planned, if no day of the window has been loaded.
    """

    start: str = fields.date_field()
    stop: str = fields.date_field()
    statistic: Statistic = fields.statistic_field(Statistic.AVG)
    spatial_unit: SpatialUnit = fields.unit_field(default=CellSpatialUnit(), kw_only=True)
    hours: Hours = fields.hours_field(kw_only=True)
    table: EventTables = fields.table_field(kw_only=True, argument="tables")
    subscriber_identifier: str = fields.identifier_field(kw_only=True)
    direction: Direction = fields.direction_field()
    subscriber_subset: SubscriberSubset = fields.subset_field()
    reads_events = True
    one_row_per_subscriber = True

    def check(self, facts: Facts) -> None:
        """Refuse a window without data."""
        check_events(self, facts, self.direction)

    def select(self, using: Compilation) -> Select[Any]:
        """Take the statistic of the sizes of visits."""
        visits = self.visits(using, {"events": NUMBER_OF_EVENTS}).subquery("visits")
        events = sa.cast(visits.c.events, sa.BigInteger)
        return sa.select(visits.c.subscriber, self.statistic.of(events).label("value")).group_by(
            visits.c.subscriber
        )
