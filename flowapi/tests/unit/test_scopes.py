"""The scopes that can be granted are those that other FlowKit programs derive from the same schemas."""

import time
from collections import Counter
from typing import Any

import pytest
from query_schemas import (
    HISTOGRAMMABLE,
    REFERENCE_LOCATIONS,
    UNIT,
    UNITS,
    kind_schema,
    published_schemas,
    union_schema,
)

from flowapi.scopes import SIMPLE_SCOPES, SchemaError, grantable_scopes, query_scopes

# How many kinds occur inside each top-level kind, itself included; counted in the specification.
KINDS_INSIDE = {
    **dict.fromkeys(["aggregate_network_objects", "unmoving_counts"], 2),
    **dict.fromkeys(["flows", "inflows", "outflows"], 9),
    **dict.fromkeys(["active_at_reference_location_counts", "unmoving_at_reference_location_counts"], 9),
    **dict.fromkeys(["spatial_aggregate", "localised_calendar_activity"], 8),
    "unique_visitor_counts": 11,
    **dict.fromkeys(["labelled_spatial_aggregate", "labelled_flows"], 7),
    "joined_spatial_aggregate": 19,
    "histogram_aggregate": 18,
}


def schemas_of(**components: Any) -> dict[str, Any]:
    return {"FlowmachineQuerySchema": union_schema(["dummy"]), **components}


def test_the_published_schemas_give_624_query_scopes() -> None:
    scopes = query_scopes(published_schemas())
    assert len(scopes) == len(set(scopes)) == 624
    assert scopes == sorted(scopes)
    by_kind = Counter(scope.split(":")[1] for scope in scopes)
    for kind, count in by_kind.items():
        units = 1 if kind in ("histogram_aggregate", "calendar_activity") else len(UNITS)
        assert count == units * KINDS_INSIDE.get(kind, 1), kind


def test_kinds_inside_a_nonspatial_query() -> None:
    prefix = "nonspatial:histogram_aggregate:"
    inside = {scope for scope in query_scopes(published_schemas()) if scope.startswith(prefix)}
    kinds = {*REFERENCE_LOCATIONS, *HISTOGRAMMABLE, "location_visits", "histogram_aggregate"}
    assert inside == {prefix + kind for kind in kinds}


def test_simple_scopes_are_part_of_the_sorted_list() -> None:
    scopes = grantable_scopes(published_schemas())
    assert len(scopes) == 628
    assert scopes == sorted(scopes)
    assert set(SIMPLE_SCOPES) <= set(scopes)


def test_a_kind_without_unit_is_nonspatial() -> None:
    assert query_scopes(schemas_of(Dummy=kind_schema("dummy", {}))) == ["nonspatial:dummy:dummy"]


def test_units_of_nested_queries_are_ignored() -> None:
    schemas = schemas_of(
        Dummy=kind_schema("dummy", {"inner": "inner"}),
        Inner=kind_schema("inner", {}, aggregation_unit=UNIT),
    )
    assert query_scopes(schemas) == ["nonspatial:dummy:dummy", "nonspatial:dummy:inner"]


def test_units_and_kinds_may_be_references_constants_or_nullable() -> None:
    dummy = kind_schema("dummy", {})
    dummy["properties"]["query_kind"] = {"const": "dummy", "type": "string"}
    dummy["properties"]["aggregation_unit"] = {"allOf": [{"$ref": "#/components/schemas/Unit"}]}
    dummy["properties"]["inner"] = {"anyOf": [{"$ref": "#/components/schemas/Inner"}, {"type": "null"}]}
    schemas = schemas_of(
        Dummy=dummy, Unit={"type": "string", "enum": ["a", "b"]}, Inner=kind_schema("inner", {"x": "dummy"})
    )
    assert query_scopes(schemas) == ["a:dummy:dummy", "a:dummy:inner", "b:dummy:dummy", "b:dummy:inner"]


@pytest.mark.parametrize(
    "schemas",
    [
        {},
        {"FlowmachineQuerySchema": {"oneOf": []}},
        {"FlowmachineQuerySchema": {"oneOf": [{"type": "object"}]}},
        {"FlowmachineQuerySchema": {"oneOf": [{"$ref": "#/components/schemas/Missing"}]}},
        {"FlowmachineQuerySchema": {"$ref": "#/components/schemas/FlowmachineQuerySchema"}},
    ],
)
def test_schemas_that_describe_no_queries_are_refused(schemas: dict[str, Any]) -> None:
    with pytest.raises(SchemaError):
        query_scopes(schemas)


def test_derivation_is_quick() -> None:
    schemas = published_schemas()
    started = time.perf_counter()
    grantable_scopes(schemas)
    assert time.perf_counter() - started < 0.25
