"""What must be refused, with the same words."""

from typing import Any

from tests.parity.specs.parts import (
    METRICS,
    THREE_DAYS,
    Spec,
    coalesced,
    daily,
    modal,
    unique_locations,
    visits,
)


def _unique(**more: Any) -> Spec:
    return {"query_kind": "unique_subscriber_counts", **THREE_DAYS, "aggregation_unit": "admin3", **more}


def _without(spec: Spec, field: str) -> Spec:
    return {name: value for name, value in spec.items() if name != field}


def _aggregate(locations: Any) -> Spec:
    return {"query_kind": "spatial_aggregate", "locations": locations}


def _modal(locations: Any) -> Spec:
    return _aggregate({"query_kind": "modal_location", "locations": locations})


def _flows(to_location: Spec, **more: Any) -> Spec:
    return {"query_kind": "flows", "from_location": daily(), "to_location": to_location, **more}


def _joined(metric: Spec, method: str) -> Spec:
    return {
        "query_kind": "joined_spatial_aggregate",
        "locations": daily(),
        "metric": metric,
        "method": method,
    }


def _histogram(bins: Any, **more: Any) -> Spec:
    return {"query_kind": "histogram_aggregate", "metric": METRICS["events"], "bins": bins, **more}


_WITHOUT_KIND = _without(_unique(), "query_kind")
_SAMPLE = {"sampling_method": "random_ids", "seed": 0.5, "size": 10}
_COALESCED = coalesced()

_REFUSED: dict[str, Spec] = {
    "no kind": _WITHOUT_KIND,
    "null as kind": {**_WITHOUT_KIND, "query_kind": None},
    "unknown kind": {**_WITHOUT_KIND, "query_kind": "nope"},
    "nested kind alone": daily(),
    "missing field": _without(_unique(), "start_date"),
    "several missing fields": {"query_kind": "unique_subscriber_counts"},
    "unknown field": _unique(foo=1),
    "bad date": _unique(start_date="yesterday"),
    "number as date": _unique(start_date=20160101),
    "bad unit": _unique(aggregation_unit="admin4"),
    "null as unit": _unique(aggregation_unit=None),
    "bad event type": _unique(event_types=["calls", "letters"]),
    "no event type": _unique(event_types=[]),
    "text as event types": _unique(event_types="calls"),
    "bad hour": _unique(hours={"start_hour": 25, "end_hour": 3}),
    "half an hour": _unique(hours={"start_hour": 2}),
    "text as hours": _unique(hours="all"),
    "text as hour": _unique(hours={"start_hour": "early", "end_hour": 3}),
    "unknown subset": _unique(subscriber_subset="0123456789abcdef0123456789abcdef"),
    "nested, missing field": _aggregate(_without(daily(), "date")),
    "nested, unknown kind": _aggregate({**daily(), "query_kind": "nope"}),
    "nested, no kind": _aggregate(_without(daily(), "query_kind")),
    "nested, text": _aggregate("daily"),
    "bad method": _aggregate(daily(method="first")),
    "nested in a list": _modal([_without(daily(), "date")]),
    "empty list": _modal([]),
    "list of units": _modal([daily(), daily(2, "admin1")]),
    "no list": _modal(daily()),
    "flows between units": _flows(daily(2, "admin2")),
    "bad join": _flows(daily(2), join_type="cross"),
    "unit given twice": {**_aggregate(daily()), "aggregation_unit": "admin3"},
    "no sampling method": _aggregate(daily(sampling=_without(_SAMPLE, "sampling_method"))),
    "unknown sampling method": _aggregate(daily(sampling={**_SAMPLE, "sampling_method": "system_rows"})),
    "no seed": _aggregate(daily(sampling=_without(_SAMPLE, "seed"))),
    "seed out of range": _aggregate(daily(sampling={**_SAMPLE, "seed": 2})),
    "size and fraction": _aggregate(daily(sampling={**_SAMPLE, "fraction": 0.5})),
    "fraction of all": _aggregate(daily(sampling={**_without(_SAMPLE, "size"), "fraction": 1.0})),
    "sample of none": _aggregate(daily(sampling={**_SAMPLE, "size": 0})),
    "bad interval": {**_unique(), "query_kind": "location_event_counts", "interval": "week"},
    "bad direction": {
        **_unique(), "query_kind": "location_event_counts", "interval": "day", "direction": "up",
    },
    "shares of numbers": _joined(METRICS["events"], "distr"),
    "mean of words": _joined(
        {"query_kind": "handset", **THREE_DAYS, "characteristic": "brand", "method": "last"}, "avg"
    ),
    "bad statistic": _joined(METRICS["events"], "mean"),
    "bad characteristic": _joined(
        {"query_kind": "handset", **THREE_DAYS, "characteristic": "colour", "method": "last"}, "distr"
    ),
    "no bins": _histogram({}),
    "both bins": _histogram({"n_bins": 2, "bin_list": [1, 2]}),
    "backward range": _histogram({"n_bins": 2}, range={"lower_bound": 3, "upper_bound": 1}),
    "half a range": _histogram({"n_bins": 2}, range={"lower_bound": 3}),
    "null as range": _histogram({"n_bins": 2}, range=None),
    "wrong kind in a place for one": {
        "query_kind": "unmoving_counts", "locations": daily(),
    },
    "references elsewhere": {
        "query_kind": "active_at_reference_location_counts", "unique_locations": unique_locations("admin2"),
        "reference_locations": daily(),
    },
    "fallback elsewhere": _aggregate(
        {**_COALESCED, "fallback_location": coalesced(unit="admin1")["fallback_location"]}
    ),
    "weights elsewhere": _aggregate(
        {**_COALESCED, "subscriber_location_weights": visits(1, 2, unit="admin1")}
    ),
    "proportion out of range": _joined({**METRICS["pareto"], "proportion": 1.5}, "avg"),
    "metric of money": {
        "query_kind": "dfs_metric_total_amount", "metric": "tax", **THREE_DAYS, "aggregation_unit": "admin3",
    },
    "few scores": {
        "query_kind": "meaningful_locations_aggregate", **THREE_DAYS, "label": "day", "labels": {},
        "tower_hour_of_day_scores": [0, 1], "tower_day_of_week_scores": {"funday": 1},
        "aggregation_unit": "admin3",
    },
    "whole days only": _unique(start_date="2016-01-03", end_date="2016-01-03"),
    "days without data": _unique(start_date="2017-01-01", end_date="2017-01-03"),
    "the wrong way round": _unique(start_date="2016-01-03", end_date="2016-01-01"),
    "messages of sessions": _joined({**METRICS["degree"], "event_types": ["mds"]}, "avg"),
    "visits as reference": _aggregate(visits(1, 2)),
    "modal of modal": _modal([modal(1, 2)]),
}  # fmt: skip

SPECS: dict[str, Spec] = {f"refused: {name}": spec for name, spec in _REFUSED.items()}
