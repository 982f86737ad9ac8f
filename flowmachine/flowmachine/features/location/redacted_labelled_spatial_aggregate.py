"""What may be released of a labelled spatial aggregate."""

from flowmachine.core.disclosure import THRESHOLD_FLOOR
from flowmachine.features.location.labelled_spatial_aggregate import LabelledSpatialAggregate
from flowmachine.features.location.redacted_labelled_aggregate import RedactedLabelledAggregate


class RedactedLabelledSpatialAggregate(RedactedLabelledAggregate):
    """The places each of whose labels has more than a threshold of subscribers.

    Parameters
    ----------
    labelled_spatial_aggregate : LabelledSpatialAggregate
    redaction_threshold : int, default 15
    """

    target_class = LabelledSpatialAggregate

    def __init__(
        self,
        *,
        labelled_spatial_aggregate: LabelledSpatialAggregate,
        redaction_threshold: int = THRESHOLD_FLOOR,
    ) -> None:
        super().__init__(labelled_query=labelled_spatial_aggregate, redaction_threshold=redaction_threshold)
