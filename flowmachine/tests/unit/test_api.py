"""Specs: what is accepted, what is said of those that are not, and the schemas."""

from typing import Any

import pytest
from openapi_spec_validator import validate

from flowmachine.api.kinds.spatial_aggregate import SpatialAggregate
from flowmachine.api.openapi import TOP, query_schemas
from flowmachine.api.registry import EXPOSED, InvalidSpecError, available_queries, parse
from flowmachine.core.disclosure import DisclosureError, Redacted
from flowmachine.core.query import Query
from tests.specs import SPECS, Spec, daily_location, modal_location


def aggregate(**location: Any) -> Spec:
    return {"query_kind": "spatial_aggregate", "locations": {**daily_location(), **location}}


def without(spec: Spec, key: str) -> Spec:
    return {name: value for name, value in spec.items() if name != key}


def test_kinds_are_listed_in_their_order() -> None:
    assert available_queries() == [
        "dummy_query",
        "flows",
        "inflows",
        "outflows",
        "meaningful_locations_aggregate",
        "meaningful_locations_between_label_od_matrix",
        "meaningful_locations_between_dates_od_matrix",
        "geography",
        "location_event_counts",
        "unique_subscriber_counts",
        "location_introversion",
        "total_network_objects",
        "aggregate_network_objects",
        "dfs_metric_total_amount",
        "spatial_aggregate",
        "joined_spatial_aggregate",
        "histogram_aggregate",
        "active_at_reference_location_counts",
        "unique_visitor_counts",
        "consecutive_trips_od_matrix",
        "unmoving_counts",
        "unmoving_at_reference_location_counts",
        "trips_od_matrix",
        "labelled_spatial_aggregate",
        "labelled_flows",
        "calendar_activity",
        "localised_calendar_activity",
    ]


@pytest.mark.parametrize("name", sorted(SPECS))
def test_every_kind_is_redacted_or_holds_nothing_about_subscribers(name: str) -> None:
    query = parse(SPECS[name]).expose(15)
    assert isinstance(query, Redacted) == (SPECS[name]["query_kind"] not in ("dummy_query", "geography"))


def test_a_kind_that_builds_individual_data_cannot_be_exposed() -> None:
    class Leaky(SpatialAggregate):
        def build(self) -> Query:
            return self.locations.build()

    leaky = Leaky.model_validate(SPECS["spatial_aggregate"])
    with pytest.raises(DisclosureError):
        leaky.expose(15)


UNITS = "Must be one of: admin0, admin1, admin2, admin3, lon-lat."
TYPES = "Must be one of: calls, sms, mds, topups."
MISSING = ["Missing data for required field."]
NONSPATIAL = {"calendar_activity", "histogram_aggregate"}


@pytest.mark.parametrize(
    ("spec", "messages"),
    [
        ({}, {"query_kind": MISSING}),
        ({"query_kind": None}, {"query_kind": MISSING}),
        ({"query_kind": "nope"}, {"query_kind": ["Unsupported value: nope"]}),
        ({"query_kind": "daily_location"}, {"query_kind": ["Unsupported value: daily_location"]}),
        ("foo", {"_schema": "Invalid data type: foo"}),
        ({"query_kind": "spatial_aggregate"}, {"locations": MISSING}),
        ({"query_kind": "spatial_aggregate", "locations": {}}, {"locations": {"query_kind": MISSING}}),
        (
            {"query_kind": "spatial_aggregate", "locations": SPECS["flows"]},
            {"locations": {"query_kind": ["Unsupported value: flows"]}},
        ),
        (
            {"query_kind": "spatial_aggregate", "locations": 1},
            {"locations": {"_schema": "Invalid data type: 1"}},
        ),
        (aggregate(foo=1), {"locations": {"foo": ["Unknown field."]}}),
        ({**aggregate(), "aggregation_unit": "admin3"}, {"aggregation_unit": ["Unknown field."]}),
        (aggregate(method=None), {"locations": {"method": ["Field may not be null."]}}),
        (aggregate(date="31/12/2016"), {"locations": {"date": ["Not a valid datetime."]}}),
        (aggregate(date=20160101), {"locations": {"date": ["Not a valid datetime."]}}),
        (aggregate(aggregation_unit="admin4"), {"locations": {"aggregation_unit": [UNITS]}}),
        (aggregate(event_types=["faxes"]), {"locations": {"event_types": {"0": [TYPES]}}}),
        (aggregate(event_types=[]), {"locations": {"event_types": ["Shorter than minimum length 1."]}}),
        (aggregate(event_types="calls"), {"locations": {"event_types": ["Not a valid list."]}}),
        (aggregate(hours=[1, 2]), {"locations": {"hours": {"_schema": ["Invalid input type."]}}}),
        (aggregate(hours={"start_hour": 1}), {"locations": {"hours": {"end_hour": MISSING}}}),
        (
            aggregate(hours={"start_hour": 25, "end_hour": "late"}),
            {
                "locations": {
                    "hours": {
                        "start_hour": ["Must be greater than or equal to 0 and less than or equal to 24."],
                        "end_hour": ["Not a valid integer."],
                    }
                }
            },
        ),
        (
            aggregate(subscriber_subset="'; DROP TABLE events.calls; --"),
            {"locations": {"subscriber_subset": ["Must be None or a valid query id."]}},
        ),
        (
            {"query_kind": "spatial_aggregate", "locations": modal_location()},
            {"locations": {"locations": ["Shorter than minimum length 1."]}},
        ),
        (
            {
                "query_kind": "spatial_aggregate",
                "locations": {
                    "query_kind": "modal_location",
                    "locations": [daily_location(), without(daily_location(), "date")],
                },
            },
            {"locations": {"locations": {"1": {"date": MISSING}}}},
        ),
        (
            {
                "query_kind": "spatial_aggregate",
                "locations": {
                    "query_kind": "modal_location",
                    "locations": [daily_location(), daily_location(unit="admin2")],
                },
            },
            {
                "locations": {
                    "locations": ["All inputs to modal_location should have the same aggregation unit"]
                }
            },
        ),
        (
            {
                "query_kind": "flows",
                "from_location": daily_location(),
                "to_location": modal_location(1, unit="admin2"),
            },
            {
                "_schema": [
                    "'from_location' and 'to_location' parameters must have the same aggregation unit"
                ]
            },
        ),
        (
            {**SPECS["flows"], "join_type": "cross"},
            {
                "join_type": [
                    "Must be one of: inner, full outer, left, right, left outer, right outer."
                ]
            },
        ),
    ],
)  # fmt: skip
def test_messages_are_nested_as_the_spec_is(spec: Any, messages: dict[str, Any]) -> None:
    with pytest.raises(InvalidSpecError) as caught:
        parse(spec)
    assert caught.value.messages == messages


def test_spellings_that_mean_the_same_build_the_same_query() -> None:
    one = aggregate(
        event_types=["sms", "calls", "sms"], hours=None, subscriber_subset=None, mapping_table=None
    )
    other = aggregate(event_types=["calls", "sms"], date="2016-01-01T00:00:00")
    assert parse(one).expose(15) == parse(other).expose(15)


def test_the_schemas_are_valid_openapi() -> None:
    schemas = query_schemas()
    validate(
        {
            "openapi": "3.0.1",
            "info": {"title": "kinds", "version": "1"},
            "paths": {},
            "components": {"schemas": schemas},
        }
    )
    union = schemas[TOP]
    assert list(union["discriminator"]["mapping"]) == available_queries()
    assert [option["$ref"] for option in union["oneOf"]] == list(union["discriminator"]["mapping"].values())


@pytest.mark.parametrize("spec", EXPOSED, ids=lambda spec: spec.kind())
def test_every_kind_shows_its_unit_and_its_one_kind(spec: type) -> None:
    schema = query_schemas()[spec.__name__]
    assert schema["properties"]["query_kind"] == {"type": "string", "enum": [spec.kind()]}
    assert schema["additionalProperties"] is False
    unit = schema["properties"].get("aggregation_unit")
    assert (unit is None) == (spec.kind() in NONSPATIAL)
    if unit is not None:
        assert unit["enum"] == ["admin0", "admin1", "admin2", "admin3", "lon-lat"]
        assert unit.get("readOnly", False) == ("aggregation_unit" not in schema["required"])


def test_every_component_that_is_referred_to_exists() -> None:
    schemas = query_schemas()

    def references(node: Any) -> list[str]:
        if isinstance(node, dict):
            return [node["$ref"]] if "$ref" in node else [r for v in node.values() for r in references(v)]
        return [r for v in node for r in references(v)] if isinstance(node, list) else []

    assert {reference.rpartition("/")[2] for reference in references(schemas)} <= set(schemas)
    assert {"DailyLocation", "ModalLocation", "ReferenceLocation", "InputToFlows", "Hours"} <= set(schemas)
