"""The kind ``dfs_metric_total_amount``."""

from typing import Literal

from flowmachine.api.base import ExposedSpec
from flowmachine.api.fields import AggregationUnit, WindowFields, spatial_unit
from flowmachine.core.query import Query
from flowmachine.core.spatial_unit import GeomSpatialUnit
from flowmachine.features import dfs


class DFSTotalMetricAmount(WindowFields, ExposedSpec):
    """Sums of mobile money by day and region; the end date is included."""

    query_kind: Literal["dfs_metric_total_amount"]
    metric: Literal["amount", "commission", "fee", "discount"]
    aggregation_unit: AggregationUnit

    @property
    def unit(self) -> GeomSpatialUnit:
        """The spatial unit of the regions."""
        return spatial_unit(self.aggregation_unit)

    def build(self) -> Query:
        """Return the sums."""
        return dfs.DFSTotalMetricAmount(
            metric=self.metric,
            start_date=self.start_date,
            end_date=self.end_date,
            aggregation_unit=self.aggregation_unit,
        )
