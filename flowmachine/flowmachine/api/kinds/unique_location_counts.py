"""The kind ``unique_location_counts``."""

from typing import Literal

from flowmachine.api.base import QuerySpec
from flowmachine.api.fields import EventFields, SpatialFields, WindowFields
from flowmachine.core.query import Query
from flowmachine.features.subscriber import unique_location_counts


class UniqueLocationCounts(EventFields, SpatialFields, WindowFields, QuerySpec):
    """At how many places each subscriber was."""

    query_kind: Literal["unique_location_counts"]

    def build(self) -> Query:
        """Return the counts."""
        return unique_location_counts.UniqueLocationCounts(
            self.start_date,
            self.end_date,
            spatial_unit=self.unit,
            **self.event_parameters(tables="tables"),
        )
