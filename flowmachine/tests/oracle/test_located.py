"""Queries over locations, whatever they are, against their definitions."""

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowmachine.features import (
    ActiveAtReferenceLocation,
    ActiveAtReferenceLocationCounts,
    UniqueLocations,
)
from flowmachine.features.location.flows import Flows
from flowmachine.features.location.unmoving_at_reference_location_counts import (
    UnmovingAtReferenceLocationCounts,
)
from flowmachine.features.location.unmoving_counts import UnmovingCounts
from flowmachine.features.subscriber.coalesced_location import CoalescedLocation
from flowmachine.features.subscriber.filtered_reference_location import FilteredReferenceLocation
from flowmachine.features.subscriber.majority_location import (
    MajorityLocation,
    MajorityLocationWithUnlocatable,
    majority_location,
)
from flowmachine.features.subscriber.mobility_classification import MobilityClassification
from flowmachine.features.subscriber.subscriber_stay_lengths import SubscriberStayLengths
from flowmachine.features.subscriber.unmoving import Unmoving
from flowmachine.features.subscriber.unmoving_at_reference_location import UnmovingAtReferenceLocation
from tests.oracle import given as rows_given
from tests.oracle import locating_definitions as meaning
from tests.oracle.conftest import Runner
from tests.oracle.definitions import Place
from tests.oracle.test_definitions import (
    as_locations,
    check_aggregate,
    oracle,
)
from tests.oracle.test_definitions import pytestmark as pytestmark


def as_rows(found: Sequence[tuple[Any, ...]]) -> Counter[tuple[str, Place]]:
    return Counter((row[0], row[1:]) for row in found)


@st.composite
def weighted(draw: st.DrawFn) -> tuple[str, list[tuple[str, Place, Any]]]:
    unit = draw(rows_given.units)
    place = st.sampled_from(rows_given.PLACES[unit])
    weight = st.none() | st.sampled_from([-2, -1, 0, 0.5, 1, 2, 3, 4])
    return unit, draw(st.lists(st.tuples(rows_given.subscribers, place, weight), max_size=12))


@oracle
@given(weights=weighted(), least=st.sampled_from([0, 1, 2.5, 8]), everybody=st.booleans())
def test_majority_location(run: Runner, weights: Any, least: float, everybody: bool) -> None:
    unit, rows = weights
    given_weights = {
        "subscriber_location_weights": rows_given.Given(
            tuple((who, *place, weight) for who, place, weight in rows), unit, valued=True, several=True
        ),
        "weight_column": "value",
        "minimum_total_weight": least,
    }
    query = MajorityLocation(**given_weights)
    if everybody:
        query = MajorityLocationWithUnlocatable(majority_location=query)
    assert query == majority_location(**given_weights, include_unlocatable=everybody)
    expected = dict(meaning.majority_location(rows, least))
    if everybody:
        nowhere = (None,) * len(rows_given.UNITS[unit].location_id_columns)
        expected = {who: expected.get(who, nowhere) for who, _, _ in rows}
    assert as_locations(run([], query)) == expected


@oracle
@given(data=st.data(), unit=rows_given.units)
def test_coalesced_location(run: Runner, data: st.DataObject, unit: str) -> None:
    preferred, fallback = (data.draw(rows_given.locations(unit)) for _ in range(2))
    query = CoalescedLocation(*(rows_given.given(rows.items(), unit) for rows in (preferred, fallback)))
    names = list(query.spatial_unit.location_id_columns)
    order = [names.index(name) for name in query.column_names[1:]]
    expected = meaning.coalesced_location(preferred, fallback)
    assert query.column_names[1:] == sorted(names)
    assert as_locations(run([], query)) == {
        who: tuple(place[index] for index in order) for who, place in expected.items()
    }


@oracle
@given(
    data=st.data(), weights=weighted(), low=st.sampled_from([-1, 0, 1.5]), high=st.sampled_from([2, math.inf])
)
def test_filtered_reference_location(
    run: Runner, data: st.DataObject, weights: Any, low: float, high: float
) -> None:
    unit, rows = weights
    reference = data.draw(rows_given.located(unit))
    values = rows_given.Given(
        tuple((who, *place, value) for who, place, value in rows), unit, valued=True, several=True
    )
    query = FilteredReferenceLocation(
        rows_given.given(reference, unit, several=True), values, low, upper_bound=high
    )
    assert as_rows(run([], query)) == Counter(meaning.filtered(reference, rows, low, high))


def unique(rows: Any, unit: str) -> UniqueLocations:
    return UniqueLocations(rows_given.given(rows, unit, several=True))


@oracle
@given(data=st.data(), unit=rows_given.units)
def test_unmoving(run: Runner, data: st.DataObject, unit: str) -> None:
    rows = data.draw(rows_given.located(unit) | rows_given.crowded(unit))
    places = unique(rows, unit)
    assert as_rows(run([], places)) == Counter(set(rows))
    still = meaning.unmoving(rows)
    assert dict(run([], Unmoving(places))) == still
    expected = meaning.counted(row for row in set(rows) if still[row[0]])
    check_aggregate(run, [], UnmovingCounts(Unmoving(places)), expected)


@oracle
@given(data=st.data(), unit=rows_given.units, crowd=st.booleans())
def test_at_reference_locations(run: Runner, data: st.DataObject, unit: str, crowd: bool) -> None:
    rows = data.draw(rows_given.crowded(unit) if crowd else rows_given.located(unit))
    reference = data.draw(rows_given.crowded_locations(unit) if crowd else rows_given.locations(unit))
    inputs = unique(rows, unit), rows_given.given(reference.items(), unit)
    active, still = ActiveAtReferenceLocation(*inputs), UnmovingAtReferenceLocation(*inputs)
    assert Counter(run([], active)) == Counter(meaning.active_at_reference(rows, reference.items()))
    check_aggregate(run, [], ActiveAtReferenceLocationCounts(active), meaning.active_counts(rows, reference))
    stayed = meaning.unmoving_at_reference(rows, reference)
    assert dict(run([], still)) == stayed
    expected = meaning.counted((who, reference[who]) for who, stays in stayed.items() if stays)
    check_aggregate(run, [], UnmovingAtReferenceLocationCounts(still), expected)


@oracle
@given(data=st.data(), unit=rows_given.units)
def test_active_at_one_of_several_reference_locations(run: Runner, data: st.DataObject, unit: str) -> None:
    rows, reference = (data.draw(rows_given.located(unit)) for _ in range(2))
    query = ActiveAtReferenceLocation(unique(rows, unit), rows_given.given(reference, unit, several=True))
    assert Counter(run([], query)) == Counter(meaning.active_at_reference(rows, reference))


@oracle
@given(data=st.data(), unit=rows_given.units)
def test_flows_between_several_places_count_subscribers_for_release(
    run: Runner, data: st.DataObject, unit: str
) -> None:
    rows, then = data.draw(rows_given.crowded(unit)), data.draw(rows_given.crowded_locations(unit))
    query = Flows(unique(rows, unit), rows_given.given(then.items(), unit))
    pairs = Counter((*place, *then[who]) for who, place in set(rows) if who in then)
    check_aggregate(run, [], query, {pair: (number, number) for pair, number in pairs.items()})


@st.composite
def periods(draw: st.DrawFn) -> tuple[str, list[dict[str, Place]]]:
    unit = draw(rows_given.units)
    return unit, draw(st.lists(rows_given.locations(unit), min_size=1, max_size=6))


@oracle
@given(drawn=periods(), statistic=st.sampled_from(sorted(meaning.STATISTICS)))
def test_stay_lengths(run: Runner, drawn: Any, statistic: str) -> None:
    unit, several = drawn
    query = SubscriberStayLengths(
        locations=[rows_given.given(rows.items(), unit) for rows in several], statistic=statistic
    )
    found = {who: None if value is None else float(value) for who, value in run([], query)}
    assert found == pytest.approx(meaning.stay_lengths(several, statistic))


@oracle
@given(drawn=periods(), threshold=st.integers(0, 4))
def test_mobility_classification(run: Runner, drawn: Any, threshold: int) -> None:
    unit, several = drawn
    query = MobilityClassification(
        locations=[rows_given.given(rows.items(), unit) for rows in several],
        stay_length_threshold=threshold,
    )
    found = run([], query)
    assert len(found) == len(dict(found))
    assert dict(found) == meaning.mobility_classification(several, threshold)
