"""Who had contact with whom, for how long and from how far, against the definitions."""

from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowmachine.core import CustomQuery
from flowmachine.core.errors import InvalidSpatialUnitError
from flowmachine.features import DistanceMatrix, daily_location
from flowmachine.features.subscriber.contact_balance import ContactBalance
from flowmachine.features.subscriber.contact_reciprocal import (
    ContactReciprocal,
    ProportionContactReciprocal,
    ProportionEventReciprocal,
)
from flowmachine.features.subscriber.contact_reference_locations_stats import ContactReferenceLocationStats
from flowmachine.features.subscriber.distance_counterparts import DistanceCounterparts
from flowmachine.features.subscriber.event_count import EventCount
from flowmachine.features.subscriber.pareto_interactions import ParetoInteractions
from flowmachine.features.subscriber.per_contact_event_stats import PerContactEventStats
from flowmachine.features.subscriber.subscriber_call_durations import (
    PairedPerLocationSubscriberCallDurations,
    PairedSubscriberCallDurations,
    PerLocationSubscriberCallDurations,
    SubscriberCallDurations,
)
from flowmachine.features.subscriber.subscriber_degree import SubscriberDegree
from tests.oracle import activity_definitions
from tests.oracle import contact_definitions as definitions
from tests.oracle.cdr import Cdr, cdrs
from tests.oracle.conftest import Runner
from tests.oracle.definitions import Window, last_location
from tests.oracle.strategies import units, windows
from tests.oracle.test_activity import STATISTICS, arguments, as_values, close
from tests.oracle.test_definitions import oracle, unit_of
from tests.oracle.test_definitions import pytestmark as pytestmark

IDENTIFIERS = st.sampled_from(["msisdn", "imei", "imsi"])


def about_msisdn(window: Window, identifier: str) -> Window:
    """Return a window without its subset, which names msisdns, if subscribers are identified otherwise."""
    return window if identifier == "msisdn" else attrs.evolve(window, subset=None)


@oracle
@given(data=cdrs(max_size=40), window=windows(directed=True), exclude=st.booleans(), identifier=IDENTIFIERS)
def test_contact_balance_and_degree(
    run: Runner, data: list[Cdr], window: Window, exclude: bool, identifier: str
) -> None:
    window = about_msisdn(window, identifier)
    given = {
        "direction": window.direction,
        "exclude_self_calls": exclude,
        "subscriber_identifier": identifier,
        **arguments(window),
    }
    pairs = definitions.contacts(data, window, exclude, identifier)
    balance = ContactBalance(window.start, window.stop, **given)
    rows = run(data, balance)
    assert {row[:2]: row[2] for row in rows} == pairs
    assert {row[:2]: row[2:] for row in rows} == {
        pair: (number, pytest.approx(share))
        for pair, (number, share) in definitions.contact_balance(pairs).items()
    }
    assert len(rows) == len(pairs)
    assert dict(run(data, SubscriberDegree(window.start, window.stop, **given))) == definitions.degree(pairs)
    counterparts = {other for _, other in pairs}
    assert sorted(run(data, balance.counterparts_subset())) == [(who,) for who in sorted(counterparts)]
    if identifier == "msisdn":
        everybody = sorted(counterparts | {who for who, _ in pairs})
        both = balance.counterparts_subset(include_subscribers=True)
        assert sorted(run(data, both)) == [(who,) for who in everybody]


@pytest.mark.parametrize("identifier", ["imei", "imsi"])
def test_counterparts_are_not_mixed_with_subscribers_of_another_kind(identifier: str) -> None:
    balance = ContactBalance("2016-01-01", "2016-01-02", subscriber_identifier=identifier)
    with pytest.raises(ValueError, match=f"by {identifier}"):
        balance.counterparts_subset(include_subscribers=True)


def test_counterparts_are_a_subset_of_subscribers(run: Runner) -> None:
    from tests.oracle.strategies import INSTANTS

    data = [
        Cdr("calls", "a", INSTANTS[0], outgoing=True, msisdn_counterpart="b"),
        Cdr("calls", "b", INSTANTS[0], outgoing=False, msisdn_counterpart="a"),
        Cdr("sms", "b", INSTANTS[1], outgoing=True, msisdn_counterpart="c"),
    ]
    called = ContactBalance("2016-01-01", "2016-01-02", direction="out", tables="events.calls")
    query = EventCount("2016-01-01", "2016-01-02", subscriber_subset=called.counterparts_subset())
    assert run(data, query) == [("b", 2)]


@oracle
@given(data=cdrs(max_size=40), window=windows(), statistic=STATISTICS)
def test_per_contact_event_stats(run: Runner, data: list[Cdr], window: Window, statistic: str) -> None:
    balance = ContactBalance(window.start, window.stop, **arguments(window))
    pairs = definitions.contacts(data, window, exclude_self_calls=True)
    expected = activity_definitions.per_subscriber(
        statistic, ((who, number) for (who, _), number in pairs.items())
    )
    assert as_values(run(data, PerContactEventStats(balance, statistic))) == close(expected)


def directions(data: list[Cdr], window: Window, exclude: bool) -> tuple[definitions.Pairs, definitions.Pairs]:
    received, made = (
        definitions.contacts(data, attrs.evolve(window, direction=direction), exclude)
        for direction in ("in", "out")
    )
    return received, made


@oracle
@given(data=cdrs(max_size=40), window=windows(), exclude=st.booleans())
def test_contact_reciprocal(run: Runner, data: list[Cdr], window: Window, exclude: bool) -> None:
    query = ContactReciprocal(window.start, window.stop, exclude_self_calls=exclude, **arguments(window))
    pairs = directions(data, window, exclude)
    expected = definitions.contact_reciprocal(*pairs)
    rows = run(data, query)
    assert {row[:2]: row[2:] for row in rows} == {
        pair: (events_in, events_out, pytest.approx(share_in), pytest.approx(share_out), both)
        for pair, (events_in, events_out, share_in, share_out, both) in expected.items()
    }
    assert len(rows) == len(expected)
    shares = run(data, ProportionContactReciprocal(query))
    assert as_values(shares) == close(definitions.proportion_contact_reciprocal(*pairs))


@oracle
@given(
    data=cdrs(max_size=40),
    window=windows(directed=True),
    known=windows(),
    exclude=st.booleans(),
    identifier=IDENTIFIERS,
)
def test_proportion_event_reciprocal(
    run: Runner, data: list[Cdr], window: Window, known: Window, exclude: bool, identifier: str
) -> None:
    window = about_msisdn(window, identifier)
    contacts = ContactReciprocal(known.start, known.stop, exclude_self_calls=False, **arguments(known))
    query = ProportionEventReciprocal(
        window.start,
        window.stop,
        contacts,
        direction=window.direction,
        exclude_self_calls=exclude,
        subscriber_identifier=identifier,
        **arguments(window),
    )
    received, made = directions(data, known, exclude=False)
    both = received.keys() & made.keys()
    expected = definitions.proportion_event_reciprocal(data, window, exclude, both, identifier)
    assert as_values(run(data, query)) == close(expected)


def test_an_event_without_a_direction_makes_no_contact_reciprocal(run: Runner) -> None:
    from tests.oracle.strategies import INSTANTS

    data = [
        Cdr("calls", "a", INSTANTS[0], outgoing=True, msisdn_counterpart="b"),
        Cdr("calls", "a", INSTANTS[0], outgoing=None, msisdn_counterpart="b"),
        Cdr("calls", "a", INSTANTS[0], outgoing=None, msisdn_counterpart="c"),
    ]
    assert run(data, ContactReciprocal("2016-01-01", "2016-01-02")) == [("a", "b", 0, 1, 0, 1, False)]


@oracle
@given(
    data=cdrs(max_size=40),
    window=windows(directed=True),
    proportion=st.sampled_from(["0.8", "0.5", "0.07", "0.999", "0.001"]),
    exclude=st.booleans(),
)
def test_pareto_interactions(
    run: Runner, data: list[Cdr], window: Window, proportion: str, exclude: bool
) -> None:
    query = ParetoInteractions(
        window.start,
        window.stop,
        float(proportion),
        direction=window.direction,
        exclude_self_calls=exclude,
        **arguments(window),
    )
    pairs = definitions.contacts(data, window, exclude)
    assert as_values(run(data, query)) == close(definitions.pareto(pairs, Decimal(proportion)))


def test_pareto_interactions_count_decimals_exactly(run: Runner) -> None:
    from tests.oracle.strategies import INSTANTS

    numbers = {"b": 7, **{f"c{n}": 1 for n in range(93)}}
    data = [
        Cdr("calls", "a", INSTANTS[0], outgoing=True, msisdn_counterpart=other)
        for other, number in numbers.items()
        for _ in range(number)
    ]
    # 0.07 * 100 is more than 7 in floats, which would need another contact.
    assert run(data, ParetoInteractions("2016-01-01", "2016-01-02", 0.07)) == [("a", 1 / 94)]


@pytest.mark.parametrize("proportion", [0, 1, -0.5, 1.5, float("nan")])
def test_a_proportion_is_between_0_and_1(proportion: float) -> None:
    with pytest.raises(ValueError, match="greater than 0 and less than 1"):
        ParetoInteractions("2016-01-01", "2016-01-02", proportion)


def of_calls(window: Window, direction: str | None = None) -> tuple[Window, dict[str, Any]]:
    """Return a window of calls only, and the parameters that classes about calls take for it."""
    given = arguments(window)
    del given["tables"]
    changed = attrs.evolve(window, tables=frozenset({"calls"}), direction=direction or window.direction)
    return changed, given


@oracle
@given(data=cdrs(max_size=40), window=windows(directed=True), unit=units, statistic=STATISTICS)
def test_call_durations(run: Runner, data: list[Cdr], window: Window, unit: str, statistic: str) -> None:
    window, given = of_calls(window)
    given |= {"direction": window.direction, "statistic": statistic}
    query = SubscriberCallDurations(window.start, window.stop, **given)
    assert as_values(run(data, query)) == close(definitions.durations(data, window, statistic))
    by_place = PerLocationSubscriberCallDurations(
        window.start, window.stop, spatial_unit=unit_of(unit), **given
    )
    expected = definitions.durations_by_place(data, window, unit, statistic)
    assert as_values(run(data, by_place)) == close(expected)


@oracle
@given(data=cdrs("calls", max_size=40), window=windows(), unit=units, statistic=STATISTICS)
def test_paired_call_durations(
    run: Runner, data: list[Cdr], window: Window, unit: str, statistic: str
) -> None:
    window, given = of_calls(window, "out")
    given |= {"statistic": statistic}
    query = PairedSubscriberCallDurations(window.start, window.stop, **given)
    assert as_values(run(data, query)) == close(definitions.durations_by_contact(data, window, statistic))
    by_place = PairedPerLocationSubscriberCallDurations(
        window.start, window.stop, spatial_unit=unit_of(unit), **given
    )
    width = len(unit_of(unit).location_id_columns)
    expected = definitions.durations_by_contact_and_place(data, window, unit, statistic, width)
    assert as_values(run(data, by_place)) == close(expected)


@pytest.fixture(scope="module")
def distances(run: Runner) -> definitions.Distances:
    """Return the distances in kilometres between the positions of the country."""
    rows = run([], DistanceMatrix(unit_of("lon-lat")))
    return {
        ((lon_from, lat_from), (lon_to, lat_to)): value for lon_from, lat_from, lon_to, lat_to, value in rows
    }


@oracle
@given(data=cdrs(max_size=40), window=windows(directed=True), exclude=st.booleans(), statistic=STATISTICS)
def test_distance_counterparts(
    run: Runner,
    distances: definitions.Distances,
    data: list[Cdr],
    window: Window,
    exclude: bool,
    statistic: str,
) -> None:
    query = DistanceCounterparts(
        window.start,
        window.stop,
        statistic,
        direction=window.direction,
        exclude_self_calls=exclude,
        **arguments(window),
    )
    expected = definitions.distance_counterparts(data, window, exclude, statistic, distances)
    assert as_values(run(data, query)) == close(expected)


@oracle
@given(data=cdrs(max_size=40), window=windows(), day=windows(whole_day=True), statistic=STATISTICS)
def test_contact_reference_location_stats(
    run: Runner,
    distances: definitions.Distances,
    data: list[Cdr],
    window: Window,
    day: Window,
    statistic: str,
) -> None:
    balance = ContactBalance(window.start, window.stop, **arguments(window))
    locations = daily_location(day.start, spatial_unit=unit_of("lon-lat"))
    everybody = Window(day.start, day.stop)
    events = [(cdr.msisdn, cdr.datetime, cdr.location_id, bool(cdr.outgoing), cdr.table) for cdr in data]
    homes = last_location(events, everybody, "lon-lat")
    pairs = definitions.contacts(data, window, exclude_self_calls=True)
    expected = definitions.contact_distances(pairs, homes, statistic, distances)
    found = run(data, ContactReferenceLocationStats(balance, locations, statistic))
    assert as_values(found) == close(expected)


def test_reference_points_may_be_geometries(run: Runner, distances: definitions.Distances) -> None:
    from tests.oracle.strategies import INSTANTS

    data = [
        Cdr("calls", who, INSTANTS[0], outgoing=True, msisdn_counterpart=other)
        for who, other in (("a", "b"), ("a", "c"), ("b", "nowhere"), ("nowhere", "a"))
    ]
    homes = CustomQuery(
        "SELECT who AS subscriber, ST_SetSRID(ST_MakePoint(lon, 0.5), 4326) AS home "
        "FROM (VALUES ('a', 0.5), ('b', 1.5), ('c', 3.5), ('nowhere', NULL)) AS t (who, lon)",
        ["subscriber", "home"],
    )
    balance = ContactBalance("2016-01-01", "2016-01-02")
    found = run(data, ContactReferenceLocationStats(balance, homes, geom_column="home"))
    whole = distances[(0.5, 0.5), (1.5, 0.5)] + distances[(0.5, 0.5), (3.5, 0.5)]
    assert found == [("a", pytest.approx(whole))]


def test_reference_points_need_positions() -> None:
    balance = ContactBalance("2016-01-01", "2016-01-02")
    with pytest.raises(InvalidSpatialUnitError, match="has_lon_lat_columns"):
        ContactReferenceLocationStats(balance, daily_location("2016-01-01"))
    with pytest.raises(ValueError, match="geom_column must be named"):
        ContactReferenceLocationStats(balance, EventCount("2016-01-01", "2016-01-02"))
    with pytest.raises(ValueError, match="has no column nothing"):
        ContactReferenceLocationStats(balance, daily_location("2016-01-01"), geom_column="nothing")
    by_imei = ContactBalance("2016-01-01", "2016-01-02", subscriber_identifier="imei")
    with pytest.raises(ValueError, match="ContactBalance by imei"):
        ContactReferenceLocationStats(by_imei, daily_location("2016-01-01"))
