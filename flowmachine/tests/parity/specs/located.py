"""Counts of located subscribers, flows between locations, labels."""

from typing import Any

from tests.parity.specs.parts import (
    EVENTS,
    HOURS,
    REFERENCES,
    UNITS,
    Spec,
    coalesced,
    daily,
    frequent,
    majority,
    mobility,
    modal,
    most_days,
    unique_locations,
)


def _aggregate(locations: Spec) -> Spec:
    return {"query_kind": "spatial_aggregate", "locations": locations}


def _sampled(method: str, **more: Any) -> Spec:
    return {"sampling": {"sampling_method": method, "seed": 0.5, **more}}


_LOCATIONS: dict[str, Spec] = {
    **{f"last, {unit}": daily(2, unit) for unit in UNITS},
    **{f"most common, {unit}": daily(3, unit, "most-common") for unit in UNITS},
    **{f"last of {name}": daily(2, **events) for name, events in EVENTS.items()},
    **{
        f"most common of {name}": daily(2, "admin2", "most-common", **events)
        for name, events in EVENTS.items()
    },
    **{f"last of the {name}": daily(4, **hours) for name, hours in HOURS.items()},
    **{f"most common of the {name}": daily(4, "admin2", "most-common", **h) for name, h in HOURS.items()},
    **{f"modal, {unit}": modal(1, 2, 3, 4, unit=unit) for unit in UNITS},
    "modal of one day": modal(5),
    "modal of most common": modal(2, 3, 4, unit="admin2", method="most-common"),
    "modal of messages": modal(1, 3, 5, **EVENTS["sms"]),
    **{f"frequent, {unit}": frequent(unit) for unit in ("admin1", "admin3", "lon-lat")},
    "frequent of the night": frequent(**HOURS["night"]),
    "frequent of everything": frequent("admin2", **EVENTS["everything"]),
    **{f"most days, {unit}": most_days(unit) for unit in ("admin3", "lon-lat")},
    **{f"majority, {unit}": majority(1, 2, 3, unit=unit) for unit in ("admin1", "admin3", "lon-lat")},
    "majority of much": majority(1, 2, 3, 4, 5, minimum_total_weight=5.0),
    "majority with the unlocatable": majority(1, 2, 3, include_unlocatable=True),
    "majority of modal": {
        "query_kind": "majority_location",
        "subscriber_location_weights": {
            "query_kind": "location_visits",
            "locations": [daily(1), modal(1, 2), modal(2, 3)],
        },
    },
    **{f"coalesced, {unit}": coalesced(unit=unit) for unit in ("admin2", "admin3", "lon-lat")},
    "coalesced, seen twice": coalesced(threshold=2),
    "coalesced with the unlocatable": coalesced(include_unlocatable=True),
}
_SAMPLES: dict[str, Spec] = {
    "ids by size": daily(1, "admin0", **_sampled("random_ids", size=500)),
    "ids by fraction": daily(1, "admin0", **_sampled("random_ids", fraction=0.25, estimate_count=False)),
    "bernoulli by fraction": daily(1, "admin0", **_sampled("bernoulli", fraction=0.5)),
    "bernoulli by size": daily(1, "admin0", **_sampled("bernoulli", size=300, estimate_count=False)),
    "system by fraction": daily(1, "admin0", **_sampled("system", fraction=0.5)),
    "ids of frequent": frequent("admin0", **_sampled("random_ids", size=200)),
}


def _flows(kind: str, start: Spec, end: Spec, **more: Any) -> Spec:
    return {"query_kind": kind, "from_location": start, "to_location": end, **more}


_PAIRS: dict[str, tuple[Spec, Spec]] = {
    **{f"days, {unit}": (daily(1, unit), daily(2, unit)) for unit in UNITS},
    "back, admin2": (daily(2, "admin2"), daily(1, "admin2")),
    "home and day": (modal(1, 2, 3), daily(4)),
    "home and wherever": (daily(2, "admin2"), unique_locations("admin2")),
    "frequent and majority": (frequent("admin2"), majority(4, 5, 6, unit="admin2")),
    "homes": (coalesced((2,), (1,), "admin1"), coalesced((4,), (3,), "admin1")),
}
_JOINS = ("full outer", "left", "right", "left outer", "right outer")


def _labelled_flows(unit: str, **more: Any) -> Spec:
    ends = (coalesced((2,), (1,), unit), coalesced((4,), (3,), unit))
    return {**_flows("labelled_flows", *ends, **more), "labels": mobility(unit=unit)}


SPECS: dict[str, Spec] = {
    **{f"spatial aggregate: {name}": _aggregate(locations) for name, locations in _LOCATIONS.items()},
    **{f"sample: {name}": _aggregate(locations) for name, locations in _SAMPLES.items()},
    **{f"flows: {name}": _flows("flows", *pair) for name, pair in _PAIRS.items()},
    **{
        f"{kind}: {name}": _flows(kind, *_PAIRS[name])
        for kind in ("inflows", "outflows")
        for name in ("days, admin2", "days, lon-lat", "home and day")
    },
    **{
        f"{kind}, {join}": _flows(
            kind, daily(3, "admin1"), daily(5, "admin1", **EVENTS["calls"]), join_type=join
        )
        for kind in ("flows",)
        for join in _JOINS
    },
    "outflows, left": _flows("outflows", daily(3, "admin2"), daily(5, "admin2"), join_type="left"),
    "inflows, full outer": _flows("inflows", daily(3, "admin2"), daily(5, "admin2"), join_type="full outer"),
    **{
        f"labelled aggregate: {unit}": {
            "query_kind": "labelled_spatial_aggregate",
            "locations": coalesced((4,), (3,), unit),
            "labels": mobility(unit=unit),
        }
        for unit in ("admin0", "admin1", "lon-lat")
    },
    "labelled aggregate: long stays": {
        "query_kind": "labelled_spatial_aggregate",
        "locations": coalesced((4,), (3,), "admin0", include_unlocatable=True),
        "labels": mobility(3, unit="admin0"),
    },
    **{f"labelled flows: {unit}": _labelled_flows(unit) for unit in ("admin0", "admin1")},
    "labelled flows: full outer": _labelled_flows("admin0", join_type="full outer"),
    **{
        f"active at reference: {name}": {
            "query_kind": "active_at_reference_location_counts",
            "unique_locations": unique_locations(),
            "reference_locations": locations,
        }
        for name, locations in REFERENCES.items()
    },
    **{
        f"unique visitors: {unit}": {
            "query_kind": "unique_visitor_counts",
            "active_at_reference_location_counts": {
                "query_kind": "active_at_reference_location_counts",
                "unique_locations": unique_locations(unit),
                "reference_locations": daily(1, unit),
            },
            "unique_subscriber_counts": {
                "query_kind": "unique_subscriber_counts",
                "start_date": "2016-01-01",
                "end_date": "2016-01-04",
                "aggregation_unit": unit,
            },
        }
        for unit in ("admin1", "admin3", "lon-lat")
    },
    **{
        f"unmoving: {unit}": {
            "query_kind": "unmoving_counts",
            "locations": unique_locations(unit, **EVENTS["calls"]),
        }
        for unit in ("admin0", "admin1", "admin3")
    },
    **{
        f"unmoving at reference: {name}": {
            "query_kind": "unmoving_at_reference_location_counts",
            "locations": unique_locations(**EVENTS["calls"]),
            "reference_locations": REFERENCES[name],
        }
        for name in ("last", "modal", "majority")
    },
}
