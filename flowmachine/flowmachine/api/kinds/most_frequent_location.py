"""The kind ``most_frequent_location``."""

from typing import Literal

from flowmachine.api.base import QuerySpec
from flowmachine.api.fields import EventFields, SpatialFields, WindowFields
from flowmachine.api.sampling import SamplingField
from flowmachine.features.subscriber import most_frequent_location
from flowmachine.features.utilities.locating import BaseLocation


class MostFrequentLocation(SamplingField, EventFields, SpatialFields, WindowFields, QuerySpec):
    """Where each subscriber was most often."""

    query_kind: Literal["most_frequent_location"]

    def build(self) -> BaseLocation:
        """Return the location query."""
        return self.sampled(
            most_frequent_location.MostFrequentLocation(
                self.start_date, self.end_date, self.unit, **self.event_parameters()
            )
        )
