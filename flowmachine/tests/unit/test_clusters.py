"""What queries and kinds about clusters, the network and points refuse."""

import importlib
import warnings
from typing import Any

import pandas as pd
import pytest

from flowmachine.api.openapi import query_schemas
from flowmachine.api.registry import InvalidSpecError, parse
from flowmachine.core import CustomQuery, make_spatial_unit
from flowmachine.core.disclosure import DisclosureError, Redacted, disclose
from flowmachine.core.errors import InvalidSpatialUnitError
from flowmachine.features import (
    AggregateNetworkObjects,
    Circle,
    CircleGeometries,
    EventScore,
    HartiganCluster,
    LabelEventScore,
    LocationArea,
    LocationCluster,
    MeaningfulLocations,
    MeaningfulLocationsAggregate,
    MeaningfulLocationsOD,
    PopulationWeightedOpportunities,
    RasterStatistics,
    TotalNetworkObjects,
    VersionedInfrastructure,
)
from tests.families.clusters import QUERIES, SPECS
from tests.specs import Spec

DAYS = ("2016-01-01", "2016-01-03")
SCORES, CLUSTERS, TOTAL = (QUERIES[name] for name in ("event score", "hartigan", "total network objects"))
PLACES = QUERIES["meaningful locations"]
CELL, LON_LAT = make_spatial_unit("cell"), make_spatial_unit("lon-lat")


def square(west: float, south: float, side: float = 0.5) -> dict[str, Any]:
    east, north = west + side, south + side
    corners = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [corners]}


def query(*columns: str) -> CustomQuery:
    return CustomQuery(f"SELECT {', '.join(f'1 AS {name}' for name in columns)}", columns)


WEEK = dict(zip(EventScore(start=DAYS[0], stop=DAYS[1]).score_dow, [0] * 7, strict=True))
BOWTIE = {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: EventScore(start=DAYS[0], stop=DAYS[1], score_hour=[0] * 23), ValueError, "not 23"),
        (lambda: EventScore(start=DAYS[0], stop=DAYS[1], score_hour=[2] * 24), ValueError, "from -1 to 1"),
        (lambda: EventScore(start=DAYS[0], stop=DAYS[1], score_hour=["x"] * 24), ValueError, "from -1 to 1"),
        (lambda: EventScore(start=DAYS[0], stop=DAYS[1], score_dow={"monday": 1}), ValueError, "sunday"),
        (lambda: EventScore(start=DAYS[0], stop=DAYS[1], score_dow={**WEEK, "x": 1}), ValueError, "sunday"),
        (lambda: EventScore(start=DAYS[0], stop=DAYS[1], score_dow=WEEK | {"friday": 2}), ValueError, "to 1"),
        (lambda: HartiganCluster(calldays="days", radius=1), TypeError, "not of a str"),
        (lambda: HartiganCluster(calldays=query("subscriber"), radius=1), ValueError, "site_id, version"),
        (lambda: HartiganCluster(calldays=CLUSTERS, radius=1), ValueError, "no column value"),
        (lambda: HartiganCluster(calldays=CLUSTERS.calldays, radius="far"), ValueError, "far"),
        (lambda: HartiganCluster(calldays=CLUSTERS.calldays, radius=-1), ValueError, "from 0 on"),
        (lambda: HartiganCluster(calldays=CLUSTERS.calldays, radius=1, buffer="x"), ValueError, "x"),
        (lambda: CLUSTERS.join_to_cluster_components("scores"), TypeError, "str"),
        (lambda: CLUSTERS.join_to_cluster_components(SCORES), ValueError, "site_id, version"),
        (lambda: LabelEventScore(scores="scores"), TypeError, "scores"),
        (lambda: LabelEventScore(scores=TOTAL), ValueError, "score_hour"),
        (lambda: LabelEventScore(scores=SCORES, labels={}), ValueError, "at least one"),
        (lambda: LabelEventScore(scores=SCORES, labels={"unknown": square(0, 0)}), ValueError, "another"),
        (lambda: LabelEventScore(scores=SCORES, labels={"a": {"type": "Polygon"}}), ValueError, "'a' needs"),
        (lambda: LabelEventScore(scores=SCORES, labels={"a": BOWTIE}), ValueError, "valid polygon"),
        (lambda: LabelEventScore(scores=SCORES, labels={"a": "{"}), ValueError, "valid polygon"),
        (
            lambda: LabelEventScore(scores=SCORES, labels={"a": {"type": "Point", "coordinates": [0, 0]}}),
            ValueError,
            "valid polygon",
        ),
        (
            lambda: LabelEventScore(scores=SCORES, labels={"a": square(0, 0), "b": square(0.2, 0.2)}),
            ValueError,
            "'a' and 'b' overlap or touch",
        ),
        (
            lambda: LabelEventScore(scores=SCORES, labels={"a": square(0, 0), "b": square(0.5, 0)}),
            ValueError,
            "overlap or touch",
        ),
        (lambda: LabelEventScore(scores=SCORES, required="home"), ValueError, "no label 'home'"),
        (
            lambda: MeaningfulLocations(
                clusters=CLUSTERS, scores=PLACES.scores, labels={"a": square(0, 0)}, label="home"
            ),
            ValueError,
            "the labels are a, unknown",
        ),
        (
            lambda: MeaningfulLocations(clusters=CLUSTERS, scores=SCORES, labels=PLACES.labels, label="day"),
            ValueError,
            "site_id",
        ),
        (
            lambda: MeaningfulLocations(
                clusters=SCORES, scores=SCORES, labels=PLACES.labels, label="day"
            ),
            TypeError,
            "clusters",
        ),
        (
            lambda: MeaningfulLocationsAggregate(meaningful_locations=PLACES, spatial_unit=LON_LAT),
            InvalidSpatialUnitError,
            "is_polygon",
        ),
        (
            lambda: MeaningfulLocationsOD(
                meaningful_locations_a=PLACES, meaningful_locations_b=PLACES, spatial_unit=CELL
            ),
            InvalidSpatialUnitError,
            "is_polygon",
        ),
        (lambda: TotalNetworkObjects(*DAYS, total_by="week"), ValueError, "'week'"),
        (lambda: TotalNetworkObjects(*DAYS, total_by="century"), ValueError, "'century'"),
        (
            lambda: TotalNetworkObjects(*DAYS, network_object=LON_LAT),
            InvalidSpatialUnitError,
            "is_network_object",
        ),
        (lambda: TotalNetworkObjects(*DAYS, spatial_unit=CELL), InvalidSpatialUnitError, "is_network_object"),
        (lambda: AggregateNetworkObjects(total_network_objects=SCORES), TypeError, "TotalNetworkObjects"),
        (
            lambda: AggregateNetworkObjects(total_network_objects=TOTAL, aggregate_by="MONTH"),
            ValueError,
            "MONTH",
        ),
        (
            lambda: AggregateNetworkObjects(total_network_objects=TOTAL, statistic="mean"),
            ValueError,
            "mean",
        ),
        (lambda: RasterStatistics("r", statistic="mean"), NotImplementedError, "only statistic"),
        (lambda: RasterStatistics("r", vector=SCORES), ValueError, "grouping element"),
        (lambda: RasterStatistics("r", vector="v", grouping_element="name"), ValueError, "not a str"),
        (lambda: RasterStatistics("r", vector=SCORES, grouping_element="pcod"), ValueError, "geom"),
        (lambda: VersionedInfrastructure("masts"), ValueError, "masts"),
        (lambda: CircleGeometries([]), ValueError, "At least one"),
        (lambda: Circle("east", 0, 1, "a"), ValueError, "east"),
        (lambda: Circle(0, 0, -1, "a"), ValueError, "more than 0"),
        (lambda: LocationArea(method="guess"), ValueError, "guess"),
        (lambda: LocationArea(method="radio-propagation"), NotImplementedError, "radio"),
        (lambda: LocationArea(method="viewshed", dem=None), ValueError, "elevations"),
        (lambda: LocationArea(SCORES), NotImplementedError, "by its name"),
        (lambda: LocationArea(radius=0), ValueError, "positive"),
        (lambda: LocationArea(location_identifier="mast"), ValueError, "'mast'"),
        (lambda: LocationCluster(method="guess"), ValueError, "guess"),
        (lambda: LocationCluster(number_of_clusters=0), ValueError, "number_of_clusters"),
        (lambda: LocationCluster(distance_tolerance=0), ValueError, "distance_tolerance"),
    ],
)  # fmt: skip
def test_bad_parameters_are_refused(make: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make()


PATHS = {
    "location.meaningful_locations_aggregate": ["MeaningfulLocationsAggregate"],
    "location.meaningful_locations_od": ["MeaningfulLocationsOD"],
    "location.pwo": ["PopulationWeightedOpportunities"],
    "network.total_network_objects": ["AggregateNetworkObjects", "TotalNetworkObjects"],
    "raster.raster_statistics": ["RasterStatistics"],
    "spatial.circles": ["Circle", "CircleGeometries"],
    "spatial.distance_matrix": ["DistanceMatrix"],
    "spatial.location_area": ["LocationArea"],
    "spatial.location_cluster": ["LocationCluster"],
    "spatial.versioned_infrastructure": ["VersionedInfrastructure"],
    "subscriber.hartigan_cluster": ["BaseCluster", "HartiganCluster"],
    "subscriber.label_event_score": ["LabelEventScore"],
    "subscriber.meaningful_locations": ["MeaningfulLocations"],
    "subscriber.scores": ["EventScore"],
}


@pytest.mark.parametrize("path", PATHS)
def test_names_are_where_notebooks_look_for_them(path: str) -> None:
    features, module = (importlib.import_module(f"flowmachine.features{rest}") for rest in ("", f".{path}"))
    for name in PATHS[path]:
        assert name == "BaseCluster" or getattr(features, name) is getattr(module, name)
        assert hasattr(module, name)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"departure_rate": "0.1"}, TypeError),
        ({"departure_rate": True}, TypeError),
        ({"departure_rate": pd.DataFrame({"lon": [1.0], "rate": [1.0]})}, ValueError),
        ({"spatial_unit": make_spatial_unit("admin", level=3)}, InvalidSpatialUnitError),
        ({"method": "first"}, ValueError),
    ],
)
def test_bad_opportunities_are_refused(given: dict[str, Any], error: type[Exception]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(error):
            PopulationWeightedOpportunities(*DAYS, **{"spatial_unit": LON_LAT, **given})


def test_opportunities_always_warn() -> None:
    with pytest.warns(UserWarning, match="experiment"):
        PopulationWeightedOpportunities(*DAYS)


def test_spellings_that_mean_the_same_are_the_same_query() -> None:
    assert TotalNetworkObjects(*DAYS, table="calls") == TotalNetworkObjects(*DAYS, table=["events.calls"])
    assert TotalNetworkObjects(*DAYS, total_by="DAY") == TOTAL
    assert AggregateNetworkObjects(total_network_objects=TOTAL, aggregate_by="month") == (
        AggregateNetworkObjects(total_network_objects=TOTAL, statistic="AVG")
    )
    turned = {"type": "Polygon", "coordinates": [square(0, 0)["coordinates"][0][::-1]]}
    assert LabelEventScore(scores=SCORES, labels={"a": square(0, 0)}) == (
        LabelEventScore(scores=SCORES, labels={"a": turned})
    )
    assert LocationArea("points", "2016-01-01") == LocationArea("flowmachine.points")


@pytest.mark.parametrize("name", ["event score", "hartigan", "labels", "meaningful locations"])
def test_what_is_known_of_subscribers_is_never_exposed(name: str) -> None:
    with pytest.raises(DisclosureError):
        disclose(QUERIES[name], 15)


@pytest.mark.parametrize("name", sorted(SPECS))
def test_every_kind_is_redacted(name: str) -> None:
    query = parse(SPECS[name]).expose(15)
    assert isinstance(query, Redacted)
    assert query.spatial_unit == make_spatial_unit("admin", level=3)


PLACE, NETWORK = SPECS["meaningful_locations_aggregate"], SPECS["total_network_objects"]
DAYS_OF_WEEK = "Must be one of: monday, tuesday, wednesday, thursday, friday, saturday, sunday."
BOUNDS = ["Must be greater than or equal to -1.0 and less than or equal to 1.0."]
MISSING = ["Missing data for required field."]
HOURS = "tower_hour_of_day_scores"
WEEKDAYS = "tower_day_of_week_scores"


@pytest.mark.parametrize(
    ("spec", "messages"),
    [
        ({**PLACE, HOURS: [0] * 23}, {HOURS: ["Length must be 24."]}),
        ({**PLACE, HOURS: [0] * 25}, {HOURS: ["Length must be 24."]}),
        ({**PLACE, HOURS: [0] * 23 + [2]}, {HOURS: {"23": BOUNDS}}),
        ({**PLACE, HOURS: [0] * 23 + ["late"]}, {HOURS: {"23": ["Not a valid number."]}}),
        ({**PLACE, HOURS: 1}, {HOURS: ["Not a valid list."]}),
        ({**PLACE, WEEKDAYS: {"funday": 1}}, {WEEKDAYS: {"funday": {"key": [DAYS_OF_WEEK]}}}),
        ({**PLACE, WEEKDAYS: {"monday": -2}}, {WEEKDAYS: {"monday": {"value": BOUNDS}}}),
        (
            {**PLACE, WEEKDAYS: {"funday": 7, "friday": "x"}},
            {
                WEEKDAYS: {
                    "funday": {"key": [DAYS_OF_WEEK], "value": BOUNDS},
                    "friday": {"value": ["Not a valid number."]},
                }
            },
        ),
        ({**PLACE, WEEKDAYS: [1]}, {WEEKDAYS: ["Not a valid mapping type."]}),
        ({**PLACE, "labels": 1}, {"labels": ["Not a valid mapping type."]}),
        ({**PLACE, "labels": {"a": 1}}, {"labels": {"a": {"value": ["Not a valid mapping type."]}}}),
        (
            {**PLACE, "label": "home"},
            {"_schema": ["There is no label 'home'; the labels are evening, day, unknown."]},
        ),
        ({**PLACE, "label": None}, {"label": ["Field may not be null."]}),
        ({**PLACE, "tower_cluster_radius": "far"}, {"tower_cluster_radius": ["Not a valid number."]}),
        (
            {**PLACE, "tower_cluster_call_threshold": 1.5},
            {"tower_cluster_call_threshold": ["Not a valid integer."]},
        ),
        ({**PLACE, "hours": None}, {"hours": ["Unknown field."]}),
        (
            {**PLACE, "query_kind": "meaningful_locations_between_label_od_matrix"},
            {"label_a": MISSING, "label_b": MISSING, "label": ["Unknown field."]},
        ),
        (
            {**NETWORK, "total_by": "week"},
            {"total_by": ["Must be one of: second, minute, hour, day, month, year."]},
        ),
        (
            {**SPECS["aggregate_network_objects"], "aggregate_by": "week"},
            {"aggregate_by": ["Must be one of: second, minute, hour, day, month, year, century."]},
        ),
        (
            {**SPECS["aggregate_network_objects"], "statistic": "mean"},
            {
                "statistic": [
                    "Must be one of: count, sum, avg, max, min, median, stddev, variance, mode."
                ]
            },
        ),
        (
            {**SPECS["aggregate_network_objects"], "total_network_objects": PLACE},
            {"total_network_objects": {"query_kind": ["Must be one of: total_network_objects."]}},
        ),
        ({**SPECS["aggregate_network_objects"], "total_network_objects": {}}, {"total_network_objects": {}}),
        (
            {**SPECS["aggregate_network_objects"], "aggregation_unit": "admin3"},
            {"aggregation_unit": ["Unknown field."]},
        ),
    ],
)  # fmt: skip
def test_messages_are_those_that_clients_know(spec: Spec, messages: dict[str, Any]) -> None:
    with pytest.raises(InvalidSpecError) as caught:
        parse(spec)
    if messages == {"total_network_objects": {}}:
        assert caught.value.messages["total_network_objects"]["query_kind"] == MISSING
    elif "total_network_objects" in messages:
        own = caught.value.messages["total_network_objects"]
        assert own["query_kind"] == messages["total_network_objects"]["query_kind"]
    else:
        assert caught.value.messages == messages


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({WEEKDAYS: {"monday": 1}}, "score_dow needs a score for each"),
        ({"labels": {"day": {"type": "Polygon"}}, "label": "day"}, "needs a valid polygon"),
        ({"aggregation_unit": "lon-lat"}, "is_polygon"),
    ],
)
def test_what_is_valid_may_fail_to_build(changes: Spec, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse({**PLACE, **changes}).build()


def test_fields_left_out_have_their_defaults() -> None:
    spec = {"query_kind": "total_network_objects", "start_date": DAYS[0], "end_date": DAYS[1]}
    built = parse({**spec, "aggregation_unit": "admin0"}).build()
    assert built == TOTAL
    clusters = parse(PLACE).build().meaningful_locations.clusters
    assert (clusters.radius, clusters.buffer, clusters.call_threshold) == (1.0, 0.0, 0)


def test_the_schemas_show_what_scores_may_be() -> None:
    schema = query_schemas()["MeaningfulLocationsAggregate"]["properties"]
    number = {"type": "number", "minimum": -1, "maximum": 1}
    assert schema[HOURS] == {"type": "array", "items": number, "minItems": 24, "maxItems": 24}
    assert schema[WEEKDAYS] == {"type": "object", "additionalProperties": number}
    assert schema["labels"]["type"] == "object"
