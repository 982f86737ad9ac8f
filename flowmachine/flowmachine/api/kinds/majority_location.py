"""The kind ``majority_location``."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from flowmachine.api.base import DerivedUnitMixin, QuerySpec
from flowmachine.api.kinds.weighted_location_queries import WeightedLocationQueries
from flowmachine.api.sampling import SamplingField
from flowmachine.core.spatial_unit import GeomSpatialUnit
from flowmachine.features.subscriber import majority_location
from flowmachine.features.utilities.locating import BaseLocation


def _not_negative(weight: float) -> float:
    if weight < 0:
        raise ValueError("Must be greater than or equal to 0.")
    return weight


class MajorityLocation(SamplingField, DerivedUnitMixin, QuerySpec):
    """Where each subscriber was on more than half of their days."""

    query_kind: Literal["majority_location"]
    subscriber_location_weights: WeightedLocationQueries
    minimum_total_weight: Annotated[float, Field(allow_inf_nan=False), AfterValidator(_not_negative)] = 0.0
    include_unlocatable: bool = False

    @property
    def unit(self) -> GeomSpatialUnit:
        """The spatial unit of the weights."""
        unit: GeomSpatialUnit = self.subscriber_location_weights.unit
        return unit

    def build(self) -> BaseLocation:
        """Return the location query."""
        return self.sampled(
            majority_location.majority_location(
                subscriber_location_weights=self.subscriber_location_weights.build(),
                weight_column="value",
                minimum_total_weight=self.minimum_total_weight,
                include_unlocatable=self.include_unlocatable,
            )
        )
