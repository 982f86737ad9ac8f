"""How many subscribers went from one place to another, whatever they saw in between."""

from functools import cached_property
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.spatial_unit import SpatialUnit
from flowmachine.features.location.flow_like import Flow
from flowmachine.features.utilities.daily_visits import DailyVisits
from flowmachine.features.utilities.subscriber_locations import SubscriberLocations, visited_days, visits_of
from flowmachine.features.utilities.visits import EARLIEST_EVENT, LATEST_EVENT


@attrs.frozen(eq=False, slots=False, repr=False)
class TripsODMatrix(Flow):
    """Number of subscribers for each pair of different places, in the first before in the second.

    A subscriber counts for a pair of places if their earliest event in the one is before their latest
    in the other, and once only, however often they went.

    Parameters
    ----------
    subscriber_locations : SubscriberLocations

    Notes
    -----
    Columns: the unit's location columns with the suffix ``_from``, then with ``_to``, ``value``
    (bigint, subscribers). Events without a place do not count.
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

    @cached_property
    def parts(self) -> tuple[DailyVisits, ...]:
        """The visits of each day."""
        return visited_days(self.subscriber_locations)

    def select_movements(self, using: Compilation) -> Select[Any]:
        """Pair the places of each subscriber, each reduced to its first and its last moment."""
        visits = visits_of(
            self.subscriber_locations, using, {"earliest": EARLIEST_EVENT, "latest": LATEST_EVENT}
        ).cte()
        origin, destination = visits.alias(), visits.alias()
        names = self.spatial_unit.location_id_columns
        # Not "is distinct": an unknown place is no other place.
        elsewhere = sa.or_(*(origin.c[name] != destination.c[name] for name in names))
        return sa.select(
            origin.c.subscriber,
            *(origin.c[name].label(f"{name}_from") for name in names),
            *(destination.c[name].label(f"{name}_to") for name in names),
        ).select_from(
            origin.join(
                destination,
                (origin.c.subscriber == destination.c.subscriber)
                & (origin.c.earliest < destination.c.latest)
                & elsewhere,
            )
        )
