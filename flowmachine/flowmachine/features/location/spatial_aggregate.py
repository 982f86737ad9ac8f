"""How many subscribers each place has."""

from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.disclosure import CONTRIBUTORS, Aggregate
from flowmachine.core.spatial_unit import SpatialUnit
from flowmachine.features.utilities.locating import BaseLocation
from flowmachine.features.utilities.subscribers import number_of_subscribers, one_row_per_subscriber


@attrs.frozen(eq=False, slots=False, repr=False, kw_only=True)
class SpatialAggregate(Aggregate):
    """Number of rows that a location query has for each place.

    Parameters
    ----------
    locations : BaseLocation
        Such as a daily or a modal location.

    Notes
    -----
    Columns: the unit's location columns, ``value`` (bigint, subscribers).
    """

    locations: BaseLocation = attrs.field(validator=attrs.validators.instance_of(BaseLocation))

    @property
    def spatial_unit(self) -> SpatialUnit:
        """The spatial unit of the locations."""
        return self.locations.spatial_unit

    def select_with_contributors(self, using: Compilation) -> Select[Any]:
        """Count rows, and subscribers, per place."""
        located = using(self.locations)
        place = [located.c[name] for name in self.spatial_unit.location_id_columns]
        rows = sa.func.count()
        subscribers = number_of_subscribers(located.c.subscriber, once=one_row_per_subscriber(self.locations))
        return sa.select(*place, rows.label("value"), subscribers.label(CONTRIBUTORS)).group_by(*place)
