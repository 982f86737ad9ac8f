"""What may be released of counts of unique subscribers."""

from flowmachine.core.disclosure import NamedRedacted
from flowmachine.features.location.unique_subscriber_counts import UniqueSubscriberCounts


class RedactedUniqueSubscriberCounts(NamedRedacted):
    """The rows of counts of unique subscribers with more than 15 contributors.

    Parameters
    ----------
    unique_subscriber_counts : UniqueSubscriberCounts
    """

    target_class = UniqueSubscriberCounts

    def __init__(self, *, unique_subscriber_counts: UniqueSubscriberCounts) -> None:
        super().__init__(unique_subscriber_counts)
