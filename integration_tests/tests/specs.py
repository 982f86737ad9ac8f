"""Specifications of every kind, and the scopes that they need by definition."""

from collections.abc import Iterator
from typing import Any

Spec = dict[str, Any]

NONSPATIAL = "nonspatial"
FIRST, SECOND, THIRD = "2016-01-01", "2016-01-02", "2016-01-03"


def daily(date: str = FIRST, unit: str = "admin3", method: str = "last", **more: Any) -> Spec:
    """Return a daily location."""
    return {"query_kind": "daily_location", "date": date, "aggregation_unit": unit, "method": method, **more}


def modal(*dates: str, unit: str = "admin3") -> Spec:
    """Return a modal location over some days."""
    return {"query_kind": "modal_location", "locations": [daily(date, unit) for date in dates]}


def aggregate(locations: Spec) -> Spec:
    """Return the numbers of subscribers by location."""
    return {"query_kind": "spatial_aggregate", "locations": locations}


def flows(start: Spec, end: Spec, **more: Any) -> Spec:
    """Return the flows between two locations."""
    return {"query_kind": "flows", "from_location": start, "to_location": end, **more}


def unique_subscribers(unit: str = "admin3", **more: Any) -> Spec:
    """Return the numbers of different subscribers."""
    window = {"start_date": FIRST, "end_date": THIRD}
    return {"query_kind": "unique_subscriber_counts", "aggregation_unit": unit, **window, **more}


def event_counts(interval: str = "hour", unit: str = "admin3", **more: Any) -> Spec:
    """Return the numbers of events."""
    window = {"start_date": FIRST, "end_date": SECOND, "interval": interval}
    return {"query_kind": "location_event_counts", "aggregation_unit": unit, **window, **more}


def dummy(name: str, **more: Any) -> Spec:
    """Return a query that reads nothing."""
    return {"query_kind": "dummy_query", "dummy_param": name, "aggregation_unit": "admin3", **more}


_DAYS = {"start_date": FIRST, "end_date": THIRD}


def windowed(kind: str, unit: str = "admin3", **more: Any) -> Spec:
    """Return a query over two days by a unit of its own."""
    return {"query_kind": kind, "aggregation_unit": unit, **_DAYS, **more}


def unique_locations(unit: str = "admin3") -> Spec:
    """Return the different places of subscribers."""
    return windowed("unique_locations", unit)


def coalesced(*dates: str) -> Spec:
    """Return where subscribers mostly are, or else where they are most often."""
    visits = {"query_kind": "location_visits", "locations": [daily(date) for date in dates]}
    mostly = {"query_kind": "majority_location", "subscriber_location_weights": visits}
    return {
        "query_kind": "coalesced_location",
        "preferred_location": {**mostly, "minimum_total_weight": 2},
        "fallback_location": mostly,
        "subscriber_location_weights": visits,
        "weight_threshold": 1,
    }


def mobility() -> Spec:
    """Return how mobile subscribers are."""
    located = [coalesced(FIRST, SECOND), coalesced(SECOND, THIRD)]
    return {"query_kind": "mobility_classification", "locations": located, "stay_length_threshold": 2}


def meaningful(what: str, **more: Any) -> Spec:
    """Return meaningful locations: evenings are one kind of them."""
    days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    corners = [[-1, -1], [-1, 1], [0, 1], [0, -1], [-1, -1]]
    return {
        "query_kind": f"meaningful_locations_{what}",
        "labels": {"evening": {"type": "Polygon", "coordinates": [corners]}},
        "tower_hour_of_day_scores": [-0.5] * 12 + [0.5] * 12,
        "tower_day_of_week_scores": {day: -0.5 if day == "sunday" else 0.5 for day in days},
        "aggregation_unit": "admin1",
        **more,
    }


_NETWORK = windowed("total_network_objects", "admin1", total_by="day")
_ACTIVE = {
    "query_kind": "active_at_reference_location_counts",
    "unique_locations": unique_locations(),
    "reference_locations": daily(),
}

EXAMPLES: dict[str, Spec] = {
    "dummy_query": dummy("permissions"),
    "geography": {"query_kind": "geography", "aggregation_unit": "admin1"},
    "spatial_aggregate, last": aggregate(daily()),
    "spatial_aggregate, most-common": aggregate(daily(unit="lon-lat", method="most-common")),
    "spatial_aggregate, modal": aggregate(modal(FIRST, SECOND)),
    "flows": flows(daily(unit="admin2"), daily(SECOND, unit="admin2")),
    "flows, modal": flows(modal(FIRST, SECOND), daily(THIRD)),
    "unique_subscriber_counts": unique_subscribers(),
    "location_event_counts": event_counts("day", unit="admin1"),
    "calendar_activity": {"query_kind": "calendar_activity", "start_date": FIRST, "total_periods": 2},
    "inflows": {**flows(daily(), daily(SECOND)), "query_kind": "inflows"},
    "outflows": {**flows(daily(), unique_locations()), "query_kind": "outflows"},
    "meaningful_locations_aggregate": meaningful("aggregate", **_DAYS, label="evening"),
    "meaningful_locations_between_label_od_matrix": meaningful(
        "between_label_od_matrix", **_DAYS, label_a="evening", label_b="unknown"
    ),
    "meaningful_locations_between_dates_od_matrix": meaningful(
        "between_dates_od_matrix",
        label="unknown",
        start_date_a=FIRST,
        end_date_a=SECOND,
        start_date_b=SECOND,
        end_date_b=THIRD,
    ),
    "location_introversion": windowed("location_introversion", unit="admin2"),
    "total_network_objects": _NETWORK,
    "aggregate_network_objects": {
        "query_kind": "aggregate_network_objects",
        "total_network_objects": _NETWORK,
        "statistic": "avg",
        "aggregate_by": "month",
    },
    "dfs_metric_total_amount": windowed("dfs_metric_total_amount", unit="admin2", metric="amount"),
    "joined_spatial_aggregate": {
        "query_kind": "joined_spatial_aggregate",
        "locations": daily(),
        "metric": {"query_kind": "radius_of_gyration", **_DAYS},
        "method": "avg",
    },
    "joined_spatial_aggregate, shares": {
        "query_kind": "joined_spatial_aggregate",
        "locations": daily(unit="admin1"),
        "metric": {"query_kind": "handset", **_DAYS, "characteristic": "brand", "method": "last"},
        "method": "distr",
    },
    "histogram_aggregate": {
        "query_kind": "histogram_aggregate",
        "metric": {"query_kind": "event_count", **_DAYS},
        "bins": {"bin_list": [1, 5, 100]},
    },
    "active_at_reference_location_counts": _ACTIVE,
    "unique_visitor_counts": {
        "query_kind": "unique_visitor_counts",
        "active_at_reference_location_counts": _ACTIVE,
        "unique_subscriber_counts": unique_subscribers(),
    },
    "consecutive_trips_od_matrix": windowed("consecutive_trips_od_matrix", unit="admin1"),
    "trips_od_matrix": windowed("trips_od_matrix", unit="admin1"),
    "unmoving_counts": {"query_kind": "unmoving_counts", "locations": unique_locations()},
    "unmoving_at_reference_location_counts": {
        "query_kind": "unmoving_at_reference_location_counts",
        "locations": unique_locations(),
        "reference_locations": daily(),
    },
    "labelled_spatial_aggregate": {
        "query_kind": "labelled_spatial_aggregate",
        "locations": coalesced(FIRST, SECOND),
        "labels": mobility(),
    },
    "labelled_flows": {
        **flows(coalesced(FIRST, SECOND), coalesced(SECOND, THIRD)),
        "query_kind": "labelled_flows",
        "labels": mobility(),
    },
    "localised_calendar_activity": {
        "query_kind": "localised_calendar_activity",
        "reference_location": daily(unit="admin1"),
        "start_date": FIRST,
        "total_periods": 2,
    },
}
"""At least one of every kind that can be run."""


def kinds_in(value: Any) -> Iterator[str]:
    """Yield every ``query_kind`` in a spec, at any depth."""
    if isinstance(value, dict):
        if "query_kind" in value:
            yield value["query_kind"]
        for nested in value.values():
            yield from kinds_in(nested)
    elif isinstance(value, list):
        for nested in value:
            yield from kinds_in(nested)


_PLACES = (
    *("from_location", "locations", "unique_locations", "total_network_objects", "unique_subscriber_counts"),
    *("reference_location", "preferred_location", "subscriber_location_weights"),
)
"""The parts of a spec whose unit is that of the whole."""


def unit_of(spec: Spec) -> str:
    """Return the unit of a spec's result: its own, that of the location it is made of, or none."""
    if "aggregation_unit" in spec:
        unit: str = spec["aggregation_unit"]
        return unit
    nested = next((spec[name] for name in _PLACES if name in spec), None)
    if nested is None:
        return NONSPATIAL
    return unit_of(nested[0] if isinstance(nested, list) else nested)


def needed_scopes(spec: Spec) -> frozenset[str]:
    """Return the scopes that a spec needs, whatever is done with it."""
    return frozenset(f"{unit_of(spec)}:{spec['query_kind']}:{kind}" for kind in kinds_in(spec))


def resolved(schemas: dict[str, Any], node: Any) -> Any:
    """Return a schema with every reference in it written out."""
    if isinstance(node, dict):
        if "$ref" in node:
            return resolved(schemas, schemas[node["$ref"].rpartition("/")[2]])
        return {key: resolved(schemas, value) for key, value in node.items()}
    return [resolved(schemas, item) for item in node] if isinstance(node, list) else node


def kinds_below(node: Any) -> Iterator[str]:
    """Yield the kind of every object anywhere in a resolved schema."""
    if isinstance(node, dict):
        kind = node.get("properties", {}).get("query_kind")
        if kind:
            yield kind["enum"][0]
        for value in node.values():
            yield from kinds_below(value)
    elif isinstance(node, list):
        for value in node:
            yield from kinds_below(value)


def offered_scopes(schemas: dict[str, Any]) -> list[str]:
    """Derive every scope that a server with these schemas grants, step by step as the definition says."""
    scopes = {"run", "get_result", "get_available_dates", "get_qa_checks"}
    for alternative in schemas["FlowmachineQuerySchema"]["oneOf"]:
        schema = resolved(schemas, alternative)
        top = schema["properties"]["query_kind"]["enum"][0]
        units = schema["properties"].get("aggregation_unit", {}).get("enum", [NONSPATIAL])
        scopes |= {f"{unit}:{top}:{kind}" for unit in units for kind in kinds_below(schema)}
    return sorted(scopes)
