"""What specs are made of: windows, the kinds that are only part of others, and their variants."""

from typing import Any

Spec = dict[str, Any]

UNITS = ("admin0", "admin1", "admin2", "admin3", "lon-lat")
WHOLE: Spec = {"start_date": "2016-01-01", "end_date": "2016-01-07"}
THREE_DAYS: Spec = {"start_date": "2016-01-01", "end_date": "2016-01-04"}
PART: Spec = {"start_date": "2016-01-02 06:00:00", "end_date": "2016-01-04T18:00:00"}
PERIODS: Spec = {"start_date": "2016-01-01", "total_periods": 4}
EVENTS: dict[str, Spec] = {
    "calls": {"event_types": ["calls"]},
    "sms": {"event_types": ["sms"]},
    "sessions": {"event_types": ["mds"]},
    "top-ups": {"event_types": ["topups"]},
    "everything": {"event_types": ["calls", "sms", "mds", "topups"]},
    "sessions and calls": {"event_types": ["mds", "calls"]},
}
HOURS: dict[str, Spec] = {
    "morning": {"hours": {"start_hour": 6, "end_hour": 12}},
    "night": {"hours": {"start_hour": 20, "end_hour": 6}},
    "till midnight": {"hours": {"start_hour": 15, "end_hour": 0}},
}
STATISTICS = ("count", "sum", "avg", "max", "min", "median", "stddev", "variance", "mode")


def day(number: int) -> str:
    """Return a day of January."""
    return f"2016-01-0{number}"


def daily(number: int = 1, unit: str = "admin3", method: str = "last", **more: Any) -> Spec:
    """Return where subscribers were on a day."""
    fixed = {"query_kind": "daily_location", "date": day(number), "aggregation_unit": unit, "method": method}
    return {**fixed, **more}


def modal(*days: int, unit: str = "admin3", **more: Any) -> Spec:
    """Return where subscribers were on most of some days."""
    return {"query_kind": "modal_location", "locations": [daily(number, unit, **more) for number in days]}


def frequent(unit: str = "admin3", **more: Any) -> Spec:
    """Return where subscribers had most events."""
    return {"query_kind": "most_frequent_location", **THREE_DAYS, "aggregation_unit": unit, **more}


def most_days(unit: str = "admin3", **more: Any) -> Spec:
    """Return where subscribers were seen on most days."""
    return {"query_kind": "visited_most_days", **THREE_DAYS, "aggregation_unit": unit, **more}


def visits(*days: int, unit: str = "admin3", **more: Any) -> Spec:
    """Return how often subscribers were where."""
    return {"query_kind": "location_visits", "locations": [daily(number, unit, **more) for number in days]}


def majority(*days: int, unit: str = "admin3", **more: Any) -> Spec:
    """Return where subscribers were on more than half of some days."""
    weights = visits(*days, unit=unit)
    return {"query_kind": "majority_location", "subscriber_location_weights": weights, **more}


def coalesced(
    preferred: tuple[int, ...] = (4, 5, 6),
    fallback: tuple[int, ...] = (1, 2, 3),
    unit: str = "admin3",
    threshold: int = 1,
    **more: Any,
) -> Spec:
    """Return where subscribers are at home, by the days preferred or else by earlier ones."""
    return {
        "query_kind": "coalesced_location",
        "preferred_location": majority(*preferred, unit=unit, **more),
        "fallback_location": majority(*fallback, unit=unit, **more),
        "subscriber_location_weights": visits(*preferred, unit=unit),
        "weight_threshold": threshold,
    }


def unique_locations(unit: str = "admin3", **more: Any) -> Spec:
    """Return wherever subscribers were."""
    return {"query_kind": "unique_locations", **THREE_DAYS, "aggregation_unit": unit, **more}


def mobility(stay: int = 2, unit: str = "admin3") -> Spec:
    """Return what kind of movers subscribers are, of few days: the published release takes long for more."""
    homes = [
        coalesced((2,), (1,), unit, include_unlocatable=True),
        coalesced((3,), (2,), unit, include_unlocatable=True),
        coalesced((4,), (3,), unit, include_unlocatable=True),
    ]
    return {"query_kind": "mobility_classification", "locations": homes, "stay_length_threshold": stay}


METRICS: dict[str, Spec] = {
    "radius of gyration": {"query_kind": "radius_of_gyration", **THREE_DAYS},
    "radius of gyration of calls by day": {
        "query_kind": "radius_of_gyration", **WHOLE, **EVENTS["calls"], **HOURS["morning"],
    },
    "unique locations": {"query_kind": "unique_location_counts", **THREE_DAYS, "aggregation_unit": "admin2"},
    "unique positions": {
        "query_kind": "unique_location_counts", **PART, "aggregation_unit": "lon-lat", **EVENTS["everything"],
    },
    "balance": {"query_kind": "topup_balance", **WHOLE, "statistic": "avg"},
    "least balance": {"query_kind": "topup_balance", **WHOLE, "statistic": "min"},
    "balance's median": {"query_kind": "topup_balance", **WHOLE, "statistic": "median"},
    "amount": {"query_kind": "topup_amount", **WHOLE, "statistic": "sum"},
    "amount of mornings": {
        "query_kind": "topup_amount", **WHOLE, "statistic": "stddev", **HOURS["morning"],
    },
    "degree": {"query_kind": "subscriber_degree", **THREE_DAYS},
    "degree of those who call": {
        "query_kind": "subscriber_degree", **THREE_DAYS, "direction": "out", **EVENTS["calls"],
    },
    "degree of those who are called": {"query_kind": "subscriber_degree", **PART, "direction": "in"},
    "events": {"query_kind": "event_count", **THREE_DAYS},
    "events made": {"query_kind": "event_count", **PART, "direction": "out"},
    "events received at night": {
        "query_kind": "event_count", **WHOLE, "direction": "in", **HOURS["night"], **EVENTS["sms"],
    },
    "everything": {"query_kind": "event_count", **THREE_DAYS, **EVENTS["everything"]},
    "pareto": {"query_kind": "pareto_interactions", **WHOLE, "proportion": 0.8},
    "pareto of calls": {
        "query_kind": "pareto_interactions", **WHOLE, "proportion": 0.5, **EVENTS["calls"],
    },
    "nocturnal": {
        "query_kind": "nocturnal_events", **THREE_DAYS, "night_hours": {"start_hour": 20, "end_hour": 4},
    },
    "nocturnal of sms": {
        "query_kind": "nocturnal_events", **WHOLE, **EVENTS["sms"],
        "night_hours": {"start_hour": 1, "end_hour": 8},
    },
    "displacement": {
        "query_kind": "displacement", **THREE_DAYS, "statistic": "avg",
        "reference_location": daily(1, "lon-lat"),
    },
    "displacement from home": {
        "query_kind": "displacement", **PART, "statistic": "max", **EVENTS["calls"],
        "reference_location": modal(1, 2, 3, unit="lon-lat"),
    },
    "active days": {"query_kind": "total_active_periods", **PERIODS},
    "active hours": {
        "query_kind": "total_active_periods", "start_date": day(2), "total_periods": 20,
        "period_length": 3, "period_unit": "hours", **EVENTS["calls"],
    },
    "active minutes": {
        "query_kind": "total_active_periods", "start_date": day(2), "total_periods": 40,
        "period_length": 90, "period_unit": "minutes",
    },
}  # fmt: skip


def handset(characteristic: str, method: str = "last", **more: Any) -> Spec:
    """Return a characteristic of subscribers' handsets."""
    fixed = {"query_kind": "handset", **WHOLE, "characteristic": characteristic, "method": method}
    return {**fixed, **more}


REFERENCES: dict[str, Spec] = {
    "last": daily(),
    "most common": daily(method="most-common"),
    "modal": modal(1, 2, 3),
    "frequent": frequent(),
    "majority": majority(1, 2, 3),
    "coalesced": coalesced(),
    "most days": most_days(),
}
"""One of each kind that places subscribers."""
