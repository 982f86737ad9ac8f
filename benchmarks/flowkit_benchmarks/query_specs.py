"""The API query specifications that are compared with SQL written by hand.

Their days and daily locations are filled in by :func:`flowkit_benchmarks.specs.expand`.
"""

from typing import Any

Template = dict[str, Any]

_EVENTS: Template = {"event_types": ["calls", "sms"]}
_PLACES: Template = {"aggregation_unit": "admin3"}


def _between(start: str, end: str) -> Template:
    return {"start_date": start, "end_date": end, **_EVENTS}


def _daily(*days: str) -> list[str]:
    return [f"{{daily:{day}}}" for day in days]


def _modal(*days: str) -> Template:
    return {"query_kind": "modal_location", "locations": _daily(*days)}


def _counts(locations: Template | str) -> Template:
    return {"query_kind": "spatial_aggregate", "locations": locations}


def _average(metric: Template) -> Template:
    return {
        "query_kind": "joined_spatial_aggregate",
        "locations": "{daily:d1}",
        "metric": metric,
        "method": "avg",
    }


_WEEK = _between("{d1}", "{d8}")
_TWO_DAYS = _between("{d1}", "{d3}")

TEMPLATES: dict[str, Template] = {
    "total_events_hourly": {
        "query_kind": "location_event_counts",
        **_WEEK,
        **_PLACES,
        "interval": "hour",
        "direction": "both",
    },
    "unique_subscribers": {"query_kind": "unique_subscriber_counts", **_WEEK, **_PLACES},
    "daily_location_counts": _counts("{daily:d1}"),
    "modal_location_counts": _counts(_modal("d1", "d2", "d3", "d4", "d5", "d6", "d7")),
    "flows_two_days": {"query_kind": "flows", "from_location": "{daily:d1}", "to_location": "{daily:d2}"},
    "flows_modal": {
        "query_kind": "flows",
        "from_location": _modal("d1", "d2", "d3"),
        "to_location": _modal("d4", "d5", "d6"),
    },
    "radius_of_gyration": _average({"query_kind": "radius_of_gyration", **_WEEK}),
    "unique_locations_metric": _average({"query_kind": "unique_location_counts", **_WEEK, **_PLACES}),
    "event_count_histogram": {
        "query_kind": "histogram_aggregate",
        "metric": {"query_kind": "event_count", **_WEEK, "direction": "both"},
        "bins": {"n_bins": 10},
    },
    "trips_od": {"query_kind": "trips_od_matrix", **_TWO_DAYS, **_PLACES},
    "consecutive_trips_od": {"query_kind": "consecutive_trips_od_matrix", **_TWO_DAYS, **_PLACES},
    "location_introversion": {
        "query_kind": "location_introversion",
        **_TWO_DAYS,
        **_PLACES,
        "direction": "both",
    },
    "network_objects": {"query_kind": "total_network_objects", **_WEEK, **_PLACES, "total_by": "day"},
    "most_frequent_location_counts": _counts(
        {"query_kind": "most_frequent_location", **_between("{d1}", "{d4}"), **_PLACES}
    ),
}
