"""The kind ``aggregate_network_objects``."""

from typing import Literal

from flowmachine.api.base import DerivedUnitMixin, ExposedSpec
from flowmachine.api.kinds.total_network_objects import TotalNetworkObjects
from flowmachine.core.query import Query
from flowmachine.core.spatial_unit import GeomSpatialUnit
from flowmachine.features.network import total_network_objects

Statistic = Literal["count", "sum", "avg", "max", "min", "median", "stddev", "variance", "mode"]


class AggregateNetworkObjects(DerivedUnitMixin, ExposedSpec):
    """Statistics of the numbers of cells in use, by place and longer period."""

    query_kind: Literal["aggregate_network_objects"]
    total_network_objects: TotalNetworkObjects
    statistic: Statistic
    aggregate_by: Literal["second", "minute", "hour", "day", "month", "year", "century"]

    @property
    def unit(self) -> GeomSpatialUnit:
        """The spatial unit of the totals."""
        return self.total_network_objects.unit

    def build(self) -> Query:
        """Return the statistics."""
        return total_network_objects.AggregateNetworkObjects(
            total_network_objects=self.total_network_objects.build(),
            statistic=self.statistic,
            aggregate_by=self.aggregate_by,
        )
