"""A spec of every exposed kind, with its nested kinds."""

from typing import Any

Spec = dict[str, Any]


def daily_location(day: int = 1, unit: str = "admin3", method: str = "last", **more: Any) -> Spec:
    return {
        "query_kind": "daily_location",
        "date": f"2016-01-0{day}",
        "aggregation_unit": unit,
        "method": method,
        **more,
    }


def modal_location(*days: int, **more: Any) -> Spec:
    return {"query_kind": "modal_location", "locations": [daily_location(day, **more) for day in days]}


WINDOW = {"start_date": "2016-01-01", "end_date": "2016-01-03"}

SPECS: dict[str, Spec] = {
    "dummy_query": {"query_kind": "dummy_query", "dummy_param": "A", "aggregation_unit": "admin3"},
    "flows": {
        "query_kind": "flows",
        "from_location": modal_location(1, 2),
        "to_location": daily_location(2, method="most-common"),
    },
    "geography": {"query_kind": "geography", "aggregation_unit": "admin3"},
    "geography_of_positions": {"query_kind": "geography", "aggregation_unit": "lon-lat"},
    "location_event_counts": {
        "query_kind": "location_event_counts",
        **WINDOW,
        "interval": "hour",
        "direction": "out",
        "event_types": ["sms"],
        "hours": {"start_hour": 22, "end_hour": 4},
        "aggregation_unit": "admin3",
    },
    "spatial_aggregate": {"query_kind": "spatial_aggregate", "locations": daily_location()},
    "spatial_aggregate_of_modal_location": {
        "query_kind": "spatial_aggregate",
        "locations": modal_location(1, 2, 3, unit="lon-lat"),
    },
    "unique_subscriber_counts": {
        "query_kind": "unique_subscriber_counts",
        **WINDOW,
        "aggregation_unit": "admin2",
    },
}
