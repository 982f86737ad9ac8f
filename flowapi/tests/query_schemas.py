"""Schemas of the shape that FlowMachine publishes: who may be nested in whom, without other parameters."""

from typing import Any

UNITS = ["admin0", "admin1", "admin2", "admin3", "lon-lat"]
UNIT = {"type": "string", "enum": UNITS}

REFERENCE_LOCATIONS = [
    "daily_location",
    "modal_location",
    "most_frequent_location",
    "visited_most_days",
    "majority_location",
    "coalesced_location",
]
HISTOGRAMMABLE = [
    "radius_of_gyration",
    "unique_location_counts",
    "topup_balance",
    "subscriber_degree",
    "topup_amount",
    "event_count",
    "pareto_interactions",
    "nocturnal_events",
    "displacement",
    "total_active_periods",
]

UNIONS = {
    "ReferenceLocation": REFERENCE_LOCATIONS,
    "InputToFlows": [*REFERENCE_LOCATIONS, "unique_locations"],
    "InputToModalLocation": ["daily_location"],
    "VisitableLocation": ["daily_location", "modal_location"],
    "WeightedLocationQueries": ["location_visits"],
    "JoinableMetrics": [*HISTOGRAMMABLE, "handset"],
    "HistogrammableMetrics": HISTOGRAMMABLE,
}

# Kind: the names of its members that hold queries, and what they may be (a union or a kind).
NESTED: dict[str, dict[str, str]] = {
    "daily_location": {},
    "modal_location": {"locations[]": "InputToModalLocation"},
    "most_frequent_location": {},
    "visited_most_days": {},
    "location_visits": {"locations[]": "VisitableLocation"},
    "majority_location": {"subscriber_location_weights": "WeightedLocationQueries"},
    "coalesced_location": {
        "preferred_location": "majority_location",
        "fallback_location": "majority_location",
        "subscriber_location_weights": "location_visits",
    },
    "mobility_classification": {"locations[]": "coalesced_location"},
    "unique_locations": {},
    "handset": {},
    **{kind: {} for kind in HISTOGRAMMABLE},
    "displacement": {"reference_location": "ReferenceLocation"},
}
FLOWS = {"from_location": "InputToFlows", "to_location": "InputToFlows"}
TOP: dict[str, dict[str, str]] = {
    **{
        kind: {}
        for kind in [
            "dummy_query",
            "geography",
            "location_event_counts",
            "unique_subscriber_counts",
            "location_introversion",
            "total_network_objects",
            "dfs_metric_total_amount",
            "consecutive_trips_od_matrix",
            "trips_od_matrix",
            "meaningful_locations_aggregate",
            "meaningful_locations_between_label_od_matrix",
            "meaningful_locations_between_dates_od_matrix",
        ]
    },
    "flows": FLOWS,
    "inflows": FLOWS,
    "outflows": FLOWS,
    "aggregate_network_objects": {"total_network_objects": "total_network_objects"},
    "spatial_aggregate": {"locations": "ReferenceLocation"},
    "joined_spatial_aggregate": {"locations": "ReferenceLocation", "metric": "JoinableMetrics"},
    "active_at_reference_location_counts": {
        "unique_locations": "unique_locations",
        "reference_locations": "ReferenceLocation",
    },
    "unique_visitor_counts": {
        "active_at_reference_location_counts": "active_at_reference_location_counts",
        "unique_subscriber_counts": "unique_subscriber_counts",
    },
    "unmoving_counts": {"locations": "unique_locations"},
    "unmoving_at_reference_location_counts": {
        "locations": "unique_locations",
        "reference_locations": "ReferenceLocation",
    },
    "labelled_spatial_aggregate": {"locations": "coalesced_location", "labels": "mobility_classification"},
    "labelled_flows": {
        "from_location": "coalesced_location",
        "to_location": "coalesced_location",
        "labels": "mobility_classification",
    },
    "localised_calendar_activity": {"reference_location": "ReferenceLocation"},
}
NONSPATIAL_TOP: dict[str, dict[str, str]] = {
    "histogram_aggregate": {"metric": "HistogrammableMetrics"},
    "calendar_activity": {},
}


def _name(kind_or_union: str) -> str:
    if kind_or_union in UNIONS:
        return kind_or_union
    return "".join(word.capitalize() for word in kind_or_union.split("_"))


def _ref(kind_or_union: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{_name(kind_or_union)}"}


def kind_schema(kind: str, members: dict[str, str], **properties: Any) -> dict[str, Any]:
    nested = {
        name.removesuffix("[]"): {"type": "array", "items": _ref(to)} if name.endswith("[]") else _ref(to)
        for name, to in members.items()
    }
    return {
        "type": "object",
        "properties": {"query_kind": {"type": "string", "enum": [kind]}, **nested, **properties},
        "required": sorted(["query_kind", *nested]),
    }


def union_schema(kinds: list[str]) -> dict[str, Any]:
    return {
        "oneOf": [_ref(kind) for kind in kinds],
        "discriminator": {
            "propertyName": "query_kind",
            "mapping": {kind: _ref(kind)["$ref"] for kind in kinds},
        },
    }


def published_schemas() -> dict[str, Any]:
    """Return the components of the release whose scopes the specification counts."""
    # Composite kinds derive their unit: it is published as read-only.
    derived = {**UNIT, "readOnly": True}
    return {
        "FlowmachineQuerySchema": union_schema([*TOP, *NONSPATIAL_TOP]),
        **{_name(union): union_schema(kinds) for union, kinds in UNIONS.items()},
        **{
            _name(kind): kind_schema(kind, members, aggregation_unit=UNIT) for kind, members in NESTED.items()
        },
        **{
            _name(kind): kind_schema(kind, members, aggregation_unit=derived if members else UNIT)
            for kind, members in TOP.items()
        },
        **{_name(kind): kind_schema(kind, members) for kind, members in NONSPATIAL_TOP.items()},
    }
