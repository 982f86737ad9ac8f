"""How many subscribers were in one place and, in their next event, in another."""

from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.spatial_unit import SpatialUnit
from flowmachine.features.location.flow_like import Flow
from flowmachine.features.utilities.subscriber_locations import SubscriberLocations


@attrs.frozen(eq=False, slots=False, repr=False)
class ConsecutiveTripsODMatrix(Flow):
    """Number of subscribers for each pair of places that two events in a row were in.

    Two events in the same place count as well, as a pair of that place with itself. A subscriber
    counts once for each pair, however often they went. Events at equal times are in the order of
    their places.

    Parameters
    ----------
    subscriber_locations : SubscriberLocations

    Notes
    -----
    Columns: the unit's location columns with the suffix ``_from``, then with ``_to``, ``value``
    (bigint, subscribers). Pairs in which a place is not known do not count.
    """

    subscriber_locations: SubscriberLocations = attrs.field(
        validator=attrs.validators.instance_of(SubscriberLocations)
    )

    @property
    def one_movement_per_row(self) -> bool:
        """A subscriber counts once for each pair."""
        return True

    @property
    def spatial_unit(self) -> SpatialUnit:
        """The spatial unit of the locations."""
        return self.subscriber_locations.spatial_unit

    def select_movements(self, using: Compilation) -> Select[Any]:
        """Put each subscriber's events into order, and take the different pairs of neighbours."""
        events = using(self.subscriber_locations)
        place = [events.c[name] for name in self.spatial_unit.location_id_columns]
        following = [
            sa.func.lead(column, type_=column.type)
            .over(partition_by=events.c.subscriber, order_by=[events.c.time, *place])
            .label(f"{column.name}_to")
            for column in place
        ]
        origin = [column.label(f"{column.name}_from") for column in place]
        pairs = sa.select(events.c.subscriber, *origin, *following).subquery("pairs")
        known = (column.is_not(None) for column in pairs.c if column.name != "subscriber")
        return sa.select(*pairs.c).where(*known).distinct()
