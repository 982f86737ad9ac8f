"""Specs of the kinds that place subscribers: what is said of those that are not accepted."""

from typing import Any

import pytest
from pydantic import ValidationError

from flowmachine.api.errors import messages as messages_of
from flowmachine.api.kinds.mobility_classification import MobilityClassification
from flowmachine.api.openapi import query_schemas
from flowmachine.api.registry import InvalidSpecError, parse
from flowmachine.core import make_spatial_unit
from tests.examples import Spec
from tests.examples import daily_location as day_spec
from tests.families import locating as examples


def aggregate(locations: Spec) -> Spec:
    return {"query_kind": "spatial_aggregate", "locations": locations}


def changed(spec: Spec, **fields: Any) -> Spec:
    return {**spec, **fields}


COALESCED = examples.coalesced_location(1, 2)
VISITS_SPEC = examples.location_visits(1, 2)
MAJORITY = examples.majority(1, 2)
UNIQUE, ACTIVE = examples.UNIQUE, examples.ACTIVE
COARSE_UNIQUE = examples.over_events("unique_locations", "admin2")
MISSING = ["Missing data for required field."]
FALLBACK = ["fallback_location must have the same aggregation_unit as preferred_location"]
WEIGHTS = ["subscriber_location_weights must have the same aggregation_unit as fallback_location"]


@pytest.mark.parametrize(
    ("spec", "messages"),
    [
        (
            aggregate(changed(COALESCED, fallback_location=examples.majority(1, unit="admin2"))),
            {"locations": {"fallback_location": FALLBACK, "subscriber_location_weights": WEIGHTS}},
        ),
        (
            aggregate(changed(COALESCED, preferred_location=examples.majority(1, unit="admin2"))),
            {"locations": {"fallback_location": FALLBACK}},
        ),
        (
            aggregate(
                changed(COALESCED, subscriber_location_weights=examples.location_visits(1, unit="admin2"))
            ),
            {"locations": {"subscriber_location_weights": WEIGHTS}},
        ),
        (
            aggregate(changed(COALESCED, weight_threshold="some", fallback_location={})),
            {
                "locations": {
                    "fallback_location": {"query_kind": MISSING, "subscriber_location_weights": MISSING},
                    "weight_threshold": ["Not a valid integer."],
                }
            },
        ),
        (
            aggregate(
                changed(
                    MAJORITY,
                    subscriber_location_weights=changed(
                        VISITS_SPEC, locations=[day_spec(1), day_spec(2, unit="admin2")]
                    ),
                )
            ),
            {
                "locations": {
                    "subscriber_location_weights": {
                        "locations": ["All locations must have the same aggregation unit"]
                    }
                }
            },
        ),
        (
            aggregate(changed(MAJORITY, subscriber_location_weights=day_spec())),
            {
                "locations": {
                    "subscriber_location_weights": {"query_kind": ["Unsupported value: daily_location"]}
                }
            },
        ),
        (
            aggregate(changed(MAJORITY, subscriber_location_weights={})),
            {"locations": {"subscriber_location_weights": {"query_kind": MISSING}}},
        ),
        (
            aggregate(changed(MAJORITY, minimum_total_weight=-1)),
            {"locations": {"minimum_total_weight": ["Must be greater than or equal to 0."]}},
        ),
        (
            aggregate(changed(MAJORITY, subscriber_location_weights=changed(VISITS_SPEC, locations=[]))),
            {
                "locations": {
                    "subscriber_location_weights": {"locations": ["Shorter than minimum length 1."]}
                }
            },
        ),
        (
            aggregate({"query_kind": "modal_location", "locations": [MAJORITY]}),
            {"locations": {"locations": {"0": {"query_kind": ["Unsupported value: majority_location"]}}}},
        ),
        (aggregate(UNIQUE), {"locations": {"query_kind": ["Unsupported value: unique_locations"]}}),
        (
            {"query_kind": "unmoving_counts", "locations": changed(UNIQUE, query_kind="visited_most_days")},
            {"locations": {"query_kind": ["Must be one of: unique_locations."]}},
        ),
        (
            changed(ACTIVE, unique_locations=COARSE_UNIQUE),
            {
                "_schema": [
                    "'unique_locations' and 'reference_locations' parameters must have the same "
                    "aggregation unit"
                ]
            },
        ),
        (
            {
                "query_kind": "unmoving_at_reference_location_counts",
                "locations": COARSE_UNIQUE,
                "reference_locations": MAJORITY,
            },
            {
                "_schema": [
                    "'locations' and 'reference_locations' parameters must have the same aggregation unit"
                ]
            },
        ),
        (
            {
                "query_kind": "unique_visitor_counts",
                "active_at_reference_location_counts": ACTIVE,
                "unique_subscriber_counts": examples.over_events("unique_subscriber_counts", "admin2"),
            },
            {
                "_schema": [
                    "'active_at_reference_location_counts' and 'unique_subscriber_counts' parameters must "
                    "have the same aggregation unit"
                ]
            },
        ),
    ],
)  # fmt: skip
def test_messages(spec: Spec, messages: dict[str, Any]) -> None:
    with pytest.raises(InvalidSpecError) as caught:
        parse(spec)
    assert caught.value.messages == messages


def test_numbers_may_be_text() -> None:
    texts = aggregate(changed(COALESCED, weight_threshold="1"))
    assert parse(texts).expose(15) == parse(aggregate(COALESCED)).expose(15)


REFERENCE = [
    "daily_location",
    "modal_location",
    "most_frequent_location",
    "visited_most_days",
    "majority_location",
    "coalesced_location",
]


@pytest.mark.parametrize(
    ("union", "kinds"),
    [
        ("ReferenceLocation", REFERENCE),
        ("InputToFlows", [*REFERENCE, "unique_locations"]),
        ("InputToModalLocation", ["daily_location"]),
        ("VisitableLocation", ["daily_location", "modal_location"]),
        ("WeightedLocationQueries", ["location_visits"]),
    ],
)
def test_unions_accept_their_kinds_in_order(union: str, kinds: list[str]) -> None:
    schema = query_schemas()[union]
    mapping = schema["discriminator"]["mapping"]
    assert mapping.keys() == set(kinds)
    assert [option["$ref"] for option in schema["oneOf"]] == [mapping[kind] for kind in kinds]


@pytest.mark.parametrize(
    "name",
    [
        "MostFrequentLocation",
        "VisitedMostDays",
        "LocationVisits",
        "MajorityLocation",
        "CoalescedLocation",
        "UniqueLocations",
    ],
)
def test_subscribers_locations_can_be_sampled(name: str) -> None:
    assert query_schemas()[name]["properties"]["sampling"]["nullable"]


def test_samples_are_taken_of_what_asks_for_them() -> None:
    sample = {"sampling_method": "random_ids", "size": 10, "seed": 0.5}
    spec = aggregate(
        changed(
            COALESCED,
            sampling=sample,
            preferred_location=changed(
                MAJORITY, sampling=sample, subscriber_location_weights=changed(VISITS_SPEC, sampling=sample)
            ),
        )
    )
    query = parse(spec).build()
    assert type(query.locations).__name__ == "RandomSample"
    assert type(query.locations.preferred_locations).__name__ == "RandomSample"
    weights = query.locations.preferred_locations.subscriber_location_weights
    assert (type(weights).__name__, weights.spatial_unit) == (
        "RandomSample",
        make_spatial_unit("admin", level=3),
    )


def test_mobility_is_classified_over_periods_in_their_order() -> None:
    spec = examples.mobility_classification(1, 2, 4)
    query = MobilityClassification.model_validate(spec).build()
    assert query.stay_length_threshold == 2
    starts = [
        location.preferred_locations.subscriber_location_weights.day_trajectories.start[:10]
        for location in query.locations
    ]
    assert starts == ["2016-01-01", "2016-01-02", "2016-01-04"]
    backwards = MobilityClassification.model_validate(changed(spec, locations=spec["locations"][::-1]))
    assert backwards.build() != query


def test_periods_must_have_one_unit() -> None:
    spec = examples.mobility_classification(1)
    spec["locations"].append(examples.coalesced_location(2, 3, unit="admin2"))
    with pytest.raises(ValidationError) as caught:
        MobilityClassification.model_validate(spec)
    assert messages_of(caught.value, spec) == {
        "locations": ["All locations must have the same aggregation unit"]
    }
