"""The kind ``pareto_interactions``."""

from typing import Annotated, Literal

from pydantic import Field

from flowmachine.api.base import QuerySpec
from flowmachine.api.fields import EventFields, WindowFields
from flowmachine.api.sampling import SamplingField
from flowmachine.core.query import Query
from flowmachine.features.subscriber import pareto_interactions


class ParetoInteractions(SamplingField, EventFields, WindowFields, QuerySpec):
    """With which share of their contacts each subscriber had most of their events."""

    query_kind: Literal["pareto_interactions"]
    # Neither limit can be built; clients know the message that names them.
    proportion: Annotated[float, Field(ge=0, le=1)]

    def build(self) -> Query:
        """Return the shares."""
        return self.sampled(
            pareto_interactions.ParetoInteractions(
                self.start_date, self.end_date, self.proportion, **self.event_parameters(tables="tables")
            )
        )
