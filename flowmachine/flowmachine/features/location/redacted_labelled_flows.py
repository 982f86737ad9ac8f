"""What may be released of labelled flows."""

from flowmachine.core.disclosure import THRESHOLD_FLOOR
from flowmachine.features.location.labelled_flows import LabelledFlowLike, LabelledFlows
from flowmachine.features.location.redacted_labelled_aggregate import RedactedLabelledAggregate


class RedactedLabelledFlows(RedactedLabelledAggregate, LabelledFlowLike):
    """The pairs of places each of whose labels has more than a threshold of subscribers.

    Parameters
    ----------
    labelled_flows : LabelledFlows
    redaction_threshold : int, default 15
    """

    target_class = LabelledFlows

    def __init__(self, *, labelled_flows: LabelledFlows, redaction_threshold: int = THRESHOLD_FLOOR) -> None:
        super().__init__(labelled_query=labelled_flows, redaction_threshold=redaction_threshold)
