"""What may be released of numbers of events."""

from flowmachine.core.disclosure import NamedRedacted
from flowmachine.features.location.total_events import LocationEvents


class RedactedTotalEvents(NamedRedacted):
    """The places and buckets of time in which more than 15 subscribers had events.

    Parameters
    ----------
    total_events : TotalLocationEvents or DayTotalLocationEvents
    """

    target_class = LocationEvents

    def __init__(self, total_events: LocationEvents) -> None:
        super().__init__(total_events)
