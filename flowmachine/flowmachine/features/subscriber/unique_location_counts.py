"""At how many places each subscriber was."""

from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.facts import Facts
from flowmachine.core.spatial_unit import CellSpatialUnit, SpatialUnit
from flowmachine.core.subset import SubscriberSubset
from flowmachine.features.subscriber.metaclasses import SubscriberFeature
from flowmachine.features.utilities import fields
from flowmachine.features.utilities.daily_visits import OverDays
from flowmachine.features.utilities.events import EventTables, check_events, select_window
from flowmachine.features.utilities.hours import Hours


@attrs.frozen(eq=False, slots=False, repr=False)
class UniqueLocationCounts(OverDays, SubscriberFeature):
    """Number of different places of each subscriber in ``[start, stop)``.

    Parameters
    ----------
    start, stop : str, date or datetime
        The window of time, its end not included.
    spatial_unit : SpatialUnit, default cell
    hours, tables, subscriber_identifier, subscriber_subset
        As for :class:`~flowmachine.features.subscriber.event_count.EventCount`.
    ignore_nulls : bool, default True
        Leave out events without a cell; otherwise all of these together are one more place, where
        places are cells. Events in a cell that lies in none of another unit's places never count.

    Notes
    -----
    Columns: ``subscriber`` (text), ``value`` (bigint, places). Subscribers who were nowhere have no
    row.

    Raises
    ------
    MissingDateError
        When planned, if no day of the window has been loaded.
    """

    start: str = fields.date_field()
    stop: str = fields.date_field()
    spatial_unit: SpatialUnit = fields.unit_field(default=CellSpatialUnit(), kw_only=True)
    hours: Hours = fields.hours_field(kw_only=True)
    table: EventTables = fields.table_field(kw_only=True, argument="tables")
    subscriber_identifier: str = fields.identifier_field(kw_only=True)
    ignore_nulls: bool = fields.flag_field(True)
    subscriber_subset: SubscriberSubset = fields.subset_field()
    reads_events = True
    one_row_per_subscriber = True

    def check(self, facts: Facts) -> None:
        """Refuse a window without data."""
        check_events(self, facts)

    def select(self, using: Compilation) -> Select[Any]:
        """Count the visits of each subscriber, one for each place."""
        if self.ignore_nulls or not isinstance(self.spatial_unit, CellSpatialUnit):
            visits = self.visits(using, {}).subquery("visits")
            return sa.select(visits.c.subscriber, sa.func.count().label("value")).group_by(
                visits.c.subscriber
            )
        events = select_window(self, using, "location_id").subquery("events")
        cell = sa.func.coalesce(events.c.location_id, sa.literal("", sa.Text))
        cells = sa.select(events.c.subscriber, cell.label("cell")).distinct().subquery("cells")
        return sa.select(cells.c.subscriber, sa.func.count().label("value")).group_by(cells.c.subscriber)
