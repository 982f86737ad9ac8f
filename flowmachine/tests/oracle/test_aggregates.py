"""Aggregates by place, label, trip and bin, against their definitions; what is released of them as well."""

import datetime as dt
import warnings
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowmachine.core import make_spatial_unit
from flowmachine.core.disclosure import disclose
from flowmachine.core.query import Query
from flowmachine.features import Flows, daily_location
from flowmachine.features.location.consecutive_trips_od_matrix import ConsecutiveTripsODMatrix
from flowmachine.features.location.flows import InOutFlow
from flowmachine.features.location.joined_spatial_aggregate import JoinedSpatialAggregate
from flowmachine.features.location.labelled_flows import LabelledFlows, LabelledInOutFlow
from flowmachine.features.location.labelled_spatial_aggregate import LabelledSpatialAggregate
from flowmachine.features.location.location_introversion import LocationIntroversion
from flowmachine.features.location.total_events import DayTotalLocationEvents, TotalLocationEvents
from flowmachine.features.location.trips_od_matrix import TripsODMatrix
from flowmachine.features.nonspatial_aggregates.histogram_aggregation import HistogramAggregation
from flowmachine.features.subscriber.event_count import EventCount
from flowmachine.features.utilities.subscriber_locations import SubscriberLocations
from tests.country import DAYS, Event
from tests.oracle import aggregates_definitions as meaning
from tests.oracle import definitions
from tests.oracle.aggregates_definitions import Groups
from tests.oracle.cdr import Cdr, cdrs
from tests.oracle.conftest import Runner
from tests.oracle.definitions import Place, Window
from tests.oracle.strategies import INSTANTS, crowds, events, units, windows
from tests.oracle.test_definitions import JOIN_TYPES, oracle, parameters, unit_of

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*calendar dates missing"),
    pytest.mark.filterwarnings("ignore:The .* dates of metric and locations differ"),
]

Rows = dict[tuple[Any, ...], Any]
whole_days = windows(whole_day=True)
counted = events | crowds


def plain(value: Any) -> Any:
    """Return a decimal number as a float; whole numbers stay as they are."""
    return float(value) if isinstance(value, Decimal) else value


def rows_of(run: Runner, data: Sequence[Any], query: Query) -> Rows:
    found = run(data, query)
    rows = {row[:-1]: plain(row[-1]) for row in found}
    assert len(rows) == len(found), "a group has one row"
    return rows


def near(value: Any) -> Any:
    """Compare numbers as floats, roughly."""
    if isinstance(value, dict):
        return {key: near(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(map(near, value))
    return pytest.approx(float(value)) if isinstance(value, Decimal | Fraction | float | int) else value


def values(groups: Groups) -> Rows:
    return {key: value for key, (value, _) in groups.items()}


def check(
    run: Runner, data: Sequence[Any], query: Query, groups: Groups, released: Rows | None = None
) -> None:
    """Compare the rows of an aggregate, and those released of it, with its definition."""
    assert rows_of(run, data, query) == values(groups)
    expected = meaning.released(groups) if released is None else released
    assert rows_of(run, data, disclose(query, 15)) == expected


def last(window: Window, unit: str) -> Query:
    return daily_location(window.start, spatial_unit=unit_of(unit), **parameters(window))


def event_count(window: Window) -> EventCount:
    settings = parameters(window)
    return EventCount(
        window.start, window.stop, direction=window.direction, tables=settings.pop("table"), **settings
    )


def events_of_each(data: Sequence[Event], window: Window) -> list[tuple[str, int]]:
    held = [event[0] for event in data if window.holds(event)]
    return [(who, held.count(who)) for who in sorted(set(held))]


@oracle
@given(
    data=counted,
    located=whole_days,
    window=windows(directed=True),
    unit=units,
    method=st.sampled_from(sorted(meaning.STATISTICS)),
)
def test_joined_spatial_aggregate(
    run: Runner, data: list[Event], located: Window, window: Window, unit: str, method: str
) -> None:
    query = JoinedSpatialAggregate(metric=event_count(window), locations=last(located, unit), method=method)
    groups = meaning.joined(
        definitions.last_location(data, located, unit),
        events_of_each(data, window),
        meaning.STATISTICS[method],
    )
    assert rows_of(run, data, query) == near(values(groups))
    assert rows_of(run, data, disclose(query, 15)) == near(meaning.released(groups))


@oracle
@given(data=counted, located=whole_days, window=windows(directed=True), unit=units)
def test_shares_of_a_metric(
    run: Runner, data: list[Event], located: Window, window: Window, unit: str
) -> None:
    query = JoinedSpatialAggregate(metric=event_count(window), locations=last(located, unit), method="distr")
    groups = meaning.shares(definitions.last_location(data, located, unit), events_of_each(data, window))
    width = len(query.column_names) - 2
    assert rows_of(run, data, query) == near(values(groups))
    released = meaning.released_shares(groups, width)
    assert rows_of(run, data, disclose(query, 15)) == near(released)


@oracle
@given(data=crowds, located=whole_days, one=windows(directed=True), other=windows(directed=True))
def test_subscribers_with_several_values_count_once(
    run: Runner, data: list[Event], located: Window, one: Window, other: Window
) -> None:
    metric = event_count(one).union(event_count(other))
    numbers = events_of_each(data, one) + events_of_each(data, other)
    places = definitions.last_location(data, located, "admin3")
    total = JoinedSpatialAggregate(metric=metric, locations=last(located, "admin3"), method="sum")
    check(run, data, total, meaning.joined(places, numbers, sum))
    spread = JoinedSpatialAggregate(metric=metric, locations=last(located, "admin3"), method="distr")
    groups = meaning.shares(places, numbers)
    assert rows_of(run, data, spread) == near(values(groups))
    released = meaning.released_together(groups, 2)
    assert rows_of(run, data, disclose(spread, 15)) == near(released)


def test_dates_that_differ_are_warned_of() -> None:
    with pytest.warns(UserWarning, match="The stop dates of metric and locations differ"):
        JoinedSpatialAggregate(
            metric=EventCount("2016-01-01", "2016-01-03"), locations=daily_location("2016-01-01")
        )
    with warnings.catch_warnings():
        JoinedSpatialAggregate(
            metric=EventCount("2016-01-01", "2016-01-02"), locations=daily_location("2016-01-01")
        )


def labels_of(*found: Mapping[str, Place]) -> dict[str, list[object]]:
    everybody = sorted(set().union(*found))
    return {who: [places[who][0] for places in found if who in places] for who in everybody}


@oracle
@given(data=counted, located=whole_days, labels=whole_days, unit=units)
def test_labelled_spatial_aggregate(
    run: Runner, data: list[Event], located: Window, labels: Window, unit: str
) -> None:
    query = LabelledSpatialAggregate(last(located, unit), last(labels, "admin2"), ("pcod",))
    places = definitions.last_location(data, located, unit)
    found = labels_of(definitions.last_location(data, labels, "admin2"))
    groups = meaning.count(meaning.labelled(places, found))
    width = len(query.out_spatial_columns)
    check(run, data, query, groups, meaning.released_together(groups, width))


@oracle
@given(data=crowds, located=whole_days, one=whole_days, other=whole_days)
def test_a_subscriber_with_several_labels_counts_under_each(
    run: Runner, data: list[Event], located: Window, one: Window, other: Window
) -> None:
    labels = last(one, "admin2").union(last(other, "admin2"))
    query = LabelledSpatialAggregate(last(located, "admin3"), labels, "pcod")
    found = labels_of(*(definitions.last_location(data, window, "admin2") for window in (one, other)))
    groups = meaning.count(meaning.labelled(definitions.last_location(data, located, "admin3"), found))
    check(run, data, query, groups, meaning.released_together(groups, 1))


def side(key: tuple[Any, ...], direction: str, width: int) -> tuple[Any, ...]:
    place = key[:width] if direction == "from" else key[width : 2 * width]
    return (*place, *key[2 * width :])


@oracle
@given(
    data=counted,
    first=whole_days,
    then=whole_days,
    unit=units,
    join_type=st.sampled_from(JOIN_TYPES),
    direction=st.sampled_from(["from", "to"]),
)
def test_in_and_out_flows(
    run: Runner, data: list[Event], first: Window, then: Window, unit: str, join_type: str, direction: str
) -> None:
    flows = Flows(last(first, unit), last(then, unit), join_type=join_type)
    query = InOutFlow(flows, direction)
    assert query == (flows.outflow() if direction == "from" else flows.inflow())
    width = len(unit_of(unit).location_id_columns)
    pairs = meaning.pairs(
        *(definitions.last_location(data, window, unit) for window in (first, then)), join_type, width
    )
    groups = meaning.count((who, side(key, direction, width)) for who, key in pairs.items())
    check(run, data, query, groups)


@oracle
@given(
    data=crowds,
    first=whole_days,
    then=whole_days,
    chosen=st.sampled_from(["R0", "R1", "R3"]),
    direction=st.sampled_from(["from", "to"]),
)
def test_in_and_out_flows_of_some_flows(
    run: Runner, data: list[Event], first: Window, then: Window, chosen: str, direction: str
) -> None:
    flows = Flows(last(first, "admin3"), last(then, "admin3"), join_type="full outer")
    some = flows.subset("pcod_from", [chosen, None])
    query = some.outflow() if direction == "from" else some.inflow()
    places = (definitions.last_location(data, window, "admin3") for window in (first, then))
    pairs = meaning.pairs(*places, "full outer", 1)
    groups = meaning.count(
        (who, side(key, direction, 1)) for who, key in pairs.items() if key[0] in (chosen, None)
    )
    check(run, data, query, groups)


@oracle
@given(
    data=counted,
    first=whole_days,
    then=whole_days,
    labels=whole_days,
    unit=units,
    join_type=st.sampled_from(JOIN_TYPES),
)
def test_labelled_flows(
    run: Runner, data: list[Event], first: Window, then: Window, labels: Window, unit: str, join_type: str
) -> None:
    query = LabelledFlows(
        loc1=last(first, unit),
        loc2=last(then, unit),
        labels=last(labels, "admin2"),
        label_columns=["pcod"],
        join_type=join_type,
    )
    width = len(unit_of(unit).location_id_columns)
    places = (definitions.last_location(data, window, unit) for window in (first, then))
    pairs = meaning.pairs(*places, join_type, width)
    found = labels_of(definitions.last_location(data, labels, "admin2"))
    contributions = meaning.labelled(pairs, found)
    groups = meaning.count(contributions)
    check(run, data, query, groups, meaning.released_together(groups, 2 * width))
    for direction, same in (("from", query.outflow()), ("to", query.inflow())):
        summed = LabelledInOutFlow(query, direction)
        assert summed == same
        groups = meaning.count((who, side(key, direction, width)) for who, key in contributions)
        check(run, data, summed, groups, meaning.released_together(groups, width))


def seen(window: Window, unit: str) -> SubscriberLocations:
    return SubscriberLocations(window.start, window.stop, spatial_unit=unit_of(unit), **parameters(window))


@oracle
@given(data=counted, window=windows(), unit=units, direction=st.sampled_from(["from", "to"]))
def test_trips(run: Runner, data: list[Event], window: Window, unit: str, direction: str) -> None:
    width = len(unit_of(unit).location_id_columns)
    placed = definitions.placed_events(data, window, unit)
    for query, moves in (
        (TripsODMatrix(seen(window, unit)), meaning.trips(placed)),
        (ConsecutiveTripsODMatrix(seen(window, unit)), meaning.consecutive_trips(placed)),
    ):
        check(run, data, query, meaning.count(moves))
        summed = query.outflow() if direction == "from" else query.inflow()
        groups = meaning.count((who, side(key, direction, width)) for who, key in moves)
        check(run, data, summed, groups)


def test_trips_of_events_without_a_cell(run: Runner) -> None:
    noon = INSTANTS[0]
    data = [
        ("a", noon + dt.timedelta(minutes=number), cell, True, "calls")
        for number, cell in enumerate(["c0", None, "c1", "c1"])
    ]
    window = Window(noon, noon + dt.timedelta(days=1))
    cells = SubscriberLocations(window.start, window.stop, ignore_nulls=False)
    assert rows_of(run, data, TripsODMatrix(cells)) == {("c0", "c1"): 1}
    assert rows_of(run, data, ConsecutiveTripsODMatrix(cells)) == {("c1", "c1"): 1}


@st.composite
def _legs(draw: st.DrawFn) -> Cdr:
    return Cdr(
        draw(st.sampled_from(["calls", "sms"])),
        draw(st.integers(0, 30).map("p{}".format)),
        draw(st.sampled_from(INSTANTS[::5])),
        draw(st.sampled_from(["c0", "c1", "outside"])),
        draw(st.booleans()),
        id=draw(st.integers(0, 5).map(str)),
    )


crowded_legs = st.lists(_legs(), min_size=60, max_size=120)


@oracle
@given(data=cdrs() | crowded_legs, window=windows(directed=True), unit=units)
def test_location_introversion(run: Runner, data: list[Cdr], window: Window, unit: str) -> None:
    query = LocationIntroversion(
        window.start,
        window.stop,
        spatial_unit=unit_of(unit),
        direction=window.direction,
        **parameters(window),
    )
    groups = meaning.introversion(data, window, unit)
    assert rows_of(run, data, query) == near(values(groups))
    assert rows_of(run, data, disclose(query, 15)) == near(meaning.released(groups))


@oracle
@given(
    data=counted,
    day=st.sampled_from(DAYS),
    unit=units,
    interval=st.sampled_from(sorted(TotalLocationEvents.allowed_intervals)),
)
def test_events_of_a_day(run: Runner, data: list[Event], day: dt.date, unit: str, interval: str) -> None:
    start = dt.datetime.combine(day, dt.time(), dt.UTC)
    window = Window(start, start + dt.timedelta(days=1))
    query = DayTotalLocationEvents(day, spatial_unit=unit_of(unit), interval=interval)
    check(run, data, query, definitions.location_event_counts(data, window, unit, interval))


def bins_of(run: Runner, data: list[Event], query: Query) -> list[tuple[Any, ...]]:
    return [tuple(map(plain, row)) for row in run(data, query)]


edges = st.sampled_from([0, 0.5, 1, 2, 3, 4.5, 10])


@oracle
@given(
    data=counted,
    window=windows(directed=True),
    bins=st.integers(1, 7) | st.lists(edges, min_size=2, max_size=5, unique=True),
    span=st.none() | st.tuples(edges, edges),
)
def test_histogram(
    run: Runner,
    data: list[Event],
    window: Window,
    bins: int | list[float],
    span: tuple[float, float] | None,
) -> None:
    metric = event_count(window)
    span = None if span is None else (min(span), max(span))
    groups = meaning.histogram(events_of_each(data, window), bins, span)
    query = HistogramAggregation(metric=metric, bins=bins, range=span, censor=False)
    expected = [(value, low, high) for (_, low, high), (value, _) in groups.items()]
    assert bins_of(run, data, query) == near(expected)
    few = any(0 < people <= 15 for _, people in groups.values())
    censored = [(None, None, None)] if few else expected
    assert bins_of(run, data, disclose(query, 15)) == near(censored)
    query = HistogramAggregation(metric=metric, bins=bins, range=span)
    assert bins_of(run, data, query) == near(censored)


def test_a_histogram_of_what_is_not_about_subscribers_is_censored(run: Runner) -> None:
    data = [(f"p{number}", INSTANTS[2], "c0", True, "calls") for number in range(40)]
    counts = daily_location("2016-01-01").aggregate()
    histogram = HistogramAggregation(metric=counts, bins=[0, 100], censor=False)
    assert run(data, histogram) == [(1, 0, 100)]
    assert run(data, disclose(histogram, 15)) == [(None, None, None)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"bins": 0}, "1 to 10000 bins"),
        ({"bins": "many"}, "number of bins or a list"),
        ({"bins": True}, "number of bins or a list"),
        ({"bins": [1]}, "different numbers"),
        ({"bins": [1, float("nan")]}, "must be a number"),
        ({"bins": 2, "range": [0, 1]}, "tuple of two"),
        ({"bins": 2, "value_column": "duration"}, "no column duration"),
    ],
)
def test_bins_that_cannot_be_used(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        HistogramAggregation(metric=EventCount("2016-01-01", "2016-01-02"), **arguments)


@pytest.mark.parametrize(
    "make",
    [
        lambda day: LabelledSpatialAggregate(day, day, "nothing"),
        lambda day: LabelledSpatialAggregate(day, day, "subscriber"),
        lambda day: LabelledSpatialAggregate(day, day, ()),
        lambda day: LabelledSpatialAggregate(EventCount("2016-01-01", "2016-01-02"), day, "pcod"),
        lambda day: LabelledSpatialAggregate(make_spatial_unit("lon-lat"), day, "pcod"),
        lambda day: LabelledFlows(loc1=day, loc2=day, labels=day, label_columns=["pcod", "pcod"]),
        lambda day: Flows(day, day).outflow().__class__(Flows(day, day), "sideways"),
    ],
)
def test_labels_and_directions_that_cannot_be_used(make: Any) -> None:
    with pytest.raises(ValueError):
        make(daily_location("2016-01-01"))
