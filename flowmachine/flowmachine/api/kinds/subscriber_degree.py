"""The kind ``subscriber_degree``."""

from typing import Literal

from flowmachine.api.base import QuerySpec
from flowmachine.api.fields import Direction, EventFields, WindowFields
from flowmachine.api.sampling import SamplingField
from flowmachine.core.query import Query
from flowmachine.features.subscriber import subscriber_degree
from flowmachine.features.utilities import direction


class SubscriberDegree(SamplingField, EventFields, WindowFields, QuerySpec):
    """With how many others each subscriber had contact."""

    query_kind: Literal["subscriber_degree"]
    direction: Direction = "both"

    def build(self) -> Query:
        """Return the degrees."""
        return self.sampled(
            subscriber_degree.SubscriberDegree(
                self.start_date,
                self.end_date,
                direction=direction.Direction(self.direction),
                **self.event_parameters(tables="tables"),
            )
        )
