"""What may be released of counts of subscribers who stay."""

from flowmachine.core.disclosure import NamedRedacted
from flowmachine.features.location.unmoving_counts import UnmovingCounts


class RedactedUnmovingCounts(NamedRedacted):
    """The rows of counts of subscribers who stay with more than 15 contributors.

    Parameters
    ----------
    unmoving_counts : UnmovingCounts
    """

    target_class = UnmovingCounts

    def __init__(self, *, unmoving_counts: UnmovingCounts) -> None:
        super().__init__(unmoving_counts)
