"""The kind ``unmoving_counts``."""

from typing import Literal

from flowmachine.api.base import DerivedUnitMixin, ExposedSpec
from flowmachine.api.kinds.unique_locations import UniqueLocations
from flowmachine.core.query import Query
from flowmachine.core.spatial_unit import GeomSpatialUnit
from flowmachine.features.location import unmoving_counts
from flowmachine.features.subscriber.unmoving import Unmoving


class UnmovingCounts(DerivedUnitMixin, ExposedSpec):
    """Numbers of subscribers who were at one place only, by that place."""

    query_kind: Literal["unmoving_counts"]
    locations: UniqueLocations

    @property
    def unit(self) -> GeomSpatialUnit:
        """The spatial unit of the places."""
        return self.locations.unit

    def build(self) -> Query:
        """Return the counts."""
        return unmoving_counts.UnmovingCounts(Unmoving(self.locations.build()))
