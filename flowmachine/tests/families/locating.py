"""Examples of where subscribers are, and of what they are called for it."""

from typing import Any

from flowmachine.core import make_spatial_unit
from flowmachine.features import (
    ActiveAtReferenceLocation,
    ActiveAtReferenceLocationCounts,
    CallDays,
    DayTrajectories,
    FirstLocation,
    LastLocation,
    LocationVisits,
    MostFrequentLocation,
    UniqueLocations,
    UniqueSubscriberCounts,
    UniqueVisitorCounts,
    VisitedMostDays,
    daily_location,
)
from flowmachine.features.location.unmoving_at_reference_location_counts import (
    UnmovingAtReferenceLocationCounts,
)
from flowmachine.features.location.unmoving_counts import UnmovingCounts
from flowmachine.features.subscriber.coalesced_location import CoalescedLocation
from flowmachine.features.subscriber.filtered_reference_location import FilteredReferenceLocation
from flowmachine.features.subscriber.majority_location import MajorityLocation, majority_location
from flowmachine.features.subscriber.mobility_classification import MobilityClassification
from flowmachine.features.subscriber.subscriber_stay_lengths import SubscriberStayLengths
from flowmachine.features.subscriber.unmoving import Unmoving
from flowmachine.features.subscriber.unmoving_at_reference_location import UnmovingAtReferenceLocation
from flowmachine.features.utilities.subscriber_locations import SubscriberLocations
from tests import examples
from tests.examples import WINDOW, Spec

_ADMIN3 = make_spatial_unit("admin", level=3)
_TIMES = ("2016-01-01", "2016-01-03")
_DAY, _NEXT = daily_location("2016-01-01"), daily_location("2016-01-02")
_EVENTS = SubscriberLocations(*_TIMES, spatial_unit=_ADMIN3)
_PLACES = UniqueLocations(_EVENTS)
_VISITS = LocationVisits(DayTrajectories(_DAY, _NEXT))
_MAJORITY = majority_location(subscriber_location_weights=_VISITS, weight_column="value")
_ACTIVE = ActiveAtReferenceLocationCounts(ActiveAtReferenceLocation(_PLACES, _DAY))

QUERIES = {
    "last location, with nulls": LastLocation(*_TIMES, ignore_nulls=False),
    "most frequent location, with nulls": MostFrequentLocation(*_TIMES, ignore_nulls=False),
    "day trajectories": DayTrajectories(_DAY, _NEXT),
    "location visits": _VISITS,
    "majority location": _MAJORITY,
    "majority location, of some weight": MajorityLocation(
        subscriber_location_weights=_VISITS, weight_column="value", minimum_total_weight=2
    ),
    "majority location, with unlocatable": majority_location(
        subscriber_location_weights=_VISITS, weight_column="value", include_unlocatable=True
    ),
    "coalesced location": CoalescedLocation(_DAY, _NEXT),
    "coalesced location, the other way": CoalescedLocation(_NEXT, _DAY),
    "filtered location": FilteredReferenceLocation(_DAY, _VISITS, 2),
    "filtered location, from above too": FilteredReferenceLocation(_DAY, _VISITS, 2, 5),
    "visited most days": VisitedMostDays(subscriber_locations=_EVENTS),
    "first location": FirstLocation(*_TIMES, location="c0"),
    "first location, of several": FirstLocation(*_TIMES, location=["c0", "c1"]),
    "first location, anywhere": FirstLocation(*_TIMES, location="any"),
    "first location, with nulls": FirstLocation(*_TIMES, location="any", ignore_nulls=False),
    "first location, by column": FirstLocation(*_TIMES, location={"pcod": "R0"}, spatial_unit=_ADMIN3),
    "first location, by position": FirstLocation(
        *_TIMES, location=(0.5, 0.5), spatial_unit=make_spatial_unit("lon-lat")
    ),
    "unique locations": _PLACES,
    "call days": CallDays(_EVENTS),
    "active at reference location": ActiveAtReferenceLocation(_PLACES, _DAY),
    "unmoving": Unmoving(_PLACES),
    "unmoving at reference location": UnmovingAtReferenceLocation(_PLACES, _DAY),
    "stay lengths": SubscriberStayLengths(locations=[_DAY, _NEXT]),
    "stay lengths, backwards": SubscriberStayLengths(locations=[_NEXT, _DAY]),
    "stay lengths, on average": SubscriberStayLengths(locations=[_DAY, _NEXT], statistic="avg"),
    "mobility classification": MobilityClassification(locations=[_DAY, _NEXT]),
    "mobility classification, shorter": MobilityClassification(
        locations=[_DAY, _NEXT], stay_length_threshold=2
    ),
    "active at reference location, counted": _ACTIVE,
    "unique visitors": UniqueVisitorCounts(_ACTIVE, UniqueSubscriberCounts(*_TIMES, _ADMIN3)),
    "unmoving, counted": UnmovingCounts(Unmoving(_PLACES)),
    "unmoving at reference location, counted": UnmovingAtReferenceLocationCounts(
        UnmovingAtReferenceLocation(_PLACES, _DAY)
    ),
}


def over_events(kind: str, unit: str = "admin3", **more: Any) -> Spec:
    return {"query_kind": kind, **WINDOW, "aggregation_unit": unit, **more}


def location_visits(*days: int, unit: str = "admin3") -> Spec:
    locations = [examples.daily_location(day, unit=unit) for day in days]
    return {"query_kind": "location_visits", "locations": locations}


def majority(*days: int, unit: str = "admin3", **more: Any) -> Spec:
    weights = location_visits(*days, unit=unit)
    return {"query_kind": "majority_location", "subscriber_location_weights": weights, **more}


def coalesced_location(*days: int, unit: str = "admin3") -> Spec:
    return {
        "query_kind": "coalesced_location",
        "preferred_location": majority(*days, unit=unit, minimum_total_weight=2),
        "fallback_location": majority(*days, unit=unit, include_unlocatable=True),
        "subscriber_location_weights": location_visits(*days, unit=unit),
        "weight_threshold": 1,
    }


def mobility_classification(*first_days: int) -> Spec:
    locations = [coalesced_location(day, day + 1) for day in first_days]
    return {"query_kind": "mobility_classification", "locations": locations, "stay_length_threshold": 2}


def spatial_aggregate(locations: Spec) -> Spec:
    return {"query_kind": "spatial_aggregate", "locations": locations}


UNIQUE = over_events("unique_locations")
ACTIVE: Spec = {
    "query_kind": "active_at_reference_location_counts",
    "unique_locations": UNIQUE,
    "reference_locations": majority(1, 2, 3),
}

SPECS: dict[str, Spec] = {
    "spatial_aggregate_of_most_frequent_location": spatial_aggregate(
        over_events("most_frequent_location", hours={"start_hour": 20, "end_hour": 6})
    ),
    "spatial_aggregate_of_visited_most_days": spatial_aggregate(over_events("visited_most_days", "lon-lat")),
    "spatial_aggregate_of_coalesced_location": spatial_aggregate(coalesced_location(1, 2, unit="lon-lat")),
    "flows_of_unique_locations": {
        "query_kind": "flows",
        "from_location": UNIQUE,
        "to_location": majority(2, 3),
    },
    "active_at_reference_location_counts": ACTIVE,
    "unique_visitor_counts": {
        "query_kind": "unique_visitor_counts",
        "active_at_reference_location_counts": ACTIVE,
        "unique_subscriber_counts": over_events("unique_subscriber_counts"),
    },
    "unmoving_counts": {"query_kind": "unmoving_counts", "locations": UNIQUE},
    "unmoving_at_reference_location_counts": {
        "query_kind": "unmoving_at_reference_location_counts",
        "locations": UNIQUE,
        "reference_locations": examples.modal_location(1, 2),
    },
}
