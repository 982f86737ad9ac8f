"""How much of what subscribers of a place have to do with each other stays in the place."""

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
from flowmachine.features.utilities.direction import Direction
from flowmachine.features.utilities.events import EventTables, check_events
from flowmachine.features.utilities.hours import Hours
from flowmachine.features.utilities.placed_events import select_placed_events


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
        made, received = (
            select_placed_events(self, using, self.spatial_unit, "id", direction=direction).subquery()
            for direction in (Direction.OUT, Direction.IN)
        )
        names = self.spatial_unit.location_id_columns
        within = sa.and_(*(made.c[name] == received.c[name] for name in names)).label("within")
        firsts = {
            Direction.OUT: [made],
            Direction.IN: [received],
            Direction.BOTH: [made, received],
        }[self.direction]
        # Of a pair, each leg is the first one once; the pairs are made once for both.
        first = sa.union_all(
            *(
                sa.select(leg.c.subscriber, *(leg.c[name] for name in names), within).correlate(
                    made, received
                )
                for leg in firsts
            )
        ).lateral("first")
        keys = [first.c[name] for name in ("subscriber", *names)]
        shares = (
            sa.select(
                *keys,
                sa.func.count().label("pairs"),
                sa.func.count().filter(first.c.within).label("within"),
            )
            .select_from(made.join(received, made.c.id == received.c.id).join(first, sa.true()))
            .group_by(*keys)
            .subquery("shares")
        )
        place = [shares.c[name] for name in names]
        fraction = sa.cast(sa.func.sum(shares.c.within), sa.Double) / sa.cast(
            sa.func.sum(shares.c.pairs), sa.Double
        )
        return sa.select(*place, fraction.label("value"), sa.func.count().label(CONTRIBUTORS)).group_by(
            *place
        )
