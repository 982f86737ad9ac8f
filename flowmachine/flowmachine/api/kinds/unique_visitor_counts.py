"""The kind ``unique_visitor_counts``."""

from typing import Literal, Self

from pydantic import model_validator

from flowmachine.api.base import DerivedUnitMixin, ExposedSpec
from flowmachine.api.kinds.active_at_reference_location_counts import ActiveAtReferenceLocationCounts
from flowmachine.api.kinds.unique_subscriber_counts import UniqueSubscriberCounts
from flowmachine.core.query import Query
from flowmachine.core.spatial_unit import GeomSpatialUnit
from flowmachine.features.location import unique_visitor_counts


class UniqueVisitorCounts(DerivedUnitMixin, ExposedSpec):
    """Numbers of subscribers seen in each place without it being their reference location."""

    query_kind: Literal["unique_visitor_counts"]
    active_at_reference_location_counts: ActiveAtReferenceLocationCounts
    unique_subscriber_counts: UniqueSubscriberCounts

    @model_validator(mode="after")
    def _one_unit(self) -> Self:
        if self.active_at_reference_location_counts.unit != self.unique_subscriber_counts.unit:
            raise ValueError(
                "'active_at_reference_location_counts' and 'unique_subscriber_counts' "
                "parameters must have the same aggregation unit"
            )
        return self

    @property
    def unit(self) -> GeomSpatialUnit:
        """The spatial unit of the places."""
        return self.unique_subscriber_counts.unit

    def build(self) -> Query:
        """Return the counts."""
        return unique_visitor_counts.UniqueVisitorCounts(
            self.active_at_reference_location_counts.build(), self.unique_subscriber_counts.build()
        )
