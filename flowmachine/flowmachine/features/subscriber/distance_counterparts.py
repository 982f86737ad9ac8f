"""How far from each subscriber those are with whom they have contact."""

from typing import Any, ClassVar

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.facts import Facts
from flowmachine.core.spatial_unit import LonLatSpatialUnit
from flowmachine.core.statistic_types import Statistic
from flowmachine.core.subset import SubscriberSubset
from flowmachine.features.subscriber.metaclasses import SubscriberFeature
from flowmachine.features.utilities import fields
from flowmachine.features.utilities.contacts import COUNTERPART, with_others
from flowmachine.features.utilities.direction import Direction
from flowmachine.features.utilities.distances import select_distance_statistic
from flowmachine.features.utilities.event_window import EventWindow
from flowmachine.features.utilities.events import EventTables, check_events
from flowmachine.features.utilities.hours import Hours
from flowmachine.features.utilities.placed_events import select_other_legs, select_placed_events


@attrs.frozen(eq=False, slots=False, repr=False)
class DistanceCounterparts(SubscriberFeature):
    """Statistic of how far away the other end of each event of a subscriber was, in ``[start, stop)``.

    The other end is told by the event's other record: that of the same table and ``id`` with the
    opposite direction, in the window at any hour. Of several such records, the earliest with a
    position is taken, then that of the lowest longitude and latitude. Positions are those of the cells
    on the day.

    Parameters
    ----------
    start, stop : str, date or datetime
        The window of time, its end not included.
    statistic : Statistic or str, default avg
    hours, tables, direction, subscriber_subset
        As for :class:`~flowmachine.features.subscriber.event_count.EventCount`; they are about the
        subscriber's own record. Subscribers are identified by msisdn.
    exclude_self_calls : bool, default True
        Leave out events of subscribers with themselves.

    Notes
    -----
    Columns: ``subscriber`` (text), ``value`` (kilometres along the WGS 84 ellipsoid, of the
    statistic's type). Events without a counterpart, and those of which one end has no position, do
    not count; subscribers without any other have no row.

    Raises
    ------
    ValueError
        For an unknown statistic.
    MissingColumnsError
        When planned, if the events are not of two parties.
    MissingDateError
        When planned, if no day of the window has been loaded.
    """

    start: str = fields.date_field()
    stop: str = fields.date_field()
    statistic: Statistic = fields.statistic_field(Statistic.AVG)
    hours: Hours = fields.hours_field(kw_only=True)
    table: EventTables = fields.table_field(kw_only=True, argument="tables")
    direction: Direction = fields.direction_field()
    subscriber_subset: SubscriberSubset = fields.subset_field()
    exclude_self_calls: bool = fields.flag_field(True)
    subscriber_identifier: ClassVar[str] = "msisdn"
    positions: ClassVar[LonLatSpatialUnit] = LonLatSpatialUnit()
    reads_events = True

    def check(self, facts: Facts) -> None:
        """Refuse a window without data."""
        check_events(self, facts, columns=("id", "outgoing", COUNTERPART))

    def select(self, using: Compilation) -> Select[Any]:
        """Pair the positions of the two records of each event."""
        tables = self.table or tuple(f"events.{name}" for name in using.facts.interaction_tables())
        pairs = [self._pairs(using, table) for table in tables]
        if len(pairs) == 1:
            return select_distance_statistic(pairs[0], self.statistic)
        stacked = sa.union_all(*pairs).subquery("stacked")
        return select_distance_statistic(sa.select(*stacked.c), self.statistic)

    def _pairs(self, using: Compilation, table: str) -> Select[Any]:
        read = ("id", "outgoing", COUNTERPART)
        window = EventWindow(
            self.start, self.stop, (table,), self.hours, subscriber_subset=self.subscriber_subset
        )
        own = select_placed_events(window, using, self.positions, *read, direction=self.direction).subquery(
            "own"
        )
        other = select_other_legs(self, using, self.positions, table).subquery("other")
        same = (own.c.id == other.c.id) & (own.c.outgoing != other.c.outgoing)
        return (
            sa.select(
                own.c.subscriber,
                own.c.lon,
                own.c.lat,
                other.c.lon.label("lon_other"),
                other.c.lat.label("lat_other"),
            )
            .select_from(own.join(other, same))
            .where(*with_others(own, self.subscriber_identifier, self.exclude_self_calls))
        )
