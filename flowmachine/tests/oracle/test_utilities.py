"""What queries are made from: events as they are, sets of subscribers, values side by side."""

import datetime as dt
from collections import Counter, defaultdict
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import flowmachine
from flowmachine.core.custom_query import CustomQuery
from flowmachine.core.declaration import declare, rebuild
from flowmachine.core.errors import MissingColumnsError, MissingDateError
from flowmachine.core.hour_slice import WEEKDAYS, HourInterval, HourSlice
from flowmachine.features import (
    Direction,
    EventsTablesUnion,
    EventTableSubset,
    GroupValues,
    SubscriberLocationSubset,
    UniqueSubscribers,
    daily_location,
    feature_collection,
)
from flowmachine.features.subscriber.event_count import EventCount
from flowmachine.features.subscriber.unique_location_counts import UniqueLocationCounts
from flowmachine.features.utilities import direction_enum, sets
from flowmachine.features.utilities.combine_first import CombineFirst
from flowmachine.features.utilities.events import TABLE_COLUMNS
from flowmachine.features.utilities.feature_collection import feature_collection_from_list_of_classes
from flowmachine.features.utilities.unique_values_from_queries import UniqueValuesFromQueries
from flowmachine.features.utilities.validators import valid_median_window, validate_column_present
from tests.oracle.cdr import Cdr, cdrs, held
from tests.oracle.conftest import Runner
from tests.oracle.definitions import Window, placer
from tests.oracle.strategies import units, windows
from tests.oracle.test_definitions import oracle, parameters, unit_of
from tests.oracle.test_definitions import pytestmark as pytestmark
from tests.oracle.test_derived import Row, literal

DAY = ("2016-01-01", "2016-01-02")
SOME = ["id", "datetime", "msisdn", "location_id", "imei"]
columns = st.lists(st.sampled_from(SOME), min_size=1, max_size=6)
identifiers = st.sampled_from(["msisdn", "imei", "imsi"])
tables = st.lists(
    st.tuples(st.none() | st.sampled_from(["a", "b", "it's", ""]), st.none() | st.integers(0, 3)), max_size=8
)
times = st.none() | st.sampled_from(["00:00", "06:00", "06:30", "13:07", "23:59"])


@st.composite
def intervals(draw: st.DrawFn) -> HourInterval:
    weekday = draw(st.none() | st.sampled_from(WEEKDAYS[3:]))
    freq = "day" if weekday is None else "week"
    return HourInterval(start_hour=draw(times), stop_hour=draw(times), freq=freq, weekday=weekday)


def in_slice(moment: dt.datetime, given: list[HourInterval]) -> bool:
    def within(interval: HourInterval) -> bool:
        text = moment.strftime("%H:%M:%S")
        return (
            (interval.start_hour is None or text >= f"{interval.start_hour}:00")
            and (interval.stop_hour is None or text < f"{interval.stop_hour}:00")
            and (interval.weekday is None or moment.strftime("%A") == interval.weekday)
        )

    return not given or any(map(within, given))


def read(cdr: Cdr, names: list[str]) -> tuple[Any, ...]:
    return tuple(getattr(cdr, name) for name in names)


def restricted(data: list[Cdr], window: Window, identifier: str) -> list[Cdr]:
    """Hold what a window holds, where a subset is of other identifiers than the msisdn."""
    everyone = Window(window.start, window.stop, window.tables, window.hours, window.direction)
    return [
        cdr
        for cdr in held(data, everyone)
        if window.subset is None or getattr(cdr, identifier) in window.subset
    ]


@oracle
@given(data=cdrs("calls", "mds"), window=windows(), columns=columns, identifier=identifiers)
def test_events_of_one_table(
    run: Runner, data: list[Cdr], window: Window, columns: list[str], identifier: str
) -> None:
    arguments = parameters(window)
    arguments["table"] = "events.calls"
    query = EventTableSubset(
        start=window.start, stop=window.stop, columns=columns, subscriber_identifier=identifier, **arguments
    )
    names = sorted(set(columns))
    assert query.column_names == ["subscriber" if name == identifier else name for name in names]
    calls = Window(window.start, window.stop, frozenset({"calls"}), window.hours, "both", window.subset)
    assert Counter(run(data, query)) == Counter(read(c, names) for c in restricted(data, calls, identifier))


@oracle
@given(data=cdrs("calls"), given=st.lists(intervals(), max_size=3), opened=st.sampled_from(["start", "stop"]))
def test_events_of_slices_of_hours_with_an_open_end(
    run: Runner, data: list[Cdr], given: list[HourInterval], opened: str
) -> None:
    edge = dt.datetime(2016, 1, 2, 6, tzinfo=dt.UTC)
    closed = "stop" if opened == "start" else "start"
    query = EventTableSubset(
        **{closed: edge}, hour_slices=HourSlice(hour_intervals=given), columns=["msisdn", "datetime"]
    )
    expected = [
        (cdr.datetime, cdr.msisdn)
        for cdr in data
        if in_slice(cdr.datetime, given) and (cdr.datetime >= edge) is (closed == "start")
    ]
    assert Counter(run(data, query)) == Counter(expected)


@oracle
@given(data=cdrs("calls", "sms", "mds"), window=windows(), columns=columns)
def test_events_of_several_tables(run: Runner, data: list[Cdr], window: Window, columns: list[str]) -> None:
    arguments = parameters(window)
    arguments["tables"] = [*arguments.pop("table"), "events.mds"]
    query = EventsTablesUnion(window.start, window.stop, columns=columns, **arguments)
    read_from = window.tables | {"mds"} if data else window.tables
    expected = Window(window.start, window.stop, read_from, window.hours, "both", window.subset)
    names = sorted(set(columns))
    with pytest.warns(UserWarning, match="No data in events.mds for") if not data else _nothing():
        found = run(data, query)
    assert Counter(found) == Counter(read(cdr, names) for cdr in held(data, expected))


class _nothing:  # noqa: N801 - a context, like those of the standard library
    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...


@oracle
@given(data=cdrs(), window=windows(), identifier=identifiers)
def test_unique_subscribers(run: Runner, data: list[Cdr], window: Window, identifier: str) -> None:
    query = UniqueSubscribers(
        window.start, window.stop, subscriber_identifier=identifier, **parameters(window)
    )
    found = [getattr(cdr, identifier) for cdr in restricted(data, window, identifier)]
    assert Counter(run(data, query)) == Counter({(name,): 1 for name in found if name is not None})


@oracle
@given(data=cdrs("calls"), window=windows(directed=True), unit=units, min_calls=st.integers(0, 3))
def test_subscribers_with_calls_at_a_place(
    run: Runner, data: list[Cdr], window: Window, unit: str, min_calls: int
) -> None:
    arguments = parameters(window)
    del arguments["table"]
    query = SubscriberLocationSubset(
        window.start,
        window.stop,
        min_calls=min_calls,
        spatial_unit=unit_of(unit),
        direction=window.direction,
        **arguments,
    )
    calls: dict[tuple[Any, ...], int] = defaultdict(int)
    everything = Window(
        window.start, window.stop, frozenset({"calls"}), window.hours, window.direction, window.subset
    )
    for cdr in held(data, everything):
        place = placer(unit)(cdr.location_id, cdr.datetime.date()) if cdr.location_id else None
        if place is not None:
            calls[(cdr.msisdn, *place)] += cdr.duration is not None
    enough = [key for key, number in calls.items() if number >= min_calls]
    assert Counter(run(data, query)) == Counter(enough)


@oracle
@given(
    data=cdrs("calls"), window=windows(), group=st.sampled_from([["msisdn"], ["location_id", "subscriber"]])
)
def test_values_by_group(run: Runner, data: list[Cdr], window: Window, group: list[str]) -> None:
    arguments = {name: value for name, value in parameters(window).items() if name != "table"}
    query = GroupValues(group, ["duration", "datetime"], window.start, window.stop, **arguments)
    assert query.column_names == [*group, "duration", "datetime"]
    calls = Window(window.start, window.stop, frozenset({"calls"}), window.hours, "both", window.subset)
    expected: dict[tuple[Any, ...], list[Cdr]] = defaultdict(list)
    for cdr in held(data, calls):
        expected[read(cdr, [name.replace("subscriber", "msisdn") for name in group])].append(cdr)
    found = {row[: len(group)]: row[len(group) :] for row in run(data, query)}
    assert found.keys() == expected.keys()
    for key, records in expected.items():
        records.sort(key=lambda cdr: (cdr.datetime, cdr.duration is None, cdr.duration or Decimal()))
        assert found[key] == ([r.duration for r in records], [r.datetime for r in records])


@oracle
@given(first=tables, other=tables)
def test_the_first_value_that_is_there(run: Runner, first: list[Row], other: list[Row]) -> None:
    names, kinds = ["key", "value"], ["text", "int"]
    query = CombineFirst(
        first_query=literal(first, names, kinds),
        other_query=literal(other, names, kinds),
        join_columns="key",
        combine_columns=["value"],
    )
    expected = Counter[Row]()
    for key, value in first:
        partners = [v for k, v in other if k == key is not None]
        expected.update((key, value if value is not None else v) for v in partners or [None])
    expected.update(row for row in other if row[0] is None or row[0] not in {key for key, _ in first})
    assert Counter(run([], query)) == expected


@oracle
@given(tables=st.lists(tables, min_size=1, max_size=3), names=st.permutations(["key", "value"]))
def test_different_values(run: Runner, tables: list[list[Row]], names: list[str]) -> None:
    queries = [literal(rows, ["key", "value"], ["text", "int"]) for rows in tables]
    for wanted in (names, names[:1]):
        query = UniqueValuesFromQueries(query_list=queries, column_names=wanted)
        at = [["key", "value"].index(name) for name in wanted]
        assert Counter(run([], query)) == Counter(
            {tuple(row[n] for n in at) for rows in tables for row in rows}
        )


@oracle
@given(data=cdrs(), window=windows(), dropna=st.booleans())
def test_features_side_by_side(run: Runner, data: list[Cdr], window: Window, dropna: bool) -> None:
    given = {"hours": window.hours}
    metrics = [
        EventCount(window.start, window.stop, tables=f"events.{name}", **given) for name in ("calls", "sms")
    ]
    metrics.append(EventCount(window.start, window.stop, direction="out", **given))
    query = feature_collection(metrics, dropna=dropna)
    names = [f"value_eventcount_{number}" for number in range(3)]
    assert query.column_names == ["subscriber", *names]
    counts = [
        Counter(
            cdr.msisdn
            for cdr in held(data, Window(window.start, window.stop, frozenset(of), window.hours, direction))
        )
        for of, direction in ((["calls"], "both"), (["sms"], "both"), (["calls", "sms"], "out"))
    ]
    everyone = set().union(*counts)
    kept = [who for who in everyone if not dropna or all(who in count for count in counts)]
    assert Counter(run(data, query)) == Counter((who, *(count.get(who) for count in counts)) for who in kept)


@oracle
@given(data=cdrs(), window=windows(), dropna=st.booleans())
def test_features_of_classes_side_by_side(run: Runner, data: list[Cdr], window: Window, dropna: bool) -> None:
    query = feature_collection_from_list_of_classes(
        [EventCount, UniqueLocationCounts], window.start, window.stop, hours=window.hours, dropna=dropna
    )
    assert query.column_names == ["subscriber", "value_eventcount_0", "value_uniquelocationcounts_1"]
    seen = held(data, Window(window.start, window.stop, hours=window.hours))
    cells = defaultdict(set)
    for cdr in seen:
        if cdr.location_id:
            cells[cdr.msisdn].add(cdr.location_id)
    assert Counter(run(data, query)) == Counter(
        (who, number, len(cells[who]) if who in cells else None)
        for who, number in Counter(cdr.msisdn for cdr in seen).items()
        if who in cells or not dropna
    )


def test_a_collection_of_classes() -> None:
    made = feature_collection_from_list_of_classes([EventCount, EventCount], *DAY, direction="in")
    metric = EventCount(*DAY, direction="in")
    assert made == feature_collection([metric, metric], dropna=False)
    with pytest.raises(IndexError):
        feature_collection([metric])


def test_names_of_old() -> None:
    assert sets.SubsetDates is EventTableSubset
    assert direction_enum.Direction is Direction
    assert flowmachine.GroupValues is GroupValues
    assert flowmachine.feature_collection is feature_collection


def test_all_columns_are_those_of_the_table() -> None:
    everything = sorted(TABLE_COLUMNS["mds"])
    expected = ["subscriber" if name == "msisdn" else name for name in everything]
    assert EventTableSubset(start=DAY[0], table="events.mds").column_names == expected
    assert EventsTablesUnion(*DAY, tables="events.mds", columns="*").column_names == expected


def test_what_events_as_they_are_refuse() -> None:
    day = HourInterval(start_hour="08:00", stop_hour="09:00", freq="day")
    refused: list[dict[str, Any]] = [
        {"hours": (1, 2), "hour_slices": [day], "start": DAY[0]},
        {},
        {"start": DAY[0], "stop": DAY[0]},
        {"start": DAY[0], "table": ["events.calls", "events.sms"]},
        {"start": DAY[0], "table": None},
        {"start": DAY[0], "columns": ["nope"]},
        {"start": DAY[0], "columns": []},
        {"start": DAY[0], "table": "events.unheard_of"},
    ]
    for arguments in refused:
        with pytest.raises(ValueError):
            EventTableSubset(**arguments)
    with pytest.raises(ValueError):
        EventsTablesUnion(*DAY, columns=["*"])
    assert not EventTableSubset(start=DAY[0]).storable
    assert not EventsTablesUnion(*DAY, columns=["msisdn"]).storable


def test_events_that_are_not_there(run: Runner) -> None:
    for query in (
        EventTableSubset(start="2017-01-01"),
        EventTableSubset(stop="2015-01-01"),
        EventTableSubset(start="2016-01-01", table="events.topups"),
        EventsTablesUnion("2017-01-01", "2017-01-02", columns=["msisdn"]),
        UniqueSubscribers("2017-01-01", "2017-01-02"),
    ):
        with pytest.raises(MissingDateError):
            run([], query)
    some = [Cdr("mds", "s1", dt.datetime(2016, 1, 1, tzinfo=dt.UTC), "c0")]
    for lacking in (
        EventTableSubset(start=DAY[0], table="events.mds", columns=["outgoing"]),
        EventsTablesUnion(*DAY, tables=["events.calls", "events.mds"], columns=["outgoing"]),
    ):
        with pytest.raises(MissingColumnsError):
            run(some, lacking)


def test_hour_slices_and_groups_are_rebuilt_from_their_declaration() -> None:
    weekend = [
        HourInterval(start_hour=None, stop_hour="12:00", freq="week", weekday=day)
        for day in ("Saturday", "Sunday")
    ]
    subset = EventTableSubset(start=DAY[0], hour_slices=weekend, columns=["msisdn"])
    again = EventTableSubset(
        start=DAY[0], hour_slices=HourSlice(hour_intervals=weekend[::-1]), columns=["subscriber"]
    )
    assert subset == again
    for query in (
        subset,
        GroupValues("subscriber", "duration", *DAY, hour_slices=weekend),
        EventsTablesUnion(*DAY, columns=["msisdn"]),
        UniqueSubscribers(*DAY),
        SubscriberLocationSubset(*DAY, min_calls=2),
    ):
        assert rebuild(declare(query)) == query


def test_groups_need_columns_of_their_own() -> None:
    for group, value in (([], "duration"), ("msisdn", []), ("msisdn", ["subscriber"]), ("msisdn", "nope")):
        with pytest.raises(ValueError):
            GroupValues(group, value, *DAY)
    with pytest.raises(TypeError):
        GroupValues("msisdn", "duration", *DAY, columns=["id"])


def test_what_is_put_together_must_have_the_columns() -> None:
    one, other = daily_location(DAY[0]), CustomQuery("SELECT a, subscriber FROM t", ["a", "subscriber"])
    with pytest.raises(MissingColumnsError, match="pcod"):
        CombineFirst(
            first_query=one, other_query=other, join_columns=["subscriber"], combine_columns=["pcod"]
        )
    with pytest.raises(ValueError):
        CombineFirst(
            first_query=one, other_query=one, join_columns=["subscriber"], combine_columns=["subscriber"]
        )
    with pytest.raises(MissingColumnsError, match="pcod"):
        UniqueValuesFromQueries(query_list=[one, other], column_names="pcod")
    with pytest.raises(ValueError):
        UniqueValuesFromQueries(query_list=[], column_names="pcod")


def test_columns_of_what_is_combined_are_sorted() -> None:
    query = CustomQuery("SELECT d, c, b, a FROM t", ["d", "c", "b", "a"])
    combined = CombineFirst(
        first_query=query, other_query=query, join_columns=["d", "c"], combine_columns=["b", "a", "b"]
    )
    assert combined.column_names == ["c", "d", "a", "b"]


def test_arguments_of_median_filters_and_columns() -> None:
    assert valid_median_window("width", 5) == 5
    for width in (4, 1, 2, -3):
        with pytest.raises(ValueError, match="width must be odd"):
            valid_median_window("width", width)
    day = daily_location(DAY[0])
    assert validate_column_present("column", "pcod", day) == "pcod"
    assert validate_column_present("column", None, day) is None
    with pytest.raises(ValueError, match="Cannot be None"):
        validate_column_present("column", None, day, allow_none=False)
    with pytest.raises(ValueError, match="'nope' not in query's columns"):
        validate_column_present("column", "nope", day)


def test_direction_as_sql() -> None:
    assert [direction.required_columns for direction in Direction] == [["outgoing"], ["outgoing"], []]
    assert [direction.get_filter_clause() for direction in Direction] == ["NOT outgoing", "outgoing", ""]
    assert Direction.IN.get_filter_clause(prefix="calls") == "NOT calls.outgoing"
