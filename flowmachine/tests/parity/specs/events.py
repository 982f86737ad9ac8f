"""Counts of events and of those who had them, trips, networks, mobile money, meaningful places."""

from typing import Any

from tests.parity.specs.parts import (
    EVENTS,
    HOURS,
    PART,
    THREE_DAYS,
    UNITS,
    WHOLE,
    Spec,
)


def _counts(interval: str, unit: str, **more: Any) -> Spec:
    fixed = {"query_kind": "location_event_counts", **THREE_DAYS, "interval": interval}
    return {**fixed, "aggregation_unit": unit, **more}


def _windowed(kind: str, unit: str, **more: Any) -> Spec:
    return {"query_kind": kind, **THREE_DAYS, "aggregation_unit": unit, **more}


def _network(total_by: str, unit: str, **more: Any) -> Spec:
    return _windowed("total_network_objects", unit, total_by=total_by, **more)


def _area(west: float, south: float, east: float, north: float) -> Spec:
    corners = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [corners]}


_HOURS_SCORES = [-1] * 7 + [0] * 2 + [1] * 8 + [0] * 3 + [-1] * 4
_DAYS_SCORES = {
    **dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), 1),
    **dict.fromkeys(("saturday", "sunday"), -1),
}
TWO_HOURS = {"start_date": "2016-01-02 10:00:00", "end_date": "2016-01-02 12:00:00"}
_LABELS = {"day": _area(0, -1.1, 1.1, 1.1), "evening": _area(-1.1, -1.1, -0.05, 1.1)}


def _meaningful(kind: str, unit: str, **more: Any) -> Spec:
    return {
        "query_kind": f"meaningful_locations_{kind}",
        "labels": _LABELS,
        "tower_hour_of_day_scores": _HOURS_SCORES,
        "tower_day_of_week_scores": _DAYS_SCORES,
        "tower_cluster_radius": 1.0,
        "aggregation_unit": unit,
        **more,
    }


_TWO_WEEKS = {
    "start_date_a": "2016-01-01", "end_date_a": "2016-01-04", "start_date_b": "2016-01-04",
    "end_date_b": "2016-01-07",
}  # fmt: skip

SPECS: dict[str, Spec] = {
    "dummy": {"query_kind": "dummy_query", "dummy_param": "parity", "aggregation_unit": "admin3"},
    **{f"geography: {unit}": {"query_kind": "geography", "aggregation_unit": unit} for unit in UNITS},
    **{f"events: by day, {unit}": _counts("day", unit) for unit in UNITS},
    **{f"events: by hour, {unit}": _counts("hour", unit) for unit in ("admin0", "admin2", "lon-lat")},
    "events: by minute": _counts("min", "admin0", **TWO_HOURS),
    **{f"events: of {name}": _counts("day", "admin3", **events) for name, events in EVENTS.items()},
    **{f"events: {d}": _counts("day", "admin3", direction=d) for d in ("in", "out")},
    "events: calls out by hour": _counts("hour", "admin1", direction="out", **EVENTS["calls"]),
    "events: of the morning": _counts("day", "admin2", **HOURS["morning"]),
    "events: of part of a day": _counts("day", "admin2", **PART),
    **{f"unique subscribers: {unit}": _windowed("unique_subscriber_counts", unit) for unit in UNITS},
    **{
        f"unique subscribers: {name}": _windowed("unique_subscriber_counts", "admin3", **more)
        for name, more in (EVENTS | HOURS | {"part of a day": PART}).items()
    },
    **{f"introversion: {unit}": _windowed("location_introversion", unit) for unit in UNITS},
    **{
        f"introversion: {name}": _windowed("location_introversion", "admin2", **more)
        for name, more in {
            "in": {"direction": "in"},
            "out": {"direction": "out"},
            "calls": EVENTS["calls"],
            "morning": HOURS["morning"],
            "sessions": EVENTS["sessions"],
        }.items()
    },
    **{f"trips: {unit}": _windowed("trips_od_matrix", unit) for unit in UNITS[1:]},
    "trips: calls of the night": _windowed("trips_od_matrix", "admin2", **EVENTS["calls"], **HOURS["night"]),
    **{
        f"consecutive trips: {unit}": _windowed("consecutive_trips_od_matrix", unit)
        for unit in UNITS[1:]
    },
    "consecutive trips: calls of the night": _windowed(
        "consecutive_trips_od_matrix", "admin2", **EVENTS["calls"], **HOURS["night"]
    ),
    **{f"network: {unit}": _network("day", unit) for unit in UNITS},
    **{f"network: by {each}": _network(each, "admin1") for each in ("hour", "month", "year")},
    "network: by minute": _network(
        "minute", "admin0", start_date="2016-01-02 10:00:00", end_date="2016-01-02 10:30:00"
    ),
    "network: calls of the morning": _network("hour", "admin2", **EVENTS["calls"], **HOURS["morning"]),
    **{
        f"networks: {statistic} by {by}": {
            "query_kind": "aggregate_network_objects",
            "total_network_objects": _network(total_by, "admin1"),
            "statistic": statistic,
            "aggregate_by": by,
        }
        for statistic, by, total_by in (
            ("avg", "day", "hour"),
            ("max", "day", "hour"),
            ("median", "month", "day"),
            ("stddev", "year", "day"),
            ("mode", "century", "day"),
            ("count", "hour", "hour"),
        )
    },
    **{
        f"mobile money: {metric}, {unit}": {
            "query_kind": "dfs_metric_total_amount",
            "metric": metric,
            "start_date": "2016-01-01",
            "end_date": "2016-01-04",
            "aggregation_unit": unit,
        }
        for metric in ("amount", "commission", "fee", "discount")
        for unit in ("admin0", "admin2")
    },
    **{
        f"meaningful: {label}, {unit}": _meaningful("aggregate", unit, **WHOLE, label=label)
        for label in ("day", "evening", "unknown")
        for unit in ("admin1", "admin3")
    },
    "meaningful: wide clusters of callers": _meaningful(
        "aggregate", "admin2", **WHOLE, label="evening", **EVENTS["calls"],
        tower_cluster_radius=30.0, tower_cluster_call_threshold=2,
    ),
    **{
        f"meaningful: between labels, {unit}": _meaningful(
            "between_label_od_matrix", unit, **WHOLE, label_a="day", label_b="evening"
        )
        for unit in ("admin0", "admin1")
    },
    **{
        f"meaningful: between dates, {unit}": _meaningful(
            "between_dates_od_matrix", unit, **_TWO_WEEKS, label="evening"
        )
        for unit in ("admin0", "admin1")
    },
}  # fmt: skip
