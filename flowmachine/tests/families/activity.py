"""Examples of what subscribers did."""

from flowmachine.core import make_spatial_unit
from flowmachine.features.nonspatial_aggregates.per_value_aggregate import PerValueAggregate
from flowmachine.features.subscriber.active_subscribers import ActiveSubscribers
from flowmachine.features.subscriber.calendar_activity import CalendarActivity
from flowmachine.features.subscriber.event_count import EventCount
from flowmachine.features.subscriber.event_type_proportion import ProportionEventType
from flowmachine.features.subscriber.interevent_interval import IntereventInterval
from flowmachine.features.subscriber.interevent_period import IntereventPeriod
from flowmachine.features.subscriber.new_subscribers import NewSubscribers
from flowmachine.features.subscriber.nocturnal_events import NocturnalEvents
from flowmachine.features.subscriber.per_location_event_stats import PerLocationEventStats
from flowmachine.features.subscriber.per_subscriber_aggregate import PerSubscriberAggregate
from flowmachine.features.subscriber.total_active_periods import TotalActivePeriodsSubscriber
from flowmachine.features.subscriber.unique_location_counts import UniqueLocationCounts
from tests.examples import Spec

WINDOW = ("2016-01-01", "2016-01-03")
_FIRST, _SECOND = EventCount("2016-01-01", "2016-01-02"), EventCount("2016-01-02", "2016-01-03")
_LATE_OR_EARLY = ("2016-01-01", 2, 12, 2, 6, 1)

QUERIES = {
    "event count": EventCount(*WINDOW),
    "event count, made": EventCount(*WINDOW, direction="out"),
    "event count, of calls": EventCount(*WINDOW, tables="events.calls"),
    "nocturnal events": NocturnalEvents(*WINDOW),
    "nocturnal events, small hours": NocturnalEvents(*WINDOW, (1, 5)),
    "nocturnal events, hours between": NocturnalEvents(*WINDOW, (5, 1)),
    "nocturnal events, made": NocturnalEvents(*WINDOW, direction="out"),
    "proportion of calls": ProportionEventType(*WINDOW, "events.calls"),
    "proportion of calls made": ProportionEventType(*WINDOW, "events.calls", numerator_direction="out"),
    "proportion of calls of what was made": ProportionEventType(*WINDOW, "events.calls", direction="out"),
    "proportion of sms": ProportionEventType(*WINDOW, "events.sms"),
    "location counts": UniqueLocationCounts(*WINDOW),
    "location counts, with nulls": UniqueLocationCounts(*WINDOW, ignore_nulls=False),
    "location counts, by region": UniqueLocationCounts(
        *WINDOW, spatial_unit=make_spatial_unit("admin", level=3)
    ),
    "new subscribers": NewSubscribers(unique_subscribers_bench_mark=_FIRST, unique_subscribers_focal=_SECOND),
    "lost subscribers": NewSubscribers(
        unique_subscribers_bench_mark=_SECOND, unique_subscribers_focal=_FIRST
    ),
    "events per location": PerLocationEventStats(*WINDOW),
    "events per location, most": PerLocationEventStats(*WINDOW, "max"),
    "events per location, made": PerLocationEventStats(*WINDOW, direction="out"),
    "per subscriber": PerSubscriberAggregate(subscriber_query=_FIRST, agg_column="value"),
    "per subscriber, most": PerSubscriberAggregate(
        subscriber_query=_FIRST, agg_column="value", agg_method="max"
    ),
    "active periods": TotalActivePeriodsSubscriber("2016-01-01", 3),
    "active periods, fewer": TotalActivePeriodsSubscriber("2016-01-01", 2),
    "active periods, longer": TotalActivePeriodsSubscriber("2016-01-01", 3, 2),
    "active periods, hours": TotalActivePeriodsSubscriber("2016-01-01", 3, period_unit="hours"),
    "calendar activity": CalendarActivity("2016-01-01", 3),
    "calendar activity, hours": CalendarActivity("2016-01-01", 3, period_unit="hours"),
    "active subscribers": ActiveSubscribers(*_LATE_OR_EARLY),
    "active subscribers, stricter": ActiveSubscribers(*_LATE_OR_EARLY[:-1], 2),
    "active subscribers, minutes": ActiveSubscribers(*_LATE_OR_EARLY, "minutes"),
    "active subscribers, periods exchanged": ActiveSubscribers("2016-01-01", 2, 2, 12, 6, 1),
    "interevent interval": IntereventInterval(*WINDOW),
    "interevent interval, longest": IntereventInterval(*WINDOW, "max"),
    "interevent interval, received": IntereventInterval(*WINDOW, direction="in"),
    "interevent period": IntereventPeriod(*WINDOW),
    "interevent period, days": IntereventPeriod(*WINDOW, time_resolution="day"),
    "calendar counts": PerValueAggregate(CalendarActivity("2016-01-01", 3)),
    "calendar counts, most frequent": PerValueAggregate(CalendarActivity("2016-01-01", 3), "mode"),
    "calendar counts, all": PerValueAggregate(CalendarActivity("2016-01-01", 3), "array"),
    "calendar counts, all backwards": PerValueAggregate(CalendarActivity("2016-01-01", 3), "array desc"),
}

SPECS: dict[str, Spec] = {
    "calendar_activity": {"query_kind": "calendar_activity", "start_date": "2016-01-01", "total_periods": 3},
    "calendar_activity_by_the_hour": {
        "query_kind": "calendar_activity",
        "start_date": "2016-01-01 06:00:00",
        "total_periods": 4,
        "period_length": 9,
        "period_unit": "hours",
        "event_types": ["calls"],
        "hours": {"start_hour": 6, "end_hour": 22},
        "sampling": {"sampling_method": "random_ids", "seed": 0.5, "size": 10},
    },
}
