"""How many different subscribers were active in each place."""

from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.disclosure import CONTRIBUTORS, Aggregate
from flowmachine.core.facts import Facts
from flowmachine.core.spatial_unit import CellSpatialUnit, SpatialUnit
from flowmachine.core.subset import SubscriberSubset
from flowmachine.features.utilities import fields
from flowmachine.features.utilities.daily_visits import OverDays
from flowmachine.features.utilities.events import EventTables, check_events
from flowmachine.features.utilities.hours import Hours


@attrs.frozen(eq=False, slots=False, repr=False)
class UniqueSubscriberCounts(OverDays, Aggregate):
    """Number of different subscribers with an event in each place, in ``[start, stop)``.

    A subscriber counts once in each place where they were.

    Parameters
    ----------
    start, stop, hours, table, subscriber_subset, subscriber_identifier
        As for :class:`~flowmachine.features.utilities.locating.BestVisit`.
    spatial_unit : SpatialUnit, default cell

    Notes
    -----
    Columns: the unit's location columns, ``value`` (bigint, subscribers).

    Raises
    ------
    MissingDateError
        When planned, if no day of the window has been loaded.
    """

    start: str = fields.date_field()
    stop: str = fields.date_field()
    spatial_unit: SpatialUnit = fields.unit_field(default=CellSpatialUnit())
    hours: Hours = fields.hours_field()
    table: EventTables = fields.table_field()
    subscriber_subset: SubscriberSubset = fields.subset_field(kw_only=False)
    subscriber_identifier: str = fields.identifier_field()
    reads_events = True

    def check(self, facts: Facts) -> None:
        """Refuse a window without data."""
        check_events(self, facts)

    def select_with_contributors(self, using: Compilation) -> Select[Any]:
        """Count the visits of each place: a subscriber has one."""
        visits = self.visits(using, {}).subquery("visits")
        place = [visits.c[name] for name in self.spatial_unit.location_id_columns]
        subscribers = sa.func.count()
        return sa.select(*place, subscribers.label("value"), subscribers.label(CONTRIBUTORS)).group_by(*place)
