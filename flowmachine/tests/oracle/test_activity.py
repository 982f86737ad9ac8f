"""What subscribers did, against the definitions."""

import datetime as dt
import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowmachine.core import CustomQuery
from flowmachine.core.disclosure import disclose
from flowmachine.core.errors import DisclosureError, MissingDateError
from flowmachine.features.nonspatial_aggregates.per_value_aggregate import PerValueAggregate
from flowmachine.features.subscriber.active_subscribers import ActiveSubscribers
from flowmachine.features.subscriber.calendar_activity import CalendarActivity
from flowmachine.features.subscriber.event_count import EventCount
from flowmachine.features.subscriber.event_type_proportion import ProportionEventType
from flowmachine.features.subscriber.interevent_interval import IntereventInterval
from flowmachine.features.subscriber.interevent_period import SECONDS, IntereventPeriod
from flowmachine.features.subscriber.new_subscribers import NewSubscribers
from flowmachine.features.subscriber.nocturnal_events import NocturnalEvents
from flowmachine.features.subscriber.per_location_event_stats import PerLocationEventStats
from flowmachine.features.subscriber.per_subscriber_aggregate import PerSubscriberAggregate
from flowmachine.features.subscriber.total_active_periods import TotalActivePeriodsSubscriber
from flowmachine.features.subscriber.unique_location_counts import UniqueLocationCounts
from tests.country import DAYS, Event
from tests.oracle import activity_definitions as definitions
from tests.oracle.cdr import Cdr, cdrs, held
from tests.oracle.conftest import Runner
from tests.oracle.definitions import Window
from tests.oracle.strategies import INSTANTS, crowds, hours, subsets, tables, units, windows
from tests.oracle.test_definitions import oracle, parameters, unit_of
from tests.oracle.test_definitions import pytestmark as pytestmark
from tests.oracle.test_derived import literal

STATISTICS = st.sampled_from(definitions.STATISTICS)


def arguments(window: Window) -> dict[str, Any]:
    """Return a window's parameters, with the tables called as most classes of this family do."""
    given = parameters(window)
    return {"tables": given.pop("table"), **given}


def as_values(rows: Iterable[tuple[Any, ...]]) -> dict[Any, Any]:
    """Return rows by all columns but the last, which is a number or null; no key is there twice."""
    rows = list(rows)
    found = {(row[0] if len(row) == 2 else row[:-1]): row[-1] for row in rows}
    assert len(found) == len(rows)
    return {key: None if value is None else float(value) for key, value in found.items()}


def close(expected: dict[Any, Any]) -> Any:
    """Return values to compare with, up to the rounding of floats."""
    return {
        key: None if value is None else pytest.approx(float(value), rel=1e-9, abs=1e-6)
        for key, value in expected.items()
    }


@oracle
@given(data=cdrs(), window=windows(directed=True))
def test_event_count(run: Runner, data: list[Cdr], window: Window) -> None:
    query = EventCount(window.start, window.stop, direction=window.direction, **arguments(window))
    assert dict(run(data, query)) == Counter(cdr.msisdn for cdr in held(data, window))


@oracle
@given(data=cdrs(), window=windows(directed=True), night=hours.filter(bool))
def test_nocturnal_events(run: Runner, data: list[Cdr], window: Window, night: tuple[int, int]) -> None:
    window = attrs.evolve(window, hours=None)
    given = arguments(window)
    del given["hours"]
    query = NocturnalEvents(window.start, window.stop, night, direction=window.direction, **given)
    assert as_values(run(data, query)) == close(definitions.nocturnal_events(data, window, night))


@oracle
@given(
    data=cdrs(),
    window=windows(directed=True),
    numerator=tables,
    direction=st.sampled_from(["in", "out", "both"]),
)
def test_proportion_event_type(
    run: Runner, data: list[Cdr], window: Window, numerator: frozenset[str], direction: str
) -> None:
    query = ProportionEventType(
        window.start,
        window.stop,
        [f"events.{name}" for name in numerator],
        numerator_direction=direction,
        direction=window.direction,
        **arguments(window),
    )
    part = attrs.evolve(window, tables=numerator, direction=direction)
    expected = definitions.proportion(*(definitions.event_counts(data, one) for one in (part, window)))
    assert as_values(run(data, query)) == close(expected)


@oracle
@given(data=cdrs(), window=windows(), unit=units, ignore_nulls=st.booleans())
def test_unique_location_counts(
    run: Runner, data: list[Cdr], window: Window, unit: str, ignore_nulls: bool
) -> None:
    query = UniqueLocationCounts(
        window.start,
        window.stop,
        spatial_unit=unit_of(unit),
        ignore_nulls=ignore_nulls,
        **arguments(window),
    )
    expected = definitions.unique_location_counts(data, window, unit, ignore_nulls)
    assert dict(run(data, query)) == expected


@oracle
@given(data=cdrs(), before=windows(), now=windows())
def test_new_subscribers(run: Runner, data: list[Cdr], before: Window, now: Window) -> None:
    queries = [EventCount(one.start, one.stop, **arguments(one)) for one in (before, now)]
    query = NewSubscribers(unique_subscribers_bench_mark=queries[0], unique_subscribers_focal=queries[1])
    known, seen = ({cdr.msisdn for cdr in held(data, one)} for one in (before, now))
    assert sorted(run(data, query)) == [(who,) for who in sorted(seen - known)]


def test_new_subscribers_appear_once_and_are_identified_alike(run: Runner) -> None:
    twice = CustomQuery("SELECT unnest(ARRAY['a', 'a', 'b']) AS subscriber", ["subscriber"])
    nobody = twice.subset("subscriber", [])
    query = NewSubscribers(unique_subscribers_bench_mark=nobody, unique_subscribers_focal=twice)
    assert sorted(run([], query)) == [("a",), ("b",)]
    by_imei = EventCount("2016-01-01", "2016-01-02", subscriber_identifier="imei")
    with pytest.raises(ValueError, match="imei and msisdn"):
        NewSubscribers(
            unique_subscribers_bench_mark=by_imei,
            unique_subscribers_focal=EventCount("2016-01-01", "2016-01-02"),
        )


@oracle
@given(data=cdrs(max_size=40), window=windows(directed=True), unit=units, statistic=STATISTICS)
def test_per_location_event_stats(
    run: Runner, data: list[Cdr], window: Window, unit: str, statistic: str
) -> None:
    query = PerLocationEventStats(
        window.start,
        window.stop,
        statistic,
        spatial_unit=unit_of(unit),
        direction=window.direction,
        **arguments(window),
    )
    expected = definitions.per_location_event_stats(data, window, unit, statistic)
    assert as_values(run(data, query)) == close(expected)


@oracle
@given(
    rows=st.lists(
        st.tuples(st.sampled_from(["a", "b", "it's"]), st.none() | st.integers(-2, 3)), max_size=15
    ),
    statistic=st.sampled_from(definitions.STATISTICS),
)
def test_per_subscriber_aggregate(run: Runner, rows: list[tuple[str, int | None]], statistic: str) -> None:
    query = PerSubscriberAggregate(
        subscriber_query=literal(rows, ["subscriber", "n"], ["text", "int"]),
        agg_column="n",
        agg_method=statistic,
    )
    assert as_values(run([], query)) == close(definitions.per_subscriber(statistic, rows))


UNITS = {"days": 1440, "hours": 60, "minutes": 1}


@st.composite
def periods(draw: st.DrawFn) -> tuple[Window, tuple[Any, ...], dt.timedelta]:
    """Draw periods of the days that are loaded, as a window, arguments and the length of each."""
    unit = draw(st.sampled_from(sorted(UNITS)))
    length = draw(st.sampled_from({"days": [1, 2], "hours": [1, 6, 7], "minutes": [1, 90, 1440]}[unit]))
    start = dt.datetime.combine(draw(st.sampled_from(DAYS[:2])), dt.time(), dt.UTC)
    start += draw(st.sampled_from([dt.timedelta(), dt.timedelta(hours=6), dt.timedelta(minutes=7)]))
    each = dt.timedelta(minutes=length * UNITS[unit])
    most = (dt.datetime.combine(DAYS[-1], dt.time(), dt.UTC) + dt.timedelta(days=1) - start) // each
    number = draw(st.integers(1, min(most, 50)))
    window = Window(start, start + number * each, draw(tables), draw(hours), "both", draw(subsets))
    return window, (start, number, length, unit), each


@oracle
@given(data=cdrs(), given=periods())
def test_active_periods(
    run: Runner, data: list[Cdr], given: tuple[Window, tuple[Any, ...], dt.timedelta]
) -> None:
    window, positional, each = given
    active = definitions.active_periods(data, window, each)
    total = TotalActivePeriodsSubscriber(*positional, **parameters(window))
    assert dict(run(data, total)) == {who: len(starts) for who, starts in active.items()}
    calendar = CalendarActivity(*positional, **parameters(window))
    assert dict(run(data, calendar)) == {who: sorted(starts) for who, starts in active.items()}
    assert total.stop_date == total.stops[-1] == str(window.stop.replace(tzinfo=None))
    assert total.starts == [total.start, *total.stops[:-1]]


@oracle
@given(
    data=cdrs(max_size=40),
    start=st.sampled_from([INSTANTS[0], INSTANTS[2]]),
    length=st.sampled_from([1, 5, 8]),
    minor=st.integers(1, 4),
    major=st.integers(1, 3),
    thresholds=st.tuples(st.integers(1, 3), st.integers(1, 2)),
    who=subsets,
    when=hours,
    kinds=tables,
)
def test_active_subscribers(
    run: Runner,
    data: list[Cdr],
    start: dt.datetime,
    length: int,
    minor: int,
    major: int,
    thresholds: tuple[int, int],
    who: frozenset[str] | None,
    when: tuple[int, int] | None,
    kinds: frozenset[str],
) -> None:
    each = dt.timedelta(hours=length)
    edges = [start + number * minor * each for number in range(major + 1)]
    if edges[-1].date() > DAYS[-1]:
        return
    windows = [Window(first, end, kinds, when, "both", who) for first, end in itertools.pairwise(edges)]
    query = ActiveSubscribers(start, length, minor, major, *thresholds, **arguments(windows[0]))
    expected = definitions.active_subscribers(data, windows, each, *thresholds)
    assert sorted(run(data, query)) == [(one,) for one in sorted(expected)]
    seen = Counter(row[0] for part in query.major_period_queries for row in run(data, part))
    assert {one for one, number in seen.items() if number >= thresholds[1]} == expected
    assert query.end_date == str(edges[-1].replace(tzinfo=None))


@pytest.mark.parametrize(
    ("arguments", "missing"),
    [
        (("2016-01-03", 4), "2016-01-05 00:00:00 to 2016-01-07"),
        (("2016-01-04", 2, 2), "2016-01-06 00:00:00 to 2016-01-08"),
        (("2016-01-04 23:00:00", 30, 6, "hours"), "2016-01-05 05:00:00 to 2016-01-12 11:00:00"),
        (("2015-12-31 23:00:00", 3, 1, "hours"), "2015-12-31 23:00:00 to 2016-01-01 00:00:00"),
        (("2016-01-20", 1), "2016-01-20 00:00:00 to 2016-01-21"),
    ],
)
def test_a_period_without_data_is_refused(run: Runner, arguments: tuple[Any, ...], missing: str) -> None:
    for cls in (TotalActivePeriodsSubscriber, CalendarActivity):
        with pytest.raises(MissingDateError, match=missing):
            run([], cls(*arguments))


def test_a_period_of_which_a_part_is_loaded_is_answered(run: Runner) -> None:
    assert run([], TotalActivePeriodsSubscriber("2015-12-30", 2, 3)) == []
    assert run([], TotalActivePeriodsSubscriber("2015-12-31 23:00:00", 2, 2, "hours")) == []


@oracle
@given(data=cdrs(max_size=40), window=windows(directed=True), statistic=STATISTICS)
def test_interevent_interval(run: Runner, data: list[Cdr], window: Window, statistic: str) -> None:
    query = IntereventInterval(
        window.start, window.stop, statistic, direction=window.direction, **arguments(window)
    )
    rows = [
        (who, value.total_seconds() if isinstance(value, dt.timedelta) else value)
        for who, value in run(data, query)
    ]
    expected = definitions.interevent_interval(data, window, statistic)
    assert as_values(rows) == close(expected)


@oracle
@given(
    data=cdrs(max_size=40),
    window=windows(directed=True),
    statistic=STATISTICS,
    unit=st.sampled_from(sorted(SECONDS)),
)
def test_interevent_period(run: Runner, data: list[Cdr], window: Window, statistic: str, unit: str) -> None:
    query = IntereventPeriod(
        window.start,
        window.stop,
        statistic,
        time_resolution=unit,
        direction=window.direction,
        **arguments(window),
    )
    expected = definitions.interevent_period(data, window, statistic, SECONDS[unit])
    assert as_values(run(data, query)) == close(expected)


def as_cdr(event: Event) -> Cdr:
    who, when, cell, outgoing, table = event
    return Cdr(table, who, when, cell, outgoing)


@oracle
@given(data=crowds.map(lambda events: list(map(as_cdr, events))), window=windows())
def test_calendar_counts(run: Runner, data: list[Cdr], window: Window) -> None:
    window = attrs.evolve(window, stop=window.start + dt.timedelta(days=1, hours=12))
    if window.start.date() > DAYS[-2]:
        return
    calendar = CalendarActivity(window.start, 3, 12, "hours", **parameters(window))
    active = definitions.active_periods(data, window, dt.timedelta(hours=12))
    groups = Counter(tuple(sorted(starts)) for starts in active.values())
    query = PerValueAggregate(calendar)
    assert {tuple(grp): number for grp, number in run(data, query)} == groups
    released = {tuple(grp): number for grp, number in run(data, disclose(query, 15))}
    assert released == {grp: number for grp, number in groups.items() if number > 15}


@pytest.mark.parametrize("aggregation", ["count", "mode", "array", "array desc"])
def test_per_value_aggregate(run: Runner, aggregation: str) -> None:
    rows = [("a", 1), ("b", 1), ("b", 1), ("c", 2), ("d", 2), ("e", None)]
    text = (
        "SELECT * FROM (VALUES ('a', 1), ('b', 1), ('b', 1), ('c', 2), ('d', 2), ('e', NULL)) "
        "AS t (subscriber, value)"
    )
    groups = defaultdict(list)
    for who, value in rows:
        groups[value].append(who)
    expected = {
        "count": len,
        "mode": lambda own: min(own, key=lambda who: (-own.count(who), who)),
        "array": sorted,
        "array desc": lambda own: sorted(own, reverse=True),
    }[aggregation]
    query = PerValueAggregate(CustomQuery(text, ["subscriber", "value"]), aggregation)
    assert dict(run([], query)) == {value: expected(own) for value, own in groups.items()}


@pytest.mark.parametrize(("people", "released"), [(15, []), (16, [(1, 100)])])
def test_a_subscriber_in_a_group_many_times_is_one_contributor(
    run: Runner, people: int, released: list[tuple[int, int]]
) -> None:
    members = CustomQuery(
        f"SELECT 's' || mod(n, {people}) AS subscriber, 1 AS value FROM generate_series(1, 100) AS n",  # noqa: S608
        ["subscriber", "value"],
    )
    query = PerValueAggregate(members)
    assert run([], query) == [(1, 100)]
    assert run([], disclose(query, 15)) == released


@pytest.mark.parametrize("aggregation", ["mode", "array", "array desc"])
def test_groups_that_name_their_members_are_never_released(aggregation: str) -> None:
    query = PerValueAggregate(CalendarActivity("2016-01-01", 1), aggregation)
    with pytest.raises(DisclosureError, match="names subscribers"):
        disclose(query, 15).column_names  # noqa: B018 - raises
