"""The kind ``visited_most_days``."""

from typing import Literal

from flowmachine.api.base import QuerySpec
from flowmachine.api.fields import EventFields, SpatialFields, WindowFields
from flowmachine.api.sampling import SamplingField
from flowmachine.features.subscriber import visited_most_days
from flowmachine.features.utilities.subscriber_locations import SubscriberLocations


class VisitedMostDays(SamplingField, EventFields, SpatialFields, WindowFields, QuerySpec):
    """Where each subscriber was on most different days."""

    query_kind: Literal["visited_most_days"]

    def build(self) -> visited_most_days.VisitedMostDays:
        """Return the location query."""
        events = SubscriberLocations(
            self.start_date, self.end_date, spatial_unit=self.unit, **self.event_parameters()
        )
        return self.sampled(visited_most_days.VisitedMostDays(subscriber_locations=events))
