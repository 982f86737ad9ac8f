"""How the queries about activity, calls and contacts are called: what notebooks rely on."""

import importlib
import inspect

import pytest

from flowmachine import features

EVENTS = "tables subscriber_identifier direction"
CALLS = "subscriber_identifier direction statistic hours subscriber_subset"
PERIODS = "start total_periods period_length period_unit hours table subscriber_identifier subscriber_subset"

SIGNATURES = {
    "event_count.EventCount": "start stop * subscriber_identifier direction hours subscriber_subset tables",
    "nocturnal_events.NocturnalEvents": (
        "start stop hours * subscriber_identifier direction subscriber_subset tables"
    ),
    "event_type_proportion.ProportionEventType": (
        "start stop numerator * numerator_direction subscriber_identifier direction hours "
        "subscriber_subset tables"
    ),
    "subscriber_degree.SubscriberDegree": (
        f"start stop * hours {EVENTS} exclude_self_calls subscriber_subset"
    ),
    "unique_location_counts.UniqueLocationCounts": (
        "start stop * spatial_unit hours tables subscriber_identifier ignore_nulls subscriber_subset"
    ),
    "new_subscribers.NewSubscribers": "* unique_subscribers_bench_mark unique_subscribers_focal",
    "per_location_event_stats.PerLocationEventStats": (
        f"start stop statistic * spatial_unit hours {EVENTS} subscriber_subset"
    ),
    "per_contact_event_stats.PerContactEventStats": "contact_balance statistic",
    "per_subscriber_aggregate.PerSubscriberAggregate": "* subscriber_query agg_column agg_method",
    "total_active_periods.TotalActivePeriodsSubscriber": PERIODS,
    "calendar_activity.CalendarActivity": PERIODS,
    "active_subscribers.ActiveSubscribers": (
        "start_date minor_period_length minor_periods_per_major_period total_major_periods "
        "minor_period_threshold major_period_threshold period_unit subscriber_identifier tables "
        "subscriber_subset hours"
    ),
    "interevent_interval.IntereventInterval": (
        "start stop statistic * hours tables subscriber_identifier subscriber_subset direction"
    ),
    "interevent_period.IntereventPeriod": (
        "start stop statistic * time_resolution hours tables subscriber_identifier subscriber_subset "
        "direction"
    ),
    "subscriber_call_durations.SubscriberCallDurations": f"start stop * {CALLS}",
    "subscriber_call_durations.PerLocationSubscriberCallDurations": (
        "start stop * subscriber_identifier direction statistic spatial_unit hours subscriber_subset"
    ),
    "subscriber_call_durations.PairedSubscriberCallDurations": (
        "start stop * subscriber_identifier statistic hours subscriber_subset"
    ),
    "subscriber_call_durations.PairedPerLocationSubscriberCallDurations": (
        "start stop * subscriber_identifier statistic spatial_unit hours subscriber_subset"
    ),
    "contact_balance.ContactBalance": f"start stop * hours {EVENTS} exclude_self_calls subscriber_subset",
    "contact_reciprocal.ContactReciprocal": "start stop * hours tables exclude_self_calls subscriber_subset",
    "contact_reciprocal.ProportionContactReciprocal": "contact_reciprocal",
    "contact_reciprocal.ProportionEventReciprocal": (
        "start stop contact_reciprocal * direction subscriber_identifier hours subscriber_subset tables "
        "exclude_self_calls"
    ),
    "pareto_interactions.ParetoInteractions": (
        "start stop proportion * direction tables subscriber_identifier hours exclude_self_calls "
        "subscriber_subset"
    ),
    "distance_counterparts.DistanceCounterparts": (
        "start stop statistic * hours tables direction subscriber_subset exclude_self_calls"
    ),
    "contact_reference_locations_stats.ContactReferenceLocationStats": (
        "contact_balance contact_locations statistic geom_column"
    ),
}
NOT_AMONG_FEATURES = {"ActiveSubscribers", "CalendarActivity", "PerSubscriberAggregate"}


def signature_of(cls: type) -> str:
    """Return the names of a constructor's parameters, with ``*`` before those by keyword only."""
    words: list[str] = []
    for parameter in inspect.signature(cls).parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and "*" not in words:
            words.append("*")
        words.append(parameter.name)
    return " ".join(words)


@pytest.mark.parametrize("path", SIGNATURES)
def test_signature(path: str) -> None:
    module, _, name = path.partition(".")
    cls = getattr(importlib.import_module(f"flowmachine.features.subscriber.{module}"), name)
    assert signature_of(cls) == SIGNATURES[path]
    assert (name in features.__all__) == (name not in NOT_AMONG_FEATURES)


def test_signature_of_per_value_aggregate() -> None:
    from flowmachine.features.nonspatial_aggregates.per_value_aggregate import PerValueAggregate

    assert signature_of(PerValueAggregate) == "query aggregation"
