"""The kind ``active_at_reference_location_counts``."""

from typing import Literal, Self

from pydantic import model_validator

from flowmachine.api.base import DerivedUnitMixin, ExposedSpec
from flowmachine.api.kinds.unions import ReferenceLocation
from flowmachine.api.kinds.unique_locations import UniqueLocations
from flowmachine.core.spatial_unit import GeomSpatialUnit
from flowmachine.features.location import active_at_reference_location_counts
from flowmachine.features.subscriber.active_at_reference_location import ActiveAtReferenceLocation


class ActiveAtReferenceLocationCounts(DerivedUnitMixin, ExposedSpec):
    """Numbers of subscribers who were seen at their reference location, by that location."""

    query_kind: Literal["active_at_reference_location_counts"]
    unique_locations: UniqueLocations
    reference_locations: ReferenceLocation

    @model_validator(mode="after")
    def _one_unit(self) -> Self:
        if self.unique_locations.unit != self.reference_locations.unit:
            raise ValueError(
                "'unique_locations' and 'reference_locations' parameters must have the same aggregation unit"
            )
        return self

    @property
    def unit(self) -> GeomSpatialUnit:
        """The spatial unit of the places."""
        return self.unique_locations.unit

    def build(self) -> active_at_reference_location_counts.ActiveAtReferenceLocationCounts:
        """Return the counts."""
        return active_at_reference_location_counts.ActiveAtReferenceLocationCounts(
            ActiveAtReferenceLocation(self.unique_locations.build(), self.reference_locations.build())
        )
