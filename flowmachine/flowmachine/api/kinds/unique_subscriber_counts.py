"""The kind ``unique_subscriber_counts``."""

from typing import Literal

from flowmachine.api.base import ExposedSpec
from flowmachine.api.fields import EventFields, SpatialFields, WindowFields
from flowmachine.features.location import unique_subscriber_counts


class UniqueSubscriberCounts(EventFields, SpatialFields, WindowFields, ExposedSpec):
    """Numbers of different subscribers active in each place."""

    query_kind: Literal["unique_subscriber_counts"]

    def build(self) -> unique_subscriber_counts.UniqueSubscriberCounts:
        """Return the counts."""
        return unique_subscriber_counts.UniqueSubscriberCounts(
            self.start_date, self.end_date, spatial_unit=self.unit, **self.event_parameters()
        )
