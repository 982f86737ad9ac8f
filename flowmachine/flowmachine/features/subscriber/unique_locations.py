"""Every place where each subscriber was."""

from functools import cached_property
from typing import Any, ClassVar

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.query import Query
from flowmachine.core.spatial_unit import SpatialUnit
from flowmachine.features.utilities.daily_visits import select_visits
from flowmachine.features.utilities.locating import BaseLocation
from flowmachine.features.utilities.subscriber_locations import SubscriberLocations, visited_days
from flowmachine.features.utilities.units import located_query


@attrs.frozen(eq=False, slots=False, repr=False)
class UniqueLocations(BaseLocation):
    """Different places of each subscriber, each once: a subscriber has a row for every one of them.

    Parameters
    ----------
    subscriber_locations : SubscriberLocations
        Or another query with subscribers and their places.

    Notes
    -----
    Columns: ``subscriber`` (text), then the unit's location columns.

    Raises
    ------
    ValueError
        For a query without ``subscriber`` or the location columns.
    InvalidSpatialUnitError
        For a query without a spatial unit.
    """

    subscriber_locations: Query = attrs.field(validator=located_query)
    one_row_per_subscriber: ClassVar[bool] = False

    @cached_property
    def parts(self) -> tuple[Query, ...]:
        """The visits of each day."""
        return visited_days(self.subscriber_locations)

    @property
    def spatial_unit(self) -> SpatialUnit:  # type: ignore[override]
        """The spatial unit of the places."""
        unit: SpatialUnit = self.subscriber_locations.spatial_unit  # type: ignore[attr-defined]
        return unit

    @property
    def start(self) -> str:  # type: ignore[override]
        """The start of the window in which the places were visited."""
        start: str = self.subscriber_locations.start  # type: ignore[attr-defined]
        return start

    def select(self, using: Compilation) -> Select[Any]:
        """Reduce events to places; of anything else, take the different rows."""
        given = self.subscriber_locations
        if type(given) is SubscriberLocations:
            return select_visits(given, using, self.spatial_unit, {})
        rows = using(given)
        place = [rows.c[name] for name in self.spatial_unit.location_id_columns]
        return sa.select(rows.c.subscriber, *place).distinct()
