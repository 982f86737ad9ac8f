"""What is refused about movement, handsets and money; the kinds that are parts of others."""

import warnings
from typing import Any

import attrs
import pglast
import pytest
from pydantic import ValidationError

from flowmachine.api.base import QuerySpec
from flowmachine.api.kinds.displacement import Displacement as DisplacementSpec
from flowmachine.api.kinds.handset import Handset
from flowmachine.api.kinds.radius_of_gyration import RadiusOfGyration as RadiusSpec
from flowmachine.api.kinds.topup_amount import TopUpAmount as AmountSpec
from flowmachine.api.kinds.topup_balance import TopUpBalance as BalanceSpec
from flowmachine.core import CustomQuery, make_spatial_unit
from flowmachine.core.errors import InvalidSpatialUnitError, MissingColumnsError, MissingDateError
from flowmachine.core.facts import Facts
from flowmachine.core.plan import compile_query, make_plan
from flowmachine.core.query import Query
from flowmachine.core.subset import StoredSubscribers
from flowmachine.features import (
    ContactEntropy,
    Displacement,
    DistanceSeries,
    HandsetStats,
    ImputedDistanceSeries,
    IterativeMedianFilter,
    MDSVolume,
    PeriodicEntropy,
    RadiusOfGyration,
    SubscriberHandset,
    SubscriberHandsetCharacteristic,
    SubscriberHandsets,
    SubscriberTAC,
    TopUpAmount,
    TopUpBalance,
    daily_location,
)
from flowmachine.features.utilities.daily_visits import DailyVisits
from flowmachine.features.utilities.subscriber_locations import SubscriberLocations
from tests.examples import WINDOW as DATES
from tests.examples import daily_location as daily_location_spec
from tests.families.mobility import QUERIES

WINDOW = ("2016-01-01", "2016-01-03")
LON_LAT = make_spatial_unit("lon-lat")
HOME = daily_location("2016-01-01", spatial_unit=LON_LAT)
LOCATIONS = SubscriberLocations(*WINDOW, spatial_unit=LON_LAT)
SERIES = DistanceSeries(subscriber_locations=LOCATIONS)
HANDSETS = SubscriberHandsets(*WINDOW)


def series(**changes: Any) -> DistanceSeries:
    return DistanceSeries(**{"subscriber_locations": LOCATIONS, **changes})


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: RadiusOfGyration(*WINDOW, "miles"), "must be 'km' or 'm'"),
        (lambda: RadiusOfGyration(*WINDOW, "KM"), "must be 'km' or 'm'"),
        (lambda: Displacement(*WINDOW, LOCATIONS), "must place subscribers"),
        (lambda: Displacement(*WINDOW, (0, 0)), "must place subscribers"),
        (lambda: Displacement(*WINDOW, HOME, unit="miles"), "must be 'km' or 'm'"),
        (lambda: Displacement(*WINDOW, HOME, "middle"), "middle"),
        (lambda: series(time_bucket="fortnight"), "must be one of second, minute"),
        (lambda: series(reference_location="here"), "a pair of longitude and latitude"),
        (lambda: series(reference_location=(0, 0, 0)), "a pair of longitude and latitude"),
        (lambda: series(reference_location=daily_location("2016-01-01")), "must have the spatial unit"),
        (lambda: series(subscriber_locations=HOME), "no column time"),
        (lambda: series(subscriber_locations=HANDSETS), "must have a spatial unit"),
        (lambda: ImputedDistanceSeries(distance_series=SERIES, window_size=4), "odd number of at least 3"),
        (lambda: ImputedDistanceSeries(distance_series=SERIES, window_size=1), "odd number of at least 3"),
        (lambda: ImputedDistanceSeries(distance_series=HOME), "must be a DistanceSeries"),
        (lambda: IterativeMedianFilter(query_to_filter=SERIES, filter_window_size=2), "odd number"),
        (lambda: IterativeMedianFilter(query_to_filter=SERIES, filter_window_size=True), "odd number"),
        (
            lambda: IterativeMedianFilter(
                query_to_filter=SERIES, filter_window_size=3, column_to_filter="height"
            ),
            "no column height",
        ),
        (
            lambda: IterativeMedianFilter(query_to_filter=HOME, filter_window_size=3, column_to_filter="lon"),
            "no column datetime",
        ),
        (lambda: PeriodicEntropy(*WINDOW, "fortnight"), "fortnight"),
        (lambda: SubscriberTAC(*WINDOW, method="first"), "first"),
        (lambda: SubscriberHandset(*WINDOW, method="first"), "first"),
        (lambda: SubscriberHandsetCharacteristic(*WINDOW, "price"), "price"),
        (lambda: HandsetStats("brand", subscriber_handsets=HANDSETS), "brand"),
        (lambda: HandsetStats("width", "mode", subscriber_handsets=HANDSETS), "must not be 'mode'"),
        (lambda: HandsetStats("width", subscriber_handsets=HOME), "must be SubscriberHandsets"),
        (lambda: TopUpBalance(*WINDOW, "middle"), "middle"),
        (lambda: MDSVolume(*WINDOW, "sideways"), "sideways"),
    ],
)  # fmt: skip
def test_bad_parameters_are_refused_with_what_would_be_right(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def test_units_need_positions() -> None:
    with pytest.raises(InvalidSpatialUnitError, match="has_lon_lat_columns"):
        Displacement(*WINDOW, daily_location("2016-01-01"))
    regions = SubscriberLocations(*WINDOW, spatial_unit=make_spatial_unit("admin", level=3))
    with pytest.raises(InvalidSpatialUnitError, match="has_lon_lat_columns"):
        series(subscriber_locations=regions)
    with pytest.raises(InvalidSpatialUnitError, match="geography"):
        series(subscriber_locations=SubscriberLocations(*WINDOW))


def test_the_tac_of_an_imei_is_a_warning() -> None:
    with pytest.warns(UserWarning, match="IMEI has one TAC"):
        SubscriberTAC(*WINDOW, subscriber_identifier="imei")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        SubscriberTAC(*WINDOW, subscriber_identifier="imsi")


def test_what_changes_nothing_does_not_change_the_id() -> None:
    assert RadiusOfGyration(*WINDOW, ignore_nulls=False) == RadiusOfGyration(*WINDOW)
    assert Displacement(*WINDOW, HOME, ignore_nulls=False) == Displacement(*WINDOW, HOME)
    assert series(time_bucket="DAY", reference_location=(0.0, 0.0), statistic="AVG") == SERIES
    assert HandsetStats("WIDTH", subscriber_handsets=HANDSETS) == HandsetStats(
        "width", subscriber_handsets=HANDSETS
    )


@pytest.mark.parametrize(
    ("query", "columns"),
    [
        (RadiusOfGyration(*WINDOW), ["subscriber", "value"]),
        (Displacement(*WINDOW, HOME, return_subscribers_not_seen=True), ["subscriber", "value"]),
        (SERIES, ["subscriber", "datetime", "value"]),
        (ImputedDistanceSeries(distance_series=SERIES), ["subscriber", "datetime", "value"]),
        (ContactEntropy(*WINDOW), ["subscriber", "entropy"]),
        (HandsetStats("depth", "median", subscriber_handsets=HANDSETS), ["subscriber", "value"]),
        (TopUpBalance(*WINDOW, "stddev"), ["subscriber", "value"]),
    ],
)
def test_columns(query: Query, columns: list[str]) -> None:
    assert query.column_names == columns


def test_what_is_made_of_a_query_can_be_used_in_its_place(facts: Facts) -> None:
    handsets = HANDSETS.subset("subscriber", ["a", "b"])
    assert "'a', 'b'" in compile_query(HandsetStats("width", subscriber_handsets=handsets), facts, ()).text
    some = SERIES.subset("subscriber", ["a", "b"])
    assert "'a', 'b'" in compile_query(ImputedDistanceSeries(distance_series=some), facts, ()).text
    sample = HOME.random_sample(size=3, seed=0.5)
    displacement = Displacement(*WINDOW, sample)
    assert displacement.dependencies == (sample, *displacement.parts)


@pytest.mark.parametrize("windows", [True, False])
def test_names_of_columns_are_quoted(facts: Facts, windows: bool) -> None:
    name = 'a"; DROP TABLE events.calls; --'
    rows = CustomQuery("SELECT 1", ["who", name])
    query = IterativeMedianFilter(
        query_to_filter=rows,
        filter_window_size=3,
        column_to_filter=name,
        partition_column="who",
        order_column=name,
    )
    text = compile_query(query, attrs.evolve(facts, median_windows=windows), ()).text
    assert len(pglast.parse_sql(text)) == 1
    assert query.column_names == ["who", name]


def test_events_need_the_columns_that_are_asked_for(facts: Facts) -> None:
    with pytest.raises(MissingColumnsError, match="msisdn_counterpart"):
        make_plan(ContactEntropy(*WINDOW, tables="events.mds"), facts)
    with pytest.raises(MissingColumnsError, match="outgoing"):
        make_plan(PeriodicEntropy(*WINDOW, tables="events.mds", direction="in"), facts)
    with pytest.raises(MissingDateError, match=r"events\.topups"):
        make_plan(TopUpAmount(*WINDOW), facts)
    with pytest.raises(MissingDateError, match=r"events\.mds"):
        make_plan(MDSVolume(*WINDOW), facts)


@pytest.mark.parametrize("query", [RadiusOfGyration(*WINDOW), Displacement(*WINDOW, HOME)])
def test_positions_of_cells_are_stored_before(query: Query, facts: Facts) -> None:
    steps = make_plan(query, facts).steps
    assert LON_LAT in [step.query for step in steps]
    days = [step for step in steps if isinstance(step.query, DailyVisits)]
    assert all(LON_LAT.query_id in step.inputs for step in days)
    assert len(days) >= 2
    assert "ST_X" not in steps[-1].statement().text


@pytest.mark.parametrize("name", ["radius of gyration", "displacement", "distance series"])
def test_places_are_joined_to_what_is_left_of_a_day(name: str, facts: Facts) -> None:
    text = compile_query(QUERIES[name], facts, ()).text
    assert text.count("ST_Distance") == 1
    assert text.count("events.calls.datetime >= ") == 2, "day by day, each once"


METRICS: dict[type[QuerySpec], tuple[dict[str, Any], Query]] = {
    RadiusSpec: (
        {"event_types": ["sms"], "hours": {"start_hour": 22, "end_hour": 4}, "subscriber_subset": "a" * 32},
        RadiusOfGyration(
            *WINDOW, table="events.sms", hours=(22, 4), subscriber_subset=StoredSubscribers("a" * 32)
        ),
    ),
    DisplacementSpec: (
        {"statistic": "median", "reference_location": daily_location_spec(unit="lon-lat")},
        Displacement(*WINDOW, HOME, "median"),
    ),
    Handset: (
        {"characteristic": "brand", "method": "last", "event_types": ["calls", "mds"]},
        SubscriberHandsetCharacteristic(
            *WINDOW, "brand", method="last", table=["events.calls", "events.mds"]
        ),
    ),
    AmountSpec: (
        {"statistic": "max", "hours": {"start_hour": 5, "end_hour": 6}},
        TopUpAmount(*WINDOW, "max", hours=(5, 6)),
    ),
    BalanceSpec: (
        {"statistic": "mode", "subscriber_subset": "b" * 32},
        TopUpBalance(*WINDOW, "mode", subscriber_subset=StoredSubscribers("b" * 32)),
    ),
}


def spec_of(kind: type[QuerySpec], **changes: Any) -> dict[str, Any]:
    return {"query_kind": kind.kind(), **DATES, **METRICS[kind][0], **changes}


@pytest.mark.parametrize("kind", METRICS, ids=lambda kind: kind.kind())
def test_a_kind_builds_the_query_that_it_describes(kind: type[QuerySpec]) -> None:
    assert kind.model_validate(spec_of(kind)).build() == METRICS[kind][1]


@pytest.mark.parametrize("kind", METRICS, ids=lambda kind: kind.kind())
def test_a_kind_can_be_sampled(kind: type[QuerySpec]) -> None:
    sampling = {"sampling_method": "random_ids", "seed": 0.5, "size": 10}
    expected = METRICS[kind][1].random_sample("random_ids", size=10, seed=0.5)
    assert kind.model_validate(spec_of(kind, sampling=sampling)).build() == expected


@pytest.mark.parametrize(
    ("kind", "changes", "field"),
    [
        (RadiusSpec, {"unit": "m"}, "unit"),
        (RadiusSpec, {"start_date": "soon"}, "start_date"),
        (DisplacementSpec, {"statistic": "middle"}, "statistic"),
        (DisplacementSpec, {"reference_location": spec_of(RadiusSpec)}, "reference_location"),
        (Handset, {"characteristic": "weight"}, "characteristic"),
        (Handset, {"method": "first"}, "method"),
        (AmountSpec, {"event_types": ["topups"]}, "event_types"),
        (BalanceSpec, {"hours": {"start_hour": 1}}, "hours"),
    ],
)
def test_a_spec_that_is_wrong_says_where(kind: type[QuerySpec], changes: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as caught:
        kind.model_validate(spec_of(kind, **changes))
    assert {error["loc"][0] for error in caught.value.errors()} == {field}


@pytest.mark.parametrize(
    "missing", ["statistic", "reference_location", "characteristic", "method", "end_date"]
)
def test_what_a_kind_needs_is_required(missing: str) -> None:
    for kind in METRICS:
        spec = spec_of(kind)
        if spec.pop(missing, None) is not None:
            with pytest.raises(ValidationError, match=missing):
                kind.model_validate(spec)


def test_displacement_from_a_region_is_refused_when_built() -> None:
    spec = DisplacementSpec.model_validate(
        spec_of(DisplacementSpec, reference_location=daily_location_spec(unit="admin3"))
    )
    with pytest.raises(ValueError, match="has_lon_lat_columns"):
        spec.build()
