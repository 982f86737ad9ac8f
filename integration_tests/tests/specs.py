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


def unit_of(spec: Spec) -> str:
    """Return the unit of a spec's result: its own, that of the location it is made of, or none."""
    if "aggregation_unit" in spec:
        unit: str = spec["aggregation_unit"]
        return unit
    nested = spec.get("from_location") or spec.get("locations")
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
