"""The kind ``radius_of_gyration``."""

from typing import Literal

from flowmachine.api.base import QuerySpec
from flowmachine.api.fields import EventFields, WindowFields
from flowmachine.api.sampling import SamplingField
from flowmachine.core.query import Query
from flowmachine.features.subscriber import radius_of_gyration


class RadiusOfGyration(SamplingField, EventFields, WindowFields, QuerySpec):
    """How far each subscriber's events are from the middle of them, in kilometres."""

    query_kind: Literal["radius_of_gyration"]

    def build(self) -> Query:
        """Return the radii."""
        return self.sampled(
            radius_of_gyration.RadiusOfGyration(self.start_date, self.end_date, **self.event_parameters())
        )
