"""Other names of what may be released: the same queries as the server makes."""

import importlib
from typing import Any

import pytest

from flowmachine.core.declaration import declare, rebuild
from flowmachine.core.disclosure import DisclosureError, NamedRedacted, Redacted, disclose
from flowmachine.core.facts import Facts
from flowmachine.core.plan import compile_query
from flowmachine.core.query import Query
from flowmachine.features import (
    ActiveAtReferenceLocation,
    ActiveAtReferenceLocationCounts,
    Flows,
    TotalLocationEvents,
    UniqueLocations,
    UniqueSubscriberCounts,
    UniqueVisitorCounts,
    daily_location,
)
from flowmachine.features.location.consecutive_trips_od_matrix import ConsecutiveTripsODMatrix
from flowmachine.features.location.joined_spatial_aggregate import JoinedSpatialAggregate
from flowmachine.features.location.labelled_flows import LabelledFlows
from flowmachine.features.location.labelled_spatial_aggregate import LabelledSpatialAggregate
from flowmachine.features.location.location_introversion import LocationIntroversion
from flowmachine.features.location.trips_od_matrix import TripsODMatrix
from flowmachine.features.location.unmoving_at_reference_location_counts import (
    UnmovingAtReferenceLocationCounts,
)
from flowmachine.features.location.unmoving_counts import UnmovingCounts
from flowmachine.features.nonspatial_aggregates.histogram_aggregation import HistogramAggregation
from flowmachine.features.nonspatial_aggregates.per_value_aggregate import PerValueAggregate
from flowmachine.features.nonspatial_aggregates.redacted_per_value_aggregate import RedactedPerValueAggregate
from flowmachine.features.subscriber.event_count import EventCount
from flowmachine.features.subscriber.unmoving import Unmoving
from flowmachine.features.subscriber.unmoving_at_reference_location import UnmovingAtReferenceLocation
from flowmachine.features.utilities.subscriber_locations import SubscriberLocations
from tests.families.clusters import QUERIES

WINDOW = ("2016-01-01", "2016-01-02")
DAY, NEXT = daily_location("2016-01-01"), daily_location("2016-01-02")
COUNT, SEEN = EventCount(*WINDOW), SubscriberLocations(*WINDOW)
FLOWS = Flows(DAY, NEXT)
LABELLED = LabelledSpatialAggregate(DAY, NEXT, "pcod")
LABELLED_FLOWS = LabelledFlows(loc1=DAY, loc2=NEXT, labels=COUNT)

UNIQUE = UniqueLocations(SubscriberLocations(*WINDOW, spatial_unit=DAY.spatial_unit))
ACTIVE = ActiveAtReferenceLocationCounts(ActiveAtReferenceLocation(UNIQUE, DAY))

NAMES: dict[str, tuple[str, str | None, Query]] = {
    "RedactedSpatialAggregate": ("redacted_spatial_aggregate", "spatial_aggregate", DAY.aggregate()),
    "RedactedJoinedSpatialAggregate": (
        "redacted_joined_spatial_aggregate",
        "joined_spatial_aggregate",
        JoinedSpatialAggregate(metric=COUNT, locations=DAY),
    ),
    "RedactedUniqueSubscriberCounts": (
        "redacted_unique_subscriber_counts",
        "unique_subscriber_counts",
        UniqueSubscriberCounts(*WINDOW),
    ),
    "RedactedFlows": ("redacted_flows", "flows", FLOWS),
    "RedactedInOutFlow": ("redacted_in_out_flows", "in_out_flows", FLOWS.inflow()),
    "RedactedTripsODMatrix": ("redacted_trips_od_matrix", "trips", TripsODMatrix(SEEN)),
    "RedactedConsecutiveTripsODMatrix": (
        "redacted_consecutive_trips_od_matrix",
        "consecutive_trips_od_matrix",
        ConsecutiveTripsODMatrix(SEEN),
    ),
    "RedactedLocationIntroversion": (
        "redacted_location_introversion",
        "location_introversion",
        LocationIntroversion(*WINDOW),
    ),
    "RedactedLabelledAggregate": ("redacted_labelled_aggregate", "labelled_query", LABELLED),
    "RedactedLabelledSpatialAggregate": (
        "redacted_labelled_spatial_aggregate",
        "labelled_spatial_aggregate",
        LABELLED,
    ),
    "RedactedLabelledFlows": ("redacted_labelled_flows", "labelled_flows", LABELLED_FLOWS),
    "RedactedActiveAtReferenceLocationCounts": (
        "redacted_active_at_reference_location_counts",
        "active_at_reference_location_counts",
        ACTIVE,
    ),
    "RedactedUniqueVisitorCounts": (
        "redacted_unique_vistor_counts",
        None,
        UniqueVisitorCounts(ACTIVE, UniqueSubscriberCounts(*WINDOW, DAY.spatial_unit)),
    ),
    "RedactedUnmovingCounts": (
        "redacted_unmoving_counts",
        "unmoving_counts",
        UnmovingCounts(Unmoving(UNIQUE)),
    ),
    "RedactedUnmovingAtReferenceLocationCounts": (
        "redacted_unmoving_at_reference_location_counts",
        "unmoving_at_reference_location_counts",
        UnmovingAtReferenceLocationCounts(UnmovingAtReferenceLocation(UNIQUE, DAY)),
    ),
    "RedactedMeaningfulLocationsAggregate": (
        "redacted_meaningful_locations_aggregate",
        "meaningful_locations_aggregate",
        QUERIES["meaningful locations aggregate"],
    ),
    "RedactedMeaningfulLocationsOD": (
        "redacted_meaningful_locations_od",
        "meaningful_locations_od",
        QUERIES["meaningful locations od"],
    ),
    "RedactedTotalEvents": ("redacted_total_events", None, TotalLocationEvents(*WINDOW)),
}


def make(name: str, target: Any, **more: Any) -> Any:
    module, argument, _ = NAMES[name]
    cls = getattr(importlib.import_module(f"flowmachine.features.location.{module}"), name)
    return cls(**{argument: target}, **more) if argument else cls(target, **more)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_makes_the_query_that_the_server_makes(name: str) -> None:
    target = NAMES[name][-1]
    named, released = make(name, target), disclose(target, 15)
    assert isinstance(named, NamedRedacted)
    assert named == released
    assert named.column_names == target.column_names
    assert named.index_columns == released.index_columns == target.index_columns
    assert type(rebuild(declare(named))) is Redacted
    assert named.subset("value", 3) == released.subset("value", 3)
    assert compile_query(named, Facts(), ()).text == compile_query(released, Facts(), ()).text


@pytest.mark.parametrize("name", NAMES)
def test_a_name_takes_its_own_target_only(name: str) -> None:
    with pytest.raises((TypeError, ValueError)):
        make(name, HistogramAggregation(metric=COUNT, bins=3))
    with pytest.raises((TypeError, ValueError)):
        make(name, DAY)


@pytest.mark.parametrize("name", [name for name in NAMES if "Labelled" in name])
def test_a_threshold_can_be_raised_but_not_lowered(name: str) -> None:
    target = NAMES[name][-1]
    assert make(name, target, redaction_threshold=20) == disclose(target, 20)
    with pytest.raises(DisclosureError, match="at least 15"):
        make(name, target, redaction_threshold=10)


def test_released_flows_are_flows() -> None:
    released = make("RedactedFlows", FLOWS)
    assert released.outflow().column_names == ["pcod", "value"]
    assert released.outflow() != FLOWS.outflow()
    labelled = make("RedactedLabelledFlows", LABELLED_FLOWS)
    assert labelled.inflow().column_names == ["pcod", "value_label", "value"]
    assert labelled.out_label_columns == disclose(LABELLED_FLOWS, 15).out_label_columns == ("value_label",)


BACK = Flows(NEXT, DAY)
OTHER = SubscriberLocations("2016-01-02", "2016-01-03")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (FLOWS, BACK),
        (FLOWS.outflow(), BACK.outflow()),
        (FLOWS.subset("pcod_from", "a").inflow(), BACK.subset("pcod_to", "b").inflow()),
        (LABELLED, LabelledSpatialAggregate(NEXT, DAY, "pcod")),
        (LABELLED_FLOWS, LabelledFlows(loc1=NEXT, loc2=DAY, labels=COUNT)),
        (TripsODMatrix(SEEN), TripsODMatrix(OTHER)),
        (LocationIntroversion(*WINDOW), LocationIntroversion("2016-01-02", "2016-01-03")),
        (HistogramAggregation(metric=COUNT, bins=3), HistogramAggregation(metric=COUNT, bins=[1, 2])),
        (
            JoinedSpatialAggregate(metric=COUNT, locations=DAY),
            JoinedSpatialAggregate(
                metric=EventCount("2016-01-01", "2016-01-02", direction="in"), locations=DAY
            ),
        ),
    ],
)
def test_two_of_a_class_fit_into_one_statement(one: Query, other: Query) -> None:
    assert compile_query(one.union(other), Facts(), ()).text


def test_labels_are_named_in_the_result() -> None:
    assert LABELLED.column_names == ["pcod", "pcod_label", "value"]
    assert LABELLED.out_spatial_columns == ("pcod",)
    assert LABELLED.out_label_columns_as_string_list == "pcod_label"
    assert LABELLED_FLOWS.out_spatial_columns == ("pcod_from", "pcod_to")


def test_values_of_few_are_not_released_and_subscribers_never_named() -> None:
    assert RedactedPerValueAggregate(COUNT) == disclose(PerValueAggregate(COUNT), 15)
    assert RedactedPerValueAggregate(COUNT, redaction_threshold=20).threshold == 20
    with pytest.raises(DisclosureError, match="names subscribers"):
        compile_query(RedactedPerValueAggregate(COUNT, "array"), Facts(), ())
