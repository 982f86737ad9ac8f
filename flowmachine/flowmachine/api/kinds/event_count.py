"""The kind ``event_count``."""

from typing import Literal

from flowmachine.api.base import QuerySpec
from flowmachine.api.fields import Direction, EventFields, WindowFields
from flowmachine.api.sampling import SamplingField
from flowmachine.core.query import Query
from flowmachine.features.subscriber import event_count
from flowmachine.features.utilities import direction


class EventCount(SamplingField, EventFields, WindowFields, QuerySpec):
    """How many events each subscriber had."""

    query_kind: Literal["event_count"]
    direction: Direction = "both"

    def build(self) -> Query:
        """Return the counts."""
        return self.sampled(
            event_count.EventCount(
                self.start_date,
                self.end_date,
                direction=direction.Direction(self.direction),
                **self.event_parameters(tables="tables"),
            )
        )
