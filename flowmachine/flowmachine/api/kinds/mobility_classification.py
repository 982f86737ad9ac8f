"""The kind ``mobility_classification``."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from flowmachine.api.base import DerivedUnitMixin, QuerySpec
from flowmachine.api.kinds.coalesced_location import CoalescedLocation
from flowmachine.api.one_unit import one_unit
from flowmachine.api.sampling import SamplingField
from flowmachine.core.spatial_unit import GeomSpatialUnit
from flowmachine.features.subscriber import mobility_classification


class MobilityClassification(SamplingField, DerivedUnitMixin, QuerySpec):
    """Who moves and who stays, over periods in order of time."""

    query_kind: Literal["mobility_classification"]
    locations: Annotated[list[CoalescedLocation], Field(min_length=1), AfterValidator(one_unit)]
    stay_length_threshold: int

    @property
    def unit(self) -> GeomSpatialUnit:
        """The spatial unit of the locations."""
        return self.locations[0].unit

    def build(self) -> mobility_classification.MobilityClassification:
        """Return the classes of subscribers."""
        return self.sampled(
            mobility_classification.MobilityClassification(
                locations=[location.build() for location in self.locations],
                stay_length_threshold=self.stay_length_threshold,
            )
        )
