"""The kind ``labelled_spatial_aggregate``."""

from typing import Literal

from flowmachine.api.base import DerivedUnitMixin, ExposedSpec
from flowmachine.api.kinds.coalesced_location import CoalescedLocation
from flowmachine.api.kinds.mobility_classification import MobilityClassification
from flowmachine.core.query import Query
from flowmachine.core.spatial_unit import GeomSpatialUnit
from flowmachine.features.location import labelled_spatial_aggregate


class LabelledSpatialAggregate(DerivedUnitMixin, ExposedSpec):
    """Numbers of subscribers by where they are and how they move."""

    query_kind: Literal["labelled_spatial_aggregate"]
    locations: CoalescedLocation
    labels: MobilityClassification

    @property
    def unit(self) -> GeomSpatialUnit:
        """The spatial unit of the locations."""
        return self.locations.unit

    def build(self) -> Query:
        """Return the aggregate."""
        return labelled_spatial_aggregate.LabelledSpatialAggregate(
            self.locations.build(), self.labels.build()
        )
