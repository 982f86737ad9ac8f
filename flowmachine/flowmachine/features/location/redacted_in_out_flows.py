"""What may be released of sums of flows."""

from flowmachine.core.disclosure import NamedRedacted
from flowmachine.features.location.flow_like import InOutFlow


class RedactedInOutFlow(NamedRedacted):
    """The rows of sums of flows with more than 15 contributors.

    Parameters
    ----------
    in_out_flows : InOutFlow
    """

    target_class = InOutFlow

    def __init__(self, *, in_out_flows: InOutFlow) -> None:
        super().__init__(in_out_flows)
