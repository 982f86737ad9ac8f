"""What may be released of counts of visitors."""

from flowmachine.core.disclosure import NamedRedacted
from flowmachine.features.location.unique_visitor_counts import UniqueVisitorCounts


class RedactedUniqueVisitorCounts(NamedRedacted):
    """The rows of counts of visitors with more than 15 contributors.

    Parameters
    ----------
    unique_visitor_counts : UniqueVisitorCounts
    """

    target_class = UniqueVisitorCounts

    def __init__(self, unique_visitor_counts: UniqueVisitorCounts) -> None:
        super().__init__(unique_visitor_counts)
