"""The place where each subscriber had events on most days."""

from functools import cached_property
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core import sql
from flowmachine.core.compilation import Compilation
from flowmachine.core.query import Query
from flowmachine.core.spatial_unit import SpatialUnit
from flowmachine.features.utilities.locating import BaseLocation
from flowmachine.features.utilities.subscriber_locations import days_of, visited_days
from flowmachine.features.utilities.units import located_events


@attrs.frozen(eq=False, slots=False, repr=False, kw_only=True)
class VisitedMostDays(BaseLocation):
    """Place with events of each subscriber on most different days (in UTC).

    Of places with equally many days, the one with most events is taken, then the one first in order.

    Parameters
    ----------
    subscriber_locations : SubscriberLocations
        Or something made from them, such as a sample.

    Notes
    -----
    Columns: ``subscriber`` (text), then the unit's location columns.

    Raises
    ------
    ValueError
        For a query without ``subscriber``, ``time`` or the location columns.
    InvalidSpatialUnitError
        For a query without a spatial unit.
    """

    subscriber_locations: Query = attrs.field(validator=located_events)

    @cached_property
    def parts(self) -> tuple[Query, ...]:
        """The visits of each day."""
        return visited_days(self.subscriber_locations)

    @property
    def spatial_unit(self) -> SpatialUnit:  # type: ignore[override]
        """The spatial unit of the events."""
        unit: SpatialUnit = self.subscriber_locations.spatial_unit  # type: ignore[attr-defined]
        return unit

    @property
    def start(self) -> str:  # type: ignore[override]
        """The start of the events' window."""
        start: str = self.subscriber_locations.start  # type: ignore[attr-defined]
        return start

    def select(self, using: Compilation) -> Select[Any]:
        """Count days and events of each subscriber and place, and take the largest counts."""
        visits = days_of(self.subscriber_locations, using).subquery("visits")
        place = [visits.c[name] for name in self.spatial_unit.location_id_columns]
        return sql.first_per(
            [visits.c.subscriber],
            [sa.desc(visits.c.days), sa.desc(visits.c.events), *place],
            columns=[visits.c.subscriber, *place],
        )
