"""How often each subscriber was at each place."""

from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.spatial_unit import SpatialUnit
from flowmachine.features.subscriber.day_trajectories import DayTrajectories
from flowmachine.features.subscriber.metaclasses import SubscriberFeature


@attrs.frozen(eq=False, slots=False, repr=False)
class LocationVisits(SubscriberFeature):
    """Number of rows that trajectories have for each subscriber and place: the days spent there.

    Parameters
    ----------
    day_trajectories : DayTrajectories

    Notes
    -----
    Columns: ``subscriber`` (text), the unit's location columns, ``value`` (bigint, days). Rows have no
    order.
    """

    day_trajectories: DayTrajectories = attrs.field(validator=attrs.validators.instance_of(DayTrajectories))

    @property
    def spatial_unit(self) -> SpatialUnit:
        """The spatial unit of the trajectories."""
        return self.day_trajectories.spatial_unit

    def select(self, using: Compilation) -> Select[Any]:
        """Count the rows of each subscriber and place."""
        days = using(self.day_trajectories)
        keys = [days.c.subscriber, *(days.c[name] for name in self.spatial_unit.location_id_columns)]
        return sa.select(*keys, sa.func.count().label("value")).group_by(*keys)
