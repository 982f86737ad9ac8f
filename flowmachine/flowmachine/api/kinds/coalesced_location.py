"""The kind ``coalesced_location``."""

from typing import Literal, Self

from pydantic import model_validator

from flowmachine.api.base import DerivedUnitMixin, QuerySpec
from flowmachine.api.errors import FieldsError
from flowmachine.api.kinds.location_visits import LocationVisits
from flowmachine.api.kinds.majority_location import MajorityLocation
from flowmachine.api.sampling import SamplingField
from flowmachine.core.spatial_unit import GeomSpatialUnit
from flowmachine.features.subscriber import coalesced_location
from flowmachine.features.subscriber.filtered_reference_location import FilteredReferenceLocation


class CoalescedLocation(SamplingField, DerivedUnitMixin, QuerySpec):
    """Where each subscriber was by preference, or else by a fallback that weighs enough."""

    query_kind: Literal["coalesced_location"]
    preferred_location: MajorityLocation
    fallback_location: MajorityLocation
    subscriber_location_weights: LocationVisits
    weight_threshold: int

    @model_validator(mode="after")
    def _one_unit(self) -> Self:
        pairs = (
            ("fallback_location", "preferred_location"),
            ("subscriber_location_weights", "fallback_location"),
        )
        errors = {
            name: f"{name} must have the same aggregation_unit as {other}"
            for name, other in pairs
            if getattr(self, name).unit != getattr(self, other).unit
        }
        if errors:
            raise FieldsError(errors)
        return self

    @property
    def unit(self) -> GeomSpatialUnit:
        """The spatial unit of the locations."""
        return self.preferred_location.unit

    def build(self) -> coalesced_location.CoalescedLocation:
        """Return the location query."""
        fallback = FilteredReferenceLocation(
            self.fallback_location.build(),
            self.subscriber_location_weights.build(),
            lower_bound=self.weight_threshold,
        )
        return self.sampled(coalesced_location.CoalescedLocation(self.preferred_location.build(), fallback))
