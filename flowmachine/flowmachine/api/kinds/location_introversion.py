"""The kind ``location_introversion``."""

from typing import Literal

from flowmachine.api.base import ExposedSpec
from flowmachine.api.fields import Direction, EventFields, SpatialFields, WindowFields
from flowmachine.core.query import Query
from flowmachine.features.location import location_introversion
from flowmachine.features.utilities import direction


class LocationIntroversion(EventFields, SpatialFields, WindowFields, ExposedSpec):
    """Fractions of the interactions of each place that stay within it."""

    query_kind: Literal["location_introversion"]
    direction: Direction = "both"

    def build(self) -> Query:
        """Return the fractions."""
        return location_introversion.LocationIntroversion(
            self.start_date,
            self.end_date,
            spatial_unit=self.unit,
            direction=direction.Direction(self.direction),
            **self.event_parameters(),
        )
