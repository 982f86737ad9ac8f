"""The kind ``joined_spatial_aggregate``."""

from typing import Literal, Self

from pydantic import model_validator

from flowmachine.api.base import DerivedUnitMixin, ExposedSpec
from flowmachine.api.kinds.metrics import CATEGORICAL, JoinableMetrics
from flowmachine.api.kinds.unions import ReferenceLocation
from flowmachine.core.query import Query
from flowmachine.core.spatial_unit import GeomSpatialUnit
from flowmachine.core.statistic_types import Statistic
from flowmachine.features.location import joined_spatial_aggregate

OF_CATEGORIES = ("distr", "mode")
OF_NUMBERS = tuple(statistic.value for statistic in Statistic)


class JoinedSpatialAggregate(DerivedUnitMixin, ExposedSpec):
    """A statistic of a metric of the subscribers of each place."""

    query_kind: Literal["joined_spatial_aggregate"]
    locations: ReferenceLocation
    metric: JoinableMetrics
    method: Literal["count", "sum", "avg", "max", "min", "median", "stddev", "variance", "mode", "distr"]

    @model_validator(mode="after")
    def _method_fits_metric(self) -> Self:
        allowed = OF_CATEGORIES if self.metric.kind() in CATEGORICAL else OF_NUMBERS
        if self.method not in allowed:
            raise ValueError(f"Must be one of: {', '.join(allowed)}.")
        return self

    @property
    def unit(self) -> GeomSpatialUnit:
        """The spatial unit of the locations; that of the metric may be another."""
        return self.locations.unit

    def build(self) -> Query:
        """Return the aggregate."""
        return joined_spatial_aggregate.JoinedSpatialAggregate(
            metric=self.metric.build(), locations=self.locations.build(), method=self.method
        )
