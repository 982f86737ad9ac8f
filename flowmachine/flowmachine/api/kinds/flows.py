"""The kind ``flows``, and what those that sum flows have in common with it."""

from typing import Literal, Self

from pydantic import model_validator

from flowmachine.api.base import DerivedUnitMixin, ExposedSpec
from flowmachine.api.kinds.unions import InputToFlows
from flowmachine.core.query import Query
from flowmachine.core.spatial_unit import GeomSpatialUnit
from flowmachine.features.location import flows

JoinType = Literal["inner", "full outer", "left", "right", "left outer", "right outer"]


class FlowSpec(DerivedUnitMixin, ExposedSpec):
    """Base of the kinds that are about flows."""

    from_location: InputToFlows
    to_location: InputToFlows
    join_type: JoinType = "inner"

    @model_validator(mode="after")
    def _one_unit(self) -> Self:
        if self.from_location.unit != self.to_location.unit:
            raise ValueError(
                "'from_location' and 'to_location' parameters must have the same aggregation unit"
            )
        return self

    @property
    def unit(self) -> GeomSpatialUnit:
        """The spatial unit of both locations."""
        return self.from_location.unit

    def flows(self) -> flows.Flows:
        """Return the flows that the kind is about."""
        return flows.Flows(self.from_location.build(), self.to_location.build(), join_type=self.join_type)


class Flows(FlowSpec):
    """Numbers of subscribers by where they were first and where they were then."""

    query_kind: Literal["flows"]

    def build(self) -> Query:
        """Return the flows."""
        return self.flows()
