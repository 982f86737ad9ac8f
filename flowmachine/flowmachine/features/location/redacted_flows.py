"""What may be released of flows."""

from flowmachine.core.disclosure import NamedRedacted
from flowmachine.features.location.flows import FlowLike, Flows


class RedactedFlows(NamedRedacted, FlowLike):
    """The rows of flows with more than 15 contributors.

    Parameters
    ----------
    flows : Flows
    """

    target_class = Flows

    def __init__(self, *, flows: Flows) -> None:
        super().__init__(flows)
