"""The kind ``inflows``."""

from typing import Literal

from flowmachine.api.kinds.flows import FlowSpec
from flowmachine.core.query import Query


class Inflows(FlowSpec):
    """Numbers of subscribers by where they were then, wherever they were first."""

    query_kind: Literal["inflows"]

    def build(self) -> Query:
        """Return the sums of flows."""
        return self.flows().inflow()
