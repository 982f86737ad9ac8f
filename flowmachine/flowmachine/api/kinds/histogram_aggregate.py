"""The kind ``histogram_aggregate``."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from flowmachine.api.base import ExposedSpec
from flowmachine.api.kinds.metrics import HistogrammableMetrics
from flowmachine.core.query import Query
from flowmachine.features.nonspatial_aggregates import histogram_aggregation
from flowmachine.features.nonspatial_aggregates.histogram_aggregation import MOST_BINS

Number = Annotated[float, Field(allow_inf_nan=False)]


class HistogramBins(BaseModel):
    """A number of bins, or their edges."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    n_bins: Annotated[int, Field(ge=1, le=MOST_BINS)] | None = None
    bin_list: Annotated[list[Number], Field(min_length=2, max_length=MOST_BINS + 1)] | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if self.n_bins is None and self.bin_list is None:
            raise ValueError("One of n_bins or bin_list must be provided.")
        if self.n_bins is not None and self.bin_list is not None:
            raise ValueError("Only one of n_bins or bin_list may be provided.")
        return self


class Bounds(BaseModel):
    """Where bins begin and end."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    lower_bound: Number
    upper_bound: Number

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.lower_bound >= self.upper_bound:
            raise ValueError("lower_bound should be less than upper_bound")
        return self


class HistogramAggregate(ExposedSpec):
    """Numbers of subscribers by a metric."""

    query_kind: Literal["histogram_aggregate"]
    metric: HistogrammableMetrics
    bins: HistogramBins
    # May be left out but not null; a default would show as null in the schema.
    range: Bounds = Field(default_factory=lambda: None)  # type: ignore[assignment]

    def build(self) -> Query:
        """Return the histogram."""
        return histogram_aggregation.HistogramAggregation(
            metric=self.metric.build(),
            bins=self.bins.n_bins or self.bins.bin_list,
            range=(self.range.lower_bound, self.range.upper_bound) if self.range else None,
        )
