"""The kind ``trips_od_matrix``."""

from typing import Literal

from flowmachine.api.base import ExposedSpec
from flowmachine.api.fields import EventFields, SpatialFields, WindowFields
from flowmachine.core.query import Query
from flowmachine.features.location import trips_od_matrix
from flowmachine.features.utilities.subscriber_locations import SubscriberLocations


class TripsODMatrix(EventFields, SpatialFields, WindowFields, ExposedSpec):
    """Numbers of subscribers by where they were, and where else they were later."""

    query_kind: Literal["trips_od_matrix"]

    def build(self) -> Query:
        """Return the trips."""
        locations = SubscriberLocations(
            self.start_date, self.end_date, spatial_unit=self.unit, **self.event_parameters()
        )
        return trips_od_matrix.TripsODMatrix(locations)
