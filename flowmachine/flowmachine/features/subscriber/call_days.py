"""On how many days each subscriber was at each place."""

from functools import cached_property
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.query import Query
from flowmachine.core.spatial_unit import SpatialUnit
from flowmachine.features.subscriber.metaclasses import SubscriberFeature
from flowmachine.features.utilities.subscriber_locations import days_of, visited_days
from flowmachine.features.utilities.units import located_events


@attrs.frozen(eq=False, slots=False, repr=False)
class CallDays(SubscriberFeature):
    """Number of different days (in UTC) on which each subscriber had events at each place.

    Parameters
    ----------
    subscriber_locations : SubscriberLocations
        Or something made from them, such as a sample.

    Notes
    -----
    Columns: ``subscriber`` (text), the unit's location columns, ``value`` (bigint, days). Rows have no
    order. The measure is that of S. Isaacman et al., *Identifying Important Places in People's Lives from
    Cellular Network Data* (Pervasive 2011).

    Raises
    ------
    ValueError
        For a query without ``subscriber``, ``time`` or the location columns.
    InvalidSpatialUnitError
        For a query without a spatial unit.
    """

    subscriber_locations: Query = attrs.field(validator=located_events)
    worth_storing = True

    @cached_property
    def parts(self) -> tuple[Query, ...]:
        """The visits of each day."""
        return visited_days(self.subscriber_locations)

    @property
    def spatial_unit(self) -> SpatialUnit:
        """The spatial unit of the events."""
        unit: SpatialUnit = self.subscriber_locations.spatial_unit  # type: ignore[attr-defined]
        return unit

    def select(self, using: Compilation) -> Select[Any]:
        """Count the days of each subscriber and place."""
        visits = days_of(self.subscriber_locations, using).subquery("visits")
        place = [visits.c[name] for name in self.spatial_unit.location_id_columns]
        return sa.select(visits.c.subscriber, *place, visits.c.days.label("value"))
