"""How much of what subscribers of a place have to do with each other stays in the place."""

from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import FromClause, Select

from flowmachine.core.cells import in_service
from flowmachine.core.compilation import Compilation
from flowmachine.core.dates import split_into_days
from flowmachine.core.disclosure import CONTRIBUTORS, Aggregate
from flowmachine.core.facts import Facts
from flowmachine.core.spatial_unit import CellSpatialUnit, GeomSpatialUnit, SpatialUnit
from flowmachine.core.subset import SubscriberSubset
from flowmachine.features.utilities import fields
from flowmachine.features.utilities.direction import Direction
from flowmachine.features.utilities.events import EventTables, check_events, select_events
from flowmachine.features.utilities.hours import Hours


@attrs.frozen(eq=False, slots=False, repr=False)
class LocationIntroversion(Aggregate):
    """Fraction of the interactions of each place whose other end is in the same place.

    An interaction has two legs: events with the same id, one made and one received. It counts where
    its first leg is, if both legs are known, located, and within the window, hours, tables and subset.

    Parameters
    ----------
    start, stop, table, hours, subscriber_subset, subscriber_identifier
        As for :class:`~flowmachine.features.utilities.locating.BestVisit`.
    spatial_unit : SpatialUnit, default cell
    direction : {"in", "out", "both"}, default "both"
        Which leg is the first: the one received, the one made, or each once.

    Notes
    -----
    Columns: the unit's location columns, ``value`` (double precision, 0 to 1). The contributors of a
    row are the different subscribers of the first legs.

    Raises
    ------
    MissingColumnsError
        When planned, if the events have no id or direction.
    MissingDateError
        When planned, if no day of the window has been loaded.
    """

    start: str = fields.date_field()
    stop: str = fields.date_field()
    table: EventTables = fields.table_field(kw_only=True)
    spatial_unit: SpatialUnit = fields.unit_field(default=CellSpatialUnit(), kw_only=True)
    direction: Direction = fields.direction_field()
    hours: Hours = fields.hours_field(kw_only=True)
    subscriber_subset: SubscriberSubset = fields.subset_field()
    subscriber_identifier: str = fields.identifier_field(kw_only=True)
    reads_events = True

    def check(self, facts: Facts) -> None:
        """Refuse a window without data, and events without an id or a direction."""
        check_events(self, facts, self.direction, ("id", "outgoing"))

    def select_with_contributors(self, using: Compilation) -> Select[Any]:
        """Pair the legs, count the pairs of each subscriber and place, and add up by place."""
        legs = self._legs(using).cte()
        first, other = legs.alias(), legs.alias()
        names = self.spatial_unit.location_id_columns
        same_place = sa.and_(*(first.c[name] == other.c[name] for name in names))
        shares = (
            sa.select(
                first.c.subscriber,
                *(first.c[name] for name in names),
                sa.func.count().label("pairs"),
                sa.func.count().filter(same_place).label("within"),
            )
            .select_from(
                first.join(other, (first.c.id == other.c.id) & (first.c.outgoing != other.c.outgoing))
            )
            .where(*self.direction.condition(first.c.outgoing))
            .group_by(first.c.subscriber, *(first.c[name] for name in names))
            .subquery("shares")
        )
        place = [shares.c[name] for name in names]
        fraction = sa.cast(sa.func.sum(shares.c.within), sa.Double) / sa.cast(
            sa.func.sum(shares.c.pairs), sa.Double
        )
        return sa.select(*place, fraction.label("value"), sa.func.count().label(CONTRIBUTORS)).group_by(
            *place
        )

    def _legs(self, using: Compilation) -> Select[Any]:
        """Select the events with their places, day by day."""
        days = [self._day(using, start, stop) for start, stop in split_into_days(self.start, self.stop)]
        if len(days) == 1:
            return days[0]
        stacked = sa.union_all(*days).subquery("days")
        return sa.select(*stacked.c)

    def _day(self, using: Compilation, start: Any, stop: Any) -> Select[Any]:
        columns = ("id", "outgoing", "location_id")
        events = select_events(self, using, start, stop, *columns).subquery("events")
        leg = (events.c.subscriber, events.c.id, events.c.outgoing)
        unit, source = self.spatial_unit, events
        place: FromClause = events
        if isinstance(unit, GeomSpatialUnit):
            place = using(unit)
            same = events.c.location_id == place.c.location_id
            source = events.join(place, same & in_service(place, sa.literal(start.date(), sa.Date)))  # type: ignore[assignment]
        return (
            sa.select(*leg, *(place.c[name] for name in unit.location_id_columns))
            .select_from(source)
            .where(events.c.id.is_not(None))
        )
