"""The kind ``total_network_objects``."""

from typing import Literal

from flowmachine.api.base import ExposedSpec
from flowmachine.api.fields import EventFields, SpatialFields, WindowFields
from flowmachine.features.network import total_network_objects


class TotalNetworkObjects(EventFields, SpatialFields, WindowFields, ExposedSpec):
    """Numbers of cells in use, by place and period."""

    query_kind: Literal["total_network_objects"]
    total_by: Literal["second", "minute", "hour", "day", "month", "year"] = "day"

    def build(self) -> total_network_objects.TotalNetworkObjects:
        """Return the totals."""
        return total_network_objects.TotalNetworkObjects(
            self.start_date,
            self.end_date,
            total_by=self.total_by,
            spatial_unit=self.unit,
            **self.event_parameters(),
        )
