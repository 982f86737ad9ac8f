"""Queries that place subscribers, against their definitions."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from flowmachine.core.disclosure import disclose
from flowmachine.features import (
    ActiveAtReferenceLocation,
    ActiveAtReferenceLocationCounts,
    CallDays,
    DayTrajectories,
    FirstLocation,
    LastLocation,
    LocationVisits,
    MostFrequentLocation,
    UniqueLocations,
    UniqueSubscriberCounts,
    UniqueVisitorCounts,
    VisitedMostDays,
)
from flowmachine.features.utilities.subscriber_locations import SubscriberLocations
from tests.country import Event
from tests.oracle import definitions
from tests.oracle import given as rows_given
from tests.oracle import locating_definitions as meaning
from tests.oracle.conftest import Runner
from tests.oracle.definitions import Place, Window
from tests.oracle.strategies import SUBSCRIBERS, crowds, events, units, windows
from tests.oracle.test_definitions import (
    METHODS,
    as_locations,
    check_aggregate,
    daily,
    days,
    oracle,
    parameters,
    unit_of,
)
from tests.oracle.test_definitions import pytestmark as pytestmark


def as_rows(found: Sequence[tuple[Any, ...]]) -> Counter[tuple[str, Place]]:
    return Counter((row[0], row[1:]) for row in found)


def as_counts(found: Sequence[tuple[Any, ...]]) -> dict[tuple[str, Place], Any]:
    counts = {(row[0], row[1:-1]): row[-1] for row in found}
    assert len(counts) == len(found)
    return counts


def locations_in(window: Window, unit: str, ignore_nulls: bool = True) -> SubscriberLocations:
    return SubscriberLocations(
        window.start,
        window.stop,
        spatial_unit=unit_of(unit),
        ignore_nulls=ignore_nulls,
        **parameters(window),
    )


@oracle
@given(data=events, window=windows(), unit=units, ignore_nulls=st.booleans())
def test_every_event_with_its_place(
    run: Runner, data: list[Event], window: Window, unit: str, ignore_nulls: bool
) -> None:
    found = run(data, locations_in(window, unit, ignore_nulls))
    expected = meaning.placed(data, window, unit, ignore_nulls=ignore_nulls)
    assert Counter(found) == Counter((who, when, *place) for who, when, place in expected)


@oracle
@given(data=events, window=windows(), unit=st.sampled_from(["cell", "admin3"]))
def test_a_place_may_be_unknown(run: Runner, data: list[Event], window: Window, unit: str) -> None:
    seen = meaning.placed(data, window, unit, ignore_nulls=False)
    for cls, expected in (
        (LastLocation, meaning.last_location(seen)),
        (MostFrequentLocation, meaning.most_frequent_location(seen)),
    ):
        query = cls(window.start, window.stop, unit_of(unit), ignore_nulls=False, **parameters(window))
        assert as_locations(run(data, query)) == expected


@oracle
@given(data=events, days=days, unit=units)
def test_trajectories_and_visits(
    run: Runner, data: list[Event], days: list[tuple[Window, str]], unit: str
) -> None:
    query = DayTrajectories(*(daily(window, unit, method) for window, method in days))
    expected = [
        (who, place, window.start.replace(tzinfo=None))
        for window, method in days
        for who, place in METHODS[method](data, window, unit).items()
    ]
    assert Counter((row[0], row[1:-1], row[-1]) for row in run(data, query)) == Counter(expected)
    visits = Counter((who, place) for who, place, _ in expected)
    assert as_counts(run(data, LocationVisits(query))) == visits


sources = st.sampled_from(["events", "subset"])


def source_of(window: Window, unit: str, ignore_nulls: bool, source: str) -> Any:
    """Return subscribers' events as such, which are reduced by day, or as any other query gives them."""
    query = locations_in(window, unit, ignore_nulls)
    return query if source == "events" else query.subset("subscriber", SUBSCRIBERS)


@oracle
@given(data=events, window=windows(), unit=units, ignore_nulls=st.booleans(), source=sources)
def test_days_at_places(
    run: Runner, data: list[Event], window: Window, unit: str, ignore_nulls: bool, source: str
) -> None:
    query = source_of(window, unit, ignore_nulls, source)
    seen = meaning.placed(data, window, unit, ignore_nulls)
    assert as_locations(run(data, VisitedMostDays(subscriber_locations=query))) == meaning.visited_most_days(
        seen
    )
    assert as_counts(run(data, CallDays(query))) == meaning.call_days(seen)
    assert as_rows(run(data, UniqueLocations(query))) == Counter({(who, place) for who, _, place in seen})


@oracle
@given(
    data=events,
    window=windows(),
    unit=units,
    ignore_nulls=st.booleans(),
    wanted=st.lists(
        st.sampled_from(["c0", "c1", "moved", "R0", "R2", "P1", "XX", "", "it's; --"]), min_size=1, max_size=3
    ),
)
def test_first_location_by_name(
    run: Runner, data: list[Event], window: Window, unit: str, ignore_nulls: bool, wanted: list[str]
) -> None:
    common = {"ignore_nulls": ignore_nulls, "spatial_unit": unit_of(unit), **parameters(window)}
    if unit == "lon-lat":
        positions = [(0.5, 0.5), (3.2, 0.2), (1.5, 0.5)][: len(wanted)]
        query = FirstLocation(window.start, window.stop, location=positions, **common)
        places = frozenset(positions)
    else:
        query = FirstLocation(window.start, window.stop, location=wanted, **common)
        places = frozenset((name,) for name in wanted)
        column = unit_of(unit).location_id_columns[0]
        again = FirstLocation(
            window.start, window.stop, location=[{column: name} for name in wanted], **common
        )
        assert sorted(run(data, again)) == sorted(run(data, query))
    seen = meaning.placed(data, window, unit, ignore_nulls)
    assert dict(run(data, query)) == meaning.first_location(seen, places)


@oracle
@given(data=events, window=windows(), ignore_nulls=st.booleans())
def test_first_location_anywhere(run: Runner, data: list[Event], window: Window, ignore_nulls: bool) -> None:
    query = FirstLocation(
        window.start, window.stop, location="any", ignore_nulls=ignore_nulls, **parameters(window)
    )
    seen = meaning.placed(data, window, "cell", ignore_nulls)
    assert dict(run(data, query)) == meaning.first_location(seen, None)


@oracle
@given(
    data=crowds,
    window=windows(),
    unit=units,
    reference=windows(whole_day=True),
)
def test_counts_over_events(
    run: Runner, data: list[Event], window: Window, unit: str, reference: Window
) -> None:
    places = UniqueLocations(locations_in(window, unit))
    residents = daily(reference, unit, "last")
    rows = {(who, place) for who, _, place in meaning.placed(data, window, unit)}
    home = definitions.last_location(data, reference, unit)
    active = ActiveAtReferenceLocationCounts(ActiveAtReferenceLocation(places, residents))
    check_aggregate(run, data, active, meaning.active_counts(rows, home))
    everybody = UniqueSubscriberCounts(window.start, window.stop, unit_of(unit), **parameters(window))
    visitors = UniqueVisitorCounts(active, everybody)
    expected = meaning.unique_visitor_counts(
        meaning.active_counts(rows, home), definitions.unique_subscriber_counts(data, window, unit)
    )
    check_aggregate(run, data, visitors, expected)


near = st.integers(14, 18)


@oracle
@given(numbers=st.lists(st.tuples(near, near), min_size=1, max_size=2), absent=st.integers(0, 3))
def test_visitors_of_places_with_about_as_many_as_the_threshold(
    run: Runner, numbers: list[tuple[int, int]], absent: int
) -> None:
    noon = dt.datetime(2016, 1, 1, 12, tzinfo=dt.UTC)
    home: list[Any] = []
    data: list[Event] = []
    for cell, (residents, visitors) in zip(("c0", "c1"), numbers, strict=False):
        own = [f"{cell}-{number}" for number in range(residents)]
        home += [(who, (cell,)) for who in [*own, *(f"{cell}-away-{number}" for number in range(absent))]]
        seen = [*own, *(f"{cell}-visitor-{number}" for number in range(visitors))]
        data += [(who, noon, cell, True, "calls") for who in seen]
    window = Window(noon, noon + dt.timedelta(days=1))
    places = UniqueLocations(locations_in(window, "cell"))
    active = ActiveAtReferenceLocationCounts(
        ActiveAtReferenceLocation(places, rows_given.given(home, "cell"))
    )
    query = UniqueVisitorCounts(active, UniqueSubscriberCounts(window.start, window.stop))
    released = {row[0]: row[1] for row in run(data, disclose(query, 15))}
    assert released == {
        cell: visitors
        for cell, (residents, visitors) in zip(("c0", "c1"), numbers, strict=False)
        if residents > 15 and visitors > 15
    }
