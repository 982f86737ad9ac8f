"""What may be released of counts of subscribers who stay where they belong."""

from flowmachine.core.disclosure import NamedRedacted
from flowmachine.features.location.unmoving_at_reference_location_counts import (
    UnmovingAtReferenceLocationCounts,
)


class RedactedUnmovingAtReferenceLocationCounts(NamedRedacted):
    """The rows of counts of subscribers who stay where they belong with more than 15 contributors.

    Parameters
    ----------
    unmoving_at_reference_location_counts : UnmovingAtReferenceLocationCounts
    """

    target_class = UnmovingAtReferenceLocationCounts

    def __init__(self, *, unmoving_at_reference_location_counts: UnmovingAtReferenceLocationCounts) -> None:
        super().__init__(unmoving_at_reference_location_counts)
