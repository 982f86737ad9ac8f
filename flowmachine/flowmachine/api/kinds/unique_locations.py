"""The kind ``unique_locations``."""

from typing import Literal

from flowmachine.api.base import QuerySpec
from flowmachine.api.fields import EventFields, SpatialFields, WindowFields
from flowmachine.api.sampling import SamplingField
from flowmachine.features.subscriber import unique_locations
from flowmachine.features.utilities.subscriber_locations import SubscriberLocations


class UniqueLocations(SamplingField, EventFields, SpatialFields, WindowFields, QuerySpec):
    """Every place where each subscriber was."""

    query_kind: Literal["unique_locations"]

    def build(self) -> unique_locations.UniqueLocations:
        """Return the location query."""
        events = SubscriberLocations(
            self.start_date, self.end_date, spatial_unit=self.unit, **self.event_parameters()
        )
        return self.sampled(unique_locations.UniqueLocations(events))
