"""Examples of aggregates by place."""

from flowmachine.features import daily_location
from flowmachine.features.location.joined_spatial_aggregate import JoinedSpatialAggregate
from flowmachine.features.location.total_events import CountedEvents
from flowmachine.features.subscriber.event_count import EventCount

_EVENTS, _DAY = EventCount("2016-01-01", "2016-01-03"), daily_location("2016-01-01")

QUERIES = {
    "counted events": CountedEvents("2016-01-01", "2016-01-02"),
    "joined": JoinedSpatialAggregate(metric=_EVENTS, locations=_DAY),
    "joined, by median": JoinedSpatialAggregate(metric=_EVENTS, locations=_DAY, method="median"),
    "joined, shares": JoinedSpatialAggregate(metric=_EVENTS, locations=_DAY, method="distr"),
}
