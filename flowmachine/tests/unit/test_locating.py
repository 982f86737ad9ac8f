"""Queries that place subscribers: what they refuse and share."""

import math
from collections.abc import Callable
from typing import Any

import pytest

from flowmachine.core import CustomQuery, make_spatial_unit
from flowmachine.core.disclosure import DisclosureError, disclose
from flowmachine.core.errors import InvalidSpatialUnitError
from flowmachine.core.facts import Facts
from flowmachine.core.plan import Plan, make_plan
from flowmachine.core.query import Query
from flowmachine.features import (
    ActiveAtReferenceLocation,
    ActiveAtReferenceLocationCounts,
    CallDays,
    DayTrajectories,
    FirstLocation,
    LastLocation,
    LocationVisits,
    ModalLocation,
    UniqueLocations,
    UniqueSubscriberCounts,
    UniqueVisitorCounts,
    VisitedMostDays,
    daily_location,
    locate_subscribers,
)
from flowmachine.features.location.unmoving_counts import UnmovingCounts
from flowmachine.features.subscriber.coalesced_location import CoalescedLocation
from flowmachine.features.subscriber.filtered_reference_location import FilteredReferenceLocation
from flowmachine.features.subscriber.majority_location import MajorityLocation, majority_location
from flowmachine.features.subscriber.mobility_classification import MobilityClassification
from flowmachine.features.subscriber.subscriber_stay_lengths import SubscriberStayLengths
from flowmachine.features.subscriber.unmoving import Unmoving
from flowmachine.features.subscriber.unmoving_at_reference_location import UnmovingAtReferenceLocation
from flowmachine.features.utilities.subscriber_locations import SubscriberLocations
from tests.families import locating as examples

ADMIN2, ADMIN3, POSITIONS = (
    make_spatial_unit("admin", level=2),
    make_spatial_unit("admin", level=3),
    make_spatial_unit("lon-lat"),
)
WINDOW = ("2016-01-01", "2016-01-03")
DAY, NEXT = daily_location("2016-01-01"), daily_location("2016-01-02")
COARSE = daily_location("2016-01-01", spatial_unit=ADMIN2)
EVENTS = SubscriberLocations(*WINDOW, spatial_unit=ADMIN3)
PLACES = UniqueLocations(EVENTS)
VISITS = LocationVisits(DayTrajectories(DAY, NEXT))
WITHOUT_UNIT = CustomQuery("SELECT subscriber, value FROM x", ["subscriber", "value"])
COUNTS = ActiveAtReferenceLocationCounts(ActiveAtReferenceLocation(PLACES, DAY))


def majority(**changed: Any) -> MajorityLocation:
    return MajorityLocation(**{"subscriber_location_weights": VISITS, "weight_column": "value", **changed})


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: LastLocation(*WINDOW, ignore_nulls=1), "ignore_nulls"),
        (DayTrajectories, "at least one location"),
        (lambda: ModalLocation(majority()), "does not say on which day"),
        (lambda: majority(weight_column="weight"), "no column weight"),
        (lambda: majority(minimum_total_weight=-1), "must be 0 or more"),
        (lambda: majority(minimum_total_weight=math.nan), "must be 0 or more"),
        (lambda: FilteredReferenceLocation(DAY, EVENTS, 1), "no column value"),
        (lambda: FilteredReferenceLocation(DAY, VISITS, math.nan), "not nan"),
        (lambda: CallDays(DAY), "no column time"),
        (lambda: FirstLocation(*WINDOW, location="any", spatial_unit=ADMIN3), "unit of cells"),
        (lambda: FirstLocation(*WINDOW, location=[]), "at least one place"),
        (lambda: FirstLocation(*WINDOW, location={"pcod": "R0"}), "no column pcod"),
        (lambda: FirstLocation(*WINDOW, location=(0.5, 0.5)), "has_lon_lat_columns"),
        (lambda: SubscriberStayLengths(locations=[]), "at least one location"),
        (lambda: SubscriberStayLengths(locations=[DAY], statistic="range"), "range"),
        (lambda: MobilityClassification(locations=[PLACES]), "UniqueLocations has several"),
        (
            lambda: ActiveAtReferenceLocationCounts(ActiveAtReferenceLocation(PLACES, PLACES)),
            "several reference locations",
        ),
    ],
)
def test_bad_parameters_are_refused(make: Callable[[], Query], message: str) -> None:
    with pytest.raises((ValueError, TypeError), match=message):
        make()


@pytest.mark.parametrize(
    "make",
    [
        lambda: DayTrajectories(DAY, COARSE),
        lambda: MajorityLocation(subscriber_location_weights=WITHOUT_UNIT, weight_column="value"),
        lambda: CoalescedLocation(DAY, COARSE),
        lambda: FilteredReferenceLocation(COARSE, VISITS, 1),
        lambda: FilteredReferenceLocation(DAY, WITHOUT_UNIT, 1),
        lambda: UniqueLocations(WITHOUT_UNIT),
        lambda: ActiveAtReferenceLocation(PLACES, COARSE),
        lambda: UnmovingAtReferenceLocation(PLACES, COARSE),
        lambda: SubscriberStayLengths(locations=[DAY, COARSE]),
        lambda: MobilityClassification(locations=[DAY, COARSE]),
        lambda: UniqueVisitorCounts(COUNTS, UniqueSubscriberCounts(*WINDOW, ADMIN2)),
    ],
)
def test_inputs_must_have_one_unit(make: Callable[[], Query]) -> None:
    with pytest.raises(InvalidSpatialUnitError):
        make()


def test_columns() -> None:
    names = {type(query).__name__: query.column_names for query in examples.QUERIES.values()}
    for located in ("LastLocation", "MajorityLocation", "CoalescedLocation", "VisitedMostDays"):
        assert names[located] == ["subscriber", "pcod"]
    assert names["DayTrajectories"] == ["subscriber", "pcod", "date"]
    for valued in ("LocationVisits", "CallDays"):
        assert names[valued] == ["subscriber", "pcod", "value"]
    for feature in ("ActiveAtReferenceLocation", "Unmoving", "MobilityClassification"):
        assert names[feature] == ["subscriber", "value"]
    assert names["FirstLocation"] == ["subscriber", "time"]
    assert names["UniqueVisitorCounts"] == names["UnmovingCounts"] == ["pcod", "value"]
    one, other = (daily_location(f"2016-01-0{n}", spatial_unit=POSITIONS) for n in (1, 2))
    assert CoalescedLocation(one, other).column_names == ["subscriber", "lat", "lon"]


def test_the_window_of_several_locations_is_that_of_their_starts() -> None:
    days = DayTrajectories(NEXT, DAY)
    assert (days.start, days.stop) == ("2016-01-01 00:00:00", "2016-01-02 00:00:00")
    assert (days.spatial_unit, days.subscriber_identifier) == (ADMIN3, "msisdn")
    assert days == DayTrajectories(DAY, NEXT)
    assert VisitedMostDays(subscriber_locations=EVENTS).start == EVENTS.start == PLACES.start


def test_locations_can_be_unknown_on_request() -> None:
    known = locate_subscribers(*WINDOW, method="most-common")
    unknown = locate_subscribers(*WINDOW, method="most-common", ignore_nulls=False)
    assert known == locate_subscribers(*WINDOW, method="most-common", ignore_nulls=True) != unknown
    assert daily_location("2016-01-01", ignore_nulls=False).ignore_nulls is False


def test_places_that_mean_the_same_are_the_same_parameter() -> None:
    def first(location: Any, unit: Any = None) -> FirstLocation:
        return FirstLocation(*WINDOW, location=location, spatial_unit=unit)

    assert first("c0") == first(["c0"]) == first(["c0", "c0"])
    assert first(["c1", "c0"]) == first(("c0", "c1")) != first("c0")
    assert first((1, 2), POSITIONS) == first([(1.0, 2.0)], POSITIONS) == first([1, 2], POSITIONS)


def test_what_is_made_of_places_can_be_aggregated() -> None:
    for query in (majority(), CoalescedLocation(DAY, NEXT), VisitedMostDays(subscriber_locations=EVENTS)):
        assert query.aggregate().column_names == ["pcod", "value"]
        sampled = query.random_sample(size=3, seed=0)
        assert sampled.aggregate().spatial_unit == ADMIN3
        assert sampled.one_row_per_subscriber
    several = PLACES.random_sample(size=3, seed=0)
    assert not several.one_row_per_subscriber
    assert UnmovingCounts(Unmoving(several)).spatial_unit == ADMIN3


@pytest.mark.parametrize(
    "query", [PLACES, VISITS, majority(), Unmoving(PLACES), MobilityClassification(locations=[DAY])]
)
def test_individuals_are_not_exposed(query: Query) -> None:
    with pytest.raises(DisclosureError, match="individuals"):
        disclose(query, 15)


def coalesced(first: int, last: int, method: str = "last") -> CoalescedLocation:
    days = [daily_location(f"2016-01-{day:02}", method=method) for day in range(first, last + 1)]
    weights = LocationVisits(DayTrajectories(*days))
    located = majority_location(subscriber_location_weights=weights, weight_column="value")
    return CoalescedLocation(located, FilteredReferenceLocation(located, weights, 2))


def classes(plan: Plan) -> list[str]:
    return [type(step.query).__name__ for step in plan.steps]


def test_windows_that_overlap_share_their_days(facts: Facts) -> None:
    before = make_plan(coalesced(1, 6), facts)
    assert classes(before).count("LastLocation") == 6
    stored = {step.query.query_id: type(step.query).__name__ for step in before.steps}
    known = Facts(available_dates=facts.available_dates, stored=stored)
    after = make_plan(coalesced(2, 7), known)
    assert classes(after).count("LastLocation") == 1
    assert sorted(classes(after)) == [
        "CoalescedLocation",
        "LastLocation",
        "LocationVisits",
        "MajorityLocation",
    ]


def test_each_step_is_planned_with_all_that_it_reads(facts: Facts) -> None:
    counts = disclose(UnmovingCounts(Unmoving(PLACES)), 15)
    days = ["DailyVisits", "DailyVisits"]
    assert classes(make_plan(counts, facts)) == ["AdminSpatialUnit", *days, "UniqueLocations", "Redacted"]
    everybody = majority_location(
        subscriber_location_weights=VISITS, weight_column="value", include_unlocatable=True
    )
    known = Facts(
        available_dates=facts.available_dates,
        stored={everybody.majority_location.query_id: "MajorityLocation"},
    )
    # Who there is can only be told from the weights, although the places are stored.
    plan = make_plan(everybody, known)
    assert classes(plan).count("LastLocation") == 2
    assert everybody.majority_location.query_id in plan.steps[-1].statement().reads
