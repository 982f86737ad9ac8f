"""The kind ``location_event_counts``."""

from typing import Literal

from flowmachine.api.base import ExposedSpec
from flowmachine.api.fields import Direction, EventFields, SpatialFields, WindowFields
from flowmachine.core.query import Query
from flowmachine.features.location.total_events import TotalLocationEvents
from flowmachine.features.utilities import direction


class LocationEventCounts(EventFields, SpatialFields, WindowFields, ExposedSpec):
    """Numbers of events by place and day, hour or minute."""

    query_kind: Literal["location_event_counts"]
    interval: Literal["day", "hour", "min"]
    direction: Direction = "both"

    def build(self) -> Query:
        """Return the counts."""
        return TotalLocationEvents(
            self.start_date,
            self.end_date,
            spatial_unit=self.unit,
            interval=self.interval,
            direction=direction.Direction(self.direction),
            **self.event_parameters(),
        )
