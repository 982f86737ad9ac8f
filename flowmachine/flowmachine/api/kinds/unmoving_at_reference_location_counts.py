"""The kind ``unmoving_at_reference_location_counts``."""

from typing import Literal, Self

from pydantic import model_validator

from flowmachine.api.base import DerivedUnitMixin, ExposedSpec
from flowmachine.api.kinds.unions import ReferenceLocation
from flowmachine.api.kinds.unique_locations import UniqueLocations
from flowmachine.core.query import Query
from flowmachine.core.spatial_unit import GeomSpatialUnit
from flowmachine.features.location import unmoving_at_reference_location_counts
from flowmachine.features.subscriber.unmoving_at_reference_location import UnmovingAtReferenceLocation


class UnmovingAtReferenceLocationCounts(DerivedUnitMixin, ExposedSpec):
    """Numbers of subscribers who were at their reference location only, by that location."""

    query_kind: Literal["unmoving_at_reference_location_counts"]
    locations: UniqueLocations
    reference_locations: ReferenceLocation

    @model_validator(mode="after")
    def _one_unit(self) -> Self:
        if self.locations.unit != self.reference_locations.unit:
            raise ValueError(
                "'locations' and 'reference_locations' parameters must have the same aggregation unit"
            )
        return self

    @property
    def unit(self) -> GeomSpatialUnit:
        """The spatial unit of the places."""
        return self.locations.unit

    def build(self) -> Query:
        """Return the counts."""
        return unmoving_at_reference_location_counts.UnmovingAtReferenceLocationCounts(
            UnmovingAtReferenceLocation(self.locations.build(), self.reference_locations.build())
        )
