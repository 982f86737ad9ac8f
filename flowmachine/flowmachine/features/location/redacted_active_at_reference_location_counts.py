"""What may be released of counts of subscribers active where they belong."""

from flowmachine.core.disclosure import NamedRedacted
from flowmachine.features.location.active_at_reference_location_counts import ActiveAtReferenceLocationCounts


class RedactedActiveAtReferenceLocationCounts(NamedRedacted):
    """The rows of counts of subscribers active where they belong with more than 15 contributors.

    Parameters
    ----------
    active_at_reference_location_counts : ActiveAtReferenceLocationCounts
    """

    target_class = ActiveAtReferenceLocationCounts

    def __init__(self, *, active_at_reference_location_counts: ActiveAtReferenceLocationCounts) -> None:
        super().__init__(active_at_reference_location_counts)
