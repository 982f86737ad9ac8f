"""On how many days each subscriber was where."""

from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core import sql
from flowmachine.core.compilation import Compilation
from flowmachine.core.query import Query
from flowmachine.core.spatial_unit import SpatialUnit
from flowmachine.features.utilities.subscriber_locations import SubscriberLocations
from flowmachine.features.utilities.visits import daily_visits


@attrs.frozen(eq=False, slots=False, repr=False)
class CallDays(Query):
    """Number of calendar days (UTC) on which each subscriber was at each place.

    Parameters
    ----------
    subscriber_locations : SubscriberLocations

    Notes
    -----
    Columns: ``subscriber`` (text), the unit's location columns, ``value`` (bigint, days).
    """

    subscriber_locations: Query = attrs.field(validator=attrs.validators.instance_of(Query))

    @property
    def spatial_unit(self) -> SpatialUnit:
        """The spatial unit of the locations."""
        unit: SpatialUnit = self.subscriber_locations.spatial_unit  # type: ignore[attr-defined]
        return unit

    def select(self, using: Compilation) -> Select[Any]:
        """Count the days' visits."""
        locations, names = self.subscriber_locations, self.spatial_unit.location_id_columns
        if type(locations) is SubscriberLocations and locations.ignore_nulls:
            days = [visits for _, visits in daily_visits(locations, using, self.spatial_unit, {})]
        else:
            rows = using(locations)
            day = sa.cast(sql.utc(rows.c.time), sa.Date)
            days = [sa.select(rows.c.subscriber, *(rows.c[name] for name in names), day).distinct()]
        stacked = (days[0] if len(days) == 1 else sa.union_all(*days)).subquery("days")
        keys = [stacked.c.subscriber, *(stacked.c[name] for name in names)]
        return sa.select(*keys, sa.func.count().label("value")).group_by(*keys)
