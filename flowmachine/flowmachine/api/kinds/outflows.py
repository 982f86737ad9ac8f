"""The kind ``outflows``."""

from typing import Literal

from flowmachine.api.kinds.flows import FlowSpec
from flowmachine.core.query import Query


class Outflows(FlowSpec):
    """Numbers of subscribers by where they were first, wherever they were then."""

    query_kind: Literal["outflows"]

    def build(self) -> Query:
        """Return the sums of flows."""
        return self.flows().outflow()
