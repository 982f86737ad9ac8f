"""Every query against its definition, over random events and parameters."""

import warnings
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowmachine.core import make_spatial_unit
from flowmachine.core.disclosure import CONTRIBUTORS, Aggregate, disclose
from flowmachine.core.query import Query
from flowmachine.core.spatial_unit import SpatialUnit
from flowmachine.features import (
    Flows,
    Geography,
    LastLocation,
    ModalLocation,
    MostFrequentLocation,
    SpatialAggregate,
    TotalLocationEvents,
    UniqueSubscriberCounts,
    daily_location,
    locate_subscribers,
)
from tests.country import CELLS, REGIONS, Event
from tests.oracle import definitions
from tests.oracle.conftest import Runner
from tests.oracle.definitions import Groups, Place, Window
from tests.oracle.strategies import crowds, events, units, windows

oracle = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
METHODS = {"last": definitions.last_location, "most-common": definitions.most_frequent_location}
JOIN_TYPES = ["inner", "full outer", "left", "right", "left outer", "right outer"]

pytestmark = pytest.mark.filterwarnings("ignore:.*calendar dates missing")


def unit_of(name: str) -> SpatialUnit:
    if name.startswith("admin"):
        return make_spatial_unit("admin", level=int(name[-1]))
    return make_spatial_unit(name)


def parameters(window: Window) -> dict[str, object]:
    return {
        "table": [f"events.{name}" for name in window.tables],
        "hours": window.hours,
        "subscriber_subset": None if window.subset is None else sorted(window.subset),
    }


def as_locations(rows: Sequence[tuple[object, ...]]) -> dict[str, Place]:
    assert len({row[0] for row in rows}) == len(rows), "a subscriber is in one place only"
    return {row[0]: row[1:] for row in rows}


def as_values(groups: Groups) -> dict[tuple[object, ...], int]:
    return {key: value for key, (value, _) in groups.items()}


def check_aggregate(run: Runner, data: list[Event], query: Aggregate, expected: Groups) -> None:
    """Compare an aggregate, and what is released of it, with its definition."""
    found = {row[:-1]: row[-1] for row in run(data, query)}
    assert found == as_values(expected)
    released = {row[:-1]: row[-1] for row in run(data, disclose(query, 15))}
    assert released == as_values({key: group for key, group in expected.items() if group[1] > 15})


@oracle
@given(data=events, window=windows(), unit=units)
def test_last_location(run: Runner, data: list[Event], window: Window, unit: str) -> None:
    query = LastLocation(window.start, window.stop, unit_of(unit), **parameters(window))
    assert as_locations(run(data, query)) == definitions.last_location(data, window, unit)


@oracle
@given(data=events, window=windows(), unit=units)
def test_most_frequent_location(run: Runner, data: list[Event], window: Window, unit: str) -> None:
    query = MostFrequentLocation(window.start, window.stop, unit_of(unit), **parameters(window))
    assert as_locations(run(data, query)) == definitions.most_frequent_location(data, window, unit)


def daily(window: Window, unit: str, method: str) -> Query:
    return daily_location(window.start, spatial_unit=unit_of(unit), method=method, **parameters(window))


@oracle
@given(data=events, window=windows(), unit=units, method=st.sampled_from(sorted(METHODS)))
def test_locate_subscribers(run: Runner, data: list[Event], window: Window, unit: str, method: str) -> None:
    query = locate_subscribers(window.start, window.stop, unit_of(unit), method=method, **parameters(window))
    assert as_locations(run(data, query)) == METHODS[method](data, window, unit)


days = st.lists(st.tuples(windows(whole_day=True), st.sampled_from(sorted(METHODS))), min_size=1, max_size=5)


@oracle
@given(data=events, days=days, unit=units)
def test_modal_location(run: Runner, data: list[Event], days: list[tuple[Window, str]], unit: str) -> None:
    query = ModalLocation(*(daily(window, unit, method) for window, method in days))
    expected = definitions.modal_location(
        [(window.start, METHODS[method](data, window, unit)) for window, method in days]
    )
    assert as_locations(run(data, query)) == expected
    assert ModalLocation(*reversed(query.locations)).query_id == query.query_id


@oracle
@given(
    data=events | crowds, window=windows(whole_day=True), unit=units, method=st.sampled_from(sorted(METHODS))
)
def test_spatial_aggregate_of_daily_location(
    run: Runner, data: list[Event], window: Window, unit: str, method: str
) -> None:
    query = SpatialAggregate(locations=daily(window, unit, method))
    check_aggregate(run, data, query, definitions.spatial_aggregate(METHODS[method](data, window, unit)))


@oracle
@given(data=events | crowds, days=days, unit=units)
def test_spatial_aggregate_of_modal_location(
    run: Runner, data: list[Event], days: list[tuple[Window, str]], unit: str
) -> None:
    query = SpatialAggregate(
        locations=ModalLocation(*(daily(window, unit, method) for window, method in days))
    )
    located = [(window.start, METHODS[method](data, window, unit)) for window, method in days]
    check_aggregate(run, data, query, definitions.spatial_aggregate(definitions.modal_location(located)))


@oracle
@given(
    data=events | crowds,
    first=windows(whole_day=True),
    then=windows(whole_day=True),
    unit=units,
    method=st.sampled_from(sorted(METHODS)),
    join_type=st.sampled_from(JOIN_TYPES),
)
def test_flows(
    run: Runner, data: list[Event], first: Window, then: Window, unit: str, method: str, join_type: str
) -> None:
    origin, destination = daily(first, unit, method), daily(then, unit, "last")
    query = Flows(origin, destination, join_type=join_type)
    width = len(unit_of(unit).location_id_columns)
    places = METHODS[method](data, first, unit), definitions.last_location(data, then, unit)
    check_aggregate(run, data, query, definitions.flows(*places, join_type, width))
    if join_type == "inner":
        there, back = run(data, query), run(data, Flows(destination, origin))
        assert sorted(back) == sorted((*row[width:-1], *row[:width], row[-1]) for row in there)
        assert (query.query_id == Flows(destination, origin).query_id) == (origin == destination)


@oracle
@given(data=events | crowds, window=windows(), unit=units)
def test_unique_subscriber_counts(run: Runner, data: list[Event], window: Window, unit: str) -> None:
    query = UniqueSubscriberCounts(window.start, window.stop, unit_of(unit), **parameters(window))
    check_aggregate(run, data, query, definitions.unique_subscriber_counts(data, window, unit))


@oracle
@given(
    data=events | crowds,
    window=windows(directed=True),
    unit=units,
    interval=st.sampled_from(sorted(TotalLocationEvents.allowed_intervals)),
)
def test_location_event_counts(
    run: Runner, data: list[Event], window: Window, unit: str, interval: str
) -> None:
    query = TotalLocationEvents(
        window.start,
        window.stop,
        spatial_unit=unit_of(unit),
        interval=interval,
        direction=window.direction,
        **parameters(window),
    )
    check_aggregate(run, data, query, definitions.location_event_counts(data, window, unit, interval))


@pytest.mark.parametrize("level", sorted(REGIONS))
def test_geography(run: Runner, level: int) -> None:
    rows = run([], Geography(make_spatial_unit("admin", level=level)))
    assert {pcod for pcod, _ in rows} == set(REGIONS[level])


def test_geography_of_positions(run: Runner) -> None:
    rows = run([], Geography(make_spatial_unit("lon-lat")))
    assert {row[:2] for row in rows} == {cell[4:] for cell in CELLS}
    assert len(rows) == len({cell[4:] for cell in CELLS})


def test_a_subset_given_by_a_query_equals_the_list_of_its_subscribers(run: Runner) -> None:
    from tests.country import random_events

    data = random_events(seed=3, number=300, subscribers=20)
    everywhere = UniqueSubscriberCounts("2016-01-01", "2016-01-04")
    chosen = LastLocation("2016-01-01", "2016-01-02", make_spatial_unit("admin", level=3), hours=(3, 6))
    people = frozenset(row[0] for row in run(data, chosen))
    by_query = UniqueSubscriberCounts("2016-01-01", "2016-01-04", subscriber_subset=chosen)
    by_list = UniqueSubscriberCounts("2016-01-01", "2016-01-04", subscriber_subset=people)
    assert sorted(run(data, by_query)) == sorted(run(data, by_list)) != sorted(run(data, everywhere))


def test_an_aggregate_is_not_exposed_with_its_contributors() -> None:
    query = SpatialAggregate(locations=daily_location("2016-01-01"))
    with warnings.catch_warnings():
        assert CONTRIBUTORS not in query.column_names
        assert CONTRIBUTORS not in disclose(query, 15).column_names
