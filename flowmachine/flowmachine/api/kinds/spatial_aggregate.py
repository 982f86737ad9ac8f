"""The kind ``spatial_aggregate``."""

from typing import Literal

from flowmachine.api.base import DerivedUnitMixin, ExposedSpec
from flowmachine.api.kinds.unions import ReferenceLocation
from flowmachine.core.query import Query
from flowmachine.core.spatial_unit import GeomSpatialUnit
from flowmachine.features.location import spatial_aggregate


class SpatialAggregate(DerivedUnitMixin, ExposedSpec):
    """Numbers of subscribers by where they are."""

    query_kind: Literal["spatial_aggregate"]
    locations: ReferenceLocation

    @property
    def unit(self) -> GeomSpatialUnit:
        """The spatial unit of the locations."""
        return self.locations.unit

    def build(self) -> Query:
        """Return the aggregate."""
        return spatial_aggregate.SpatialAggregate(locations=self.locations.build())
