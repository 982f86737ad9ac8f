"""Which events to read, where that is not simply what a query says."""

import attrs

from flowmachine.core.subset import SubscriberSubset
from flowmachine.features.utilities.events import EventTables
from flowmachine.features.utilities.hours import Hours


@attrs.frozen
class EventWindow:
    """The parameters of a query over events, each of them normalised already."""

    start: str
    stop: str
    table: EventTables
    hours: Hours = None
    subscriber_identifier: str = "msisdn"
    subscriber_subset: SubscriberSubset = None
