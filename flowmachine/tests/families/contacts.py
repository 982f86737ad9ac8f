"""Examples of who had contact with whom."""

from flowmachine.core import make_spatial_unit
from flowmachine.features import daily_location
from flowmachine.features.subscriber.contact_balance import ContactBalance
from flowmachine.features.subscriber.contact_reciprocal import (
    ContactReciprocal,
    ProportionContactReciprocal,
    ProportionEventReciprocal,
)
from flowmachine.features.subscriber.contact_reference_locations_stats import ContactReferenceLocationStats
from flowmachine.features.subscriber.distance_counterparts import DistanceCounterparts
from flowmachine.features.subscriber.pareto_interactions import ParetoInteractions
from flowmachine.features.subscriber.per_contact_event_stats import PerContactEventStats
from flowmachine.features.subscriber.subscriber_call_durations import (
    PairedPerLocationSubscriberCallDurations,
    PairedSubscriberCallDurations,
    PerLocationSubscriberCallDurations,
    SubscriberCallDurations,
)
from flowmachine.features.subscriber.subscriber_degree import SubscriberDegree

WINDOW = ("2016-01-01", "2016-01-03")
_BALANCE, _RECIPROCAL = ContactBalance(*WINDOW), ContactReciprocal(*WINDOW)
_HOMES = daily_location("2016-01-01", spatial_unit=make_spatial_unit("lon-lat"))
_CELLS = make_spatial_unit("cell")

QUERIES = {
    "call durations": SubscriberCallDurations(*WINDOW),
    "call durations, received": SubscriberCallDurations(*WINDOW, direction="in"),
    "call durations, longest": SubscriberCallDurations(*WINDOW, statistic="max"),
    "call durations, by place": PerLocationSubscriberCallDurations(*WINDOW),
    "call durations, by cell": PerLocationSubscriberCallDurations(*WINDOW, spatial_unit=_CELLS),
    "call durations, by place, received": PerLocationSubscriberCallDurations(*WINDOW, direction="in"),
    "call durations, by contact": PairedSubscriberCallDurations(*WINDOW),
    "call durations, by contact, longest": PairedSubscriberCallDurations(*WINDOW, statistic="max"),
    "call durations, by contact and place": PairedPerLocationSubscriberCallDurations(*WINDOW),
    "call durations, by contact and cell": PairedPerLocationSubscriberCallDurations(
        *WINDOW, spatial_unit=_CELLS
    ),
    "degree": SubscriberDegree(*WINDOW),
    "degree, made": SubscriberDegree(*WINDOW, direction="out"),
    "degree, with self calls": SubscriberDegree(*WINDOW, exclude_self_calls=False),
    "contact balance": _BALANCE,
    "contact balance, with self calls": ContactBalance(*WINDOW, exclude_self_calls=False),
    "contact balance, by imei": ContactBalance(*WINDOW, subscriber_identifier="imei"),
    "counterparts": _BALANCE.counterparts_subset(),
    "counterparts and subscribers": _BALANCE.counterparts_subset(include_subscribers=True),
    "events per contact": PerContactEventStats(_BALANCE),
    "events per contact, most": PerContactEventStats(_BALANCE, "max"),
    "reciprocal contacts": _RECIPROCAL,
    "reciprocal contacts, with self calls": ContactReciprocal(*WINDOW, exclude_self_calls=False),
    "proportion of reciprocal contacts": ProportionContactReciprocal(_RECIPROCAL),
    "proportion of reciprocal events": ProportionEventReciprocal(*WINDOW, _RECIPROCAL),
    "proportion of reciprocal events, received": ProportionEventReciprocal(
        *WINDOW, _RECIPROCAL, direction="in"
    ),
    "proportion of reciprocal events, with self calls": ProportionEventReciprocal(
        *WINDOW, _RECIPROCAL, exclude_self_calls=False
    ),
    "pareto": ParetoInteractions(*WINDOW),
    "pareto, half": ParetoInteractions(*WINDOW, 0.5),
    "pareto, without self calls": ParetoInteractions(*WINDOW, exclude_self_calls=True),
    "distance of counterparts": DistanceCounterparts(*WINDOW),
    "distance of counterparts, farthest": DistanceCounterparts(*WINDOW, "max"),
    "distance of counterparts, with self calls": DistanceCounterparts(*WINDOW, exclude_self_calls=False),
    "distance of contacts": ContactReferenceLocationStats(_BALANCE, _HOMES),
    "distance of contacts, farthest": ContactReferenceLocationStats(_BALANCE, _HOMES, "max"),
    "distance of contacts, by a column": ContactReferenceLocationStats(_BALANCE, _HOMES, geom_column="lon"),
}
