"""The kind ``labelled_flows``."""

from typing import Literal

from flowmachine.api.kinds.coalesced_location import CoalescedLocation
from flowmachine.api.kinds.flows import FlowSpec
from flowmachine.api.kinds.mobility_classification import MobilityClassification
from flowmachine.core.query import Query
from flowmachine.features.location import labelled_flows


class LabelledFlows(FlowSpec):
    """Numbers of subscribers by where they were first, where they were then, and how they move."""

    query_kind: Literal["labelled_flows"]
    from_location: CoalescedLocation
    to_location: CoalescedLocation
    labels: MobilityClassification

    def build(self) -> Query:
        """Return the flows."""
        return labelled_flows.LabelledFlows(
            loc1=self.from_location.build(),
            loc2=self.to_location.build(),
            labels=self.labels.build(),
            join_type=self.join_type,
        )
