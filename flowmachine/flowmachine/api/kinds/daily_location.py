"""The kind ``daily_location``."""

from typing import Literal

from flowmachine.api.base import QuerySpec
from flowmachine.api.fields import DateTime, EventFields, SpatialFields
from flowmachine.api.sampling import SamplingField
from flowmachine.features.subscriber import daily_location
from flowmachine.features.utilities.locating import BaseLocation


class DailyLocation(SamplingField, EventFields, SpatialFields, QuerySpec):
    """Where each subscriber was on one day."""

    query_kind: Literal["daily_location"]
    date: DateTime
    method: Literal["last", "most-common"]

    def build(self) -> BaseLocation:
        """Return the location query."""
        return self.sampled(
            daily_location.daily_location(
                self.date, spatial_unit=self.unit, method=self.method, **self.event_parameters()
            )
        )
