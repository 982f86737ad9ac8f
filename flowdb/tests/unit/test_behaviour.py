"""The stated behaviour of the synthetic people, on a small network that needs no database."""

import tracemalloc
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from flowdb.geography.nepal import bundled_levels
from flowdb.synthetic.draws import Draws
from flowdb.synthetic.network import Network
from flowdb.synthetic.parameters import ParameterError, Parameters
from flowdb.synthetic.python.amounts import amounts
from flowdb.synthetic.python.behaviour import Day, Rows
from flowdb.synthetic.python.people import People, populate
from flowdb.synthetic.python.rows import encoded
from flowdb.synthetic.settlements import CAPITAL, CENTRE, TOWN, place_sites, settle

FRIDAY, SATURDAY, SUNDAY, MONDAY, TUESDAY = (date(2016, 1, day) for day in range(1, 6))
PARAMETERS = Parameters(
    generator="python",
    subscribers=2_000,
    calls=20_000,
    sms=5_000,
    mds=20_000,
    topups=5_000,
    sites=200,
    cells=200,
    out_of_area=0.0,
    subscribers_seed=12345,
    cells_seed=99999,
)
REGIONS = bundled_levels()[3].geometry.to_numpy()


@pytest.fixture(scope="module")
def network() -> Network:
    draws = Draws("cells", PARAMETERS.cells_seed)
    points = place_sites(settle(REGIONS, draws), REGIONS, PARAMETERS.sites, draws)
    ids = np.array([b"%08x" % number for number in range(len(points))])
    always = np.full(len(points), date.min.toordinal()), np.full(len(points), date.max.toordinal())
    return Network(ids, np.arange(len(points)), np.ones(len(points), dtype=np.int64), points, *always)


@pytest.fixture(scope="module")
def people(network: Network) -> People:
    return populate(network, REGIONS, PARAMETERS)


def day_of(
    people: People, network: Network, day: date, cdr_type: str = "calls", parameters: Parameters = PARAMETERS
) -> Day:
    return Day(people, network, parameters, day, cdr_type, parameters.events_of(cdr_type))


def all_rows(*what: object, **changes: Parameters) -> Rows:
    (rows,) = day_of(*what, **changes).sorted_blocks(10**9)
    return rows


def share_near(people: People, network: Network, site: np.ndarray, day: date, hours: range) -> float:
    """Return the share of calls within hours of a day made at or next to a subscriber's site."""
    rows = all_rows(people, network, day)
    chosen = np.isin(rows.second // 3600, list(hours))
    near = people.neighbours[site[rows.subscriber[chosen]]]
    return float((near == rows.cell[chosen][:, None]).any(axis=1).mean())


def test_rows_do_not_depend_on_the_size_of_blocks(people: People, network: Network) -> None:
    for cdr_type in ("calls", "mds", "topups"):
        day = day_of(people, network, MONDAY, cdr_type)
        whole, parts = (b"".join(encoded(day, people, network, cdr_type, size)) for size in (10**9, 777))
        assert whole == parts


def test_a_day_is_never_held_whole(people: People, network: Network) -> None:
    def peak(events: int) -> int:
        day = Day(people, network, PARAMETERS, MONDAY, "calls", events)
        tracemalloc.start()
        try:
            for _ in encoded(day, people, network, "calls"):
                pass
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    # All that grows is the order of the rows: eight octets for each of the two rows of an event.
    assert peak(300_000) - peak(100_000) < 200_000 * 20


def test_a_part_of_a_day_can_be_made_by_itself(people: People, network: Network) -> None:
    day = day_of(people, network, MONDAY)
    everything, some = all_rows(people, network, MONDAY), day.rows_of(np.array([17, 39_000]))
    for row, cell, who in zip(some.row, some.cell, some.subscriber, strict=True):
        (place,) = np.flatnonzero(everything.row == row)
        assert (everything.cell[place], everything.subscriber[place]) == (cell, who)


def test_other_seeds_days_and_types_give_other_rows(people: People, network: Network) -> None:
    def seconds(*what: object, **changes: Parameters) -> np.ndarray:
        return day_of(people, network, *what, **changes).rows_of(np.arange(100)).second

    base = seconds(MONDAY)
    others = (seconds(MONDAY, parameters=replace(PARAMETERS, events_seed=1)), seconds(TUESDAY))
    for other in (*others, seconds(MONDAY, "sms")):
        assert (other != base).mean() > 0.9


def test_every_event_has_a_row_for_either_party(people: People, network: Network) -> None:
    rows = all_rows(people, network, MONDAY)
    assert len(rows.subscriber) == 2 * PARAMETERS.calls
    pair = np.argsort(rows.event, kind="stable").reshape(-1, 2)
    assert (rows.outgoing[pair].sum(axis=1) == 1).all()
    assert (rows.subscriber[pair[:, 0]] == rows.counterpart[pair[:, 1]]).all()
    assert (rows.second[pair[:, 0]] == rows.second[pair[:, 1]]).all()
    assert (rows.subscriber != rows.counterpart).all()


@pytest.mark.parametrize("cdr_type", ["mds", "topups"])
def test_sessions_and_topups_have_one_row(people: People, network: Network, cdr_type: str) -> None:
    rows = all_rows(people, network, MONDAY, cdr_type)
    assert sorted(rows.event) == list(range(PARAMETERS.events_of(cdr_type)))


def test_rows_are_sorted_by_subscriber_and_time_within_the_day(people: People, network: Network) -> None:
    rows = all_rows(people, network, MONDAY)
    assert (np.diff(rows.subscriber * 86_400 + rows.second) >= 0).all()
    assert (people.msisdn[:-1] < people.msisdn[1:]).all()
    assert rows.second.min() >= 0
    assert rows.second.max() < 86_400


def test_nights_are_quiet_and_free_days_begin_later(people: People, network: Network) -> None:
    def by_hour(day: date) -> np.ndarray:
        return np.bincount(all_rows(people, network, day).second // 3600, minlength=24)

    working, free = by_hour(TUESDAY), by_hour(SUNDAY)
    assert working[1:4].mean() < 0.1 * working[17:20].mean()
    assert free[6] < 0.7 * working[6]


def test_people_are_at_home_at_night_and_at_work_by_day(people: People, network: Network) -> None:
    commute = (people.work != people.home) & (people.lodging == people.home)
    assert 0.1 < commute.mean() < 0.5
    assert share_near(people, network, people.lodging, TUESDAY, range(20, 24)) > 0.85
    assert share_near(people, network, people.work, TUESDAY, range(11, 15)) > 0.85


def test_those_who_work_away_are_at_home_at_weekends_only(people: People, network: Network) -> None:
    away = people.lodging != people.home
    assert 0.05 < away.mean() < 0.3
    assert share_near(people, network, people.home, SUNDAY, range(10, 24)) > 0.85
    assert share_near(people, network, people.lodging, TUESDAY, range(18, 24)) > 0.85
    assert share_near(people, network, people.home, TUESDAY, range(18, 24)) < 0.95


def test_some_travel_and_they_are_the_same_for_all_types(people: People, network: Network) -> None:
    def afield(cdr_type: str) -> set[int]:
        rows = all_rows(people, network, SUNDAY, cdr_type)
        late = rows.second > 12 * 3600
        near = people.neighbours[people.home[rows.subscriber]] == rows.cell[:, None]
        return set(rows.subscriber[late & ~near.any(axis=1)])

    calls, mds = afield("calls"), afield("mds")
    # Some have business at the hub or in the capital without leaving home.
    assert 0.03 < len(calls) / len(people.home) < 0.06
    assert mds <= calls | mds
    assert len(mds & calls) > 0.7 * len(mds)


def test_the_share_out_of_area_is_as_stated(people: People, network: Network) -> None:
    at_home = share_near(people, network, people.home, SUNDAY, range(2, 7))
    rows = all_rows(people, network, SUNDAY, parameters=replace(PARAMETERS, out_of_area=0.5))
    chosen = rows.second < 7 * 3600
    near = people.neighbours[people.home[rows.subscriber[chosen]]] == rows.cell[chosen][:, None]
    assert near.any(axis=1).mean() == pytest.approx(0.5 * at_home, abs=0.06)


def test_cells_out_of_service_have_no_events(people: People, network: Network) -> None:
    opened, closed = network.opened.copy(), network.closed.copy()
    opened[:50], closed[50:100] = TUESDAY.toordinal(), SUNDAY.toordinal()
    changing = replace(network, opened=opened, closed=closed)
    numbers = set(range(len(network.cell_ids)))
    assert set(all_rows(people, changing, SUNDAY).cell) == numbers - set(range(50))
    assert set(all_rows(people, changing, MONDAY).cell) == numbers - set(range(100))
    assert set(all_rows(people, changing, TUESDAY).cell) == numbers - set(range(50, 100))
    with pytest.raises(ParameterError, match="No cell is in service on 2016-01-05"):
        day_of(people, replace(network, closed=np.ones_like(closed)), TUESDAY)


def test_contacts_are_called_again(people: People, network: Network) -> None:
    rows = all_rows(people, network, MONDAY)
    callers = rows.subscriber[rows.outgoing]
    called = rows.counterpart[rows.outgoing]
    assert (people.contacts[callers] == called[:, None]).any(axis=1).all()
    pairs = np.unique(callers.astype(np.int64) * len(people.home) + called)
    assert len(pairs) < 0.5 * len(callers)
    assert people.contacts.shape == (PARAMETERS.subscribers, PARAMETERS.interactions)


def test_activity_varies_unless_asked_not_to(people: People, network: Network) -> None:
    def spread(who: People) -> float:
        rows = all_rows(who, network, MONDAY, "mds")
        events = np.bincount(rows.subscriber, minlength=PARAMETERS.subscribers)
        return float(events.std() / events.mean())

    even = populate(network, REGIONS, replace(PARAMETERS, equally_active=True))
    # Ten events each on average: of a Poisson distribution alone the deviation is a third of the mean.
    assert spread(even) == pytest.approx(10**-0.5, abs=0.03)
    assert spread(people) > 0.65


def test_phones_are_used_in_turn(network: Network) -> None:
    parameters = replace(PARAMETERS, phones=4)
    rows = all_rows(populate(network, REGIONS, parameters), network, MONDAY, parameters=parameters)
    assert (rows.phone // 4 == rows.subscriber).all()
    assert np.bincount(rows.phone % 4) / len(rows.phone) == pytest.approx(0.25, abs=0.01)


def test_more_people_live_in_the_capital_than_elsewhere(people: People) -> None:
    settlements = settle(REGIONS, Draws("cells", PARAMETERS.cells_seed))
    assert settlements.people.max() == 140_000
    assert settlements.people.sum() == 1_000_000
    assert np.bincount(people.home).max() > 3 * np.bincount(people.home).mean()


def test_cells_are_where_people_are(network: Network) -> None:
    draws = Draws("cells", PARAMETERS.cells_seed)
    settlements = settle(REGIONS, draws)
    near = [
        (np.linalg.norm((network.points - middle) / 1e6, axis=1) < 0.2).sum() for middle in settlements.middle
    ]
    urban, rural = (np.isin(settlements.kind, kinds) for kinds in ((CAPITAL, CENTRE), (TOWN,)))
    assert np.mean(np.array(near)[urban]) > 2 * np.mean(np.array(near)[rural])


def test_amounts_add_up() -> None:
    draws, event = Draws("amounts"), np.arange(10_000)
    call = amounts("calls", event, draws)["duration"]
    assert call.min() >= 1
    assert 80 < np.median(call) < 120
    assert 150 < call.mean() < 300
    mds = amounts("mds", event, draws)
    assert (mds["volume_total"] == mds["volume_upload"] + mds["volume_download"]).all()
    assert mds["volume_total"].min() >= 1
    assert mds["volume_total"].max() <= 1024_00
    assert 0 <= mds["duration"].min() < mds["duration"].max() <= 900_00
    topup = amounts("topups", event, draws)
    assert set(topup["recharge_amount"]) == {100 * units for units in range(1, 11)}
    assert set(topup["airtime_fee"]) == {50}
    assert (topup["tax_and_fee"] * 10 == topup["recharge_amount"] + topup["airtime_fee"]).all()
    assert (topup["post_event_balance"] == topup["pre_event_balance"] + topup["recharge_amount"]).all()
    assert 0 <= topup["pre_event_balance"].min() < topup["pre_event_balance"].max() <= 590_00
    assert amounts("sms", event, draws) == {}


def test_too_many_events_are_refused(people: People, network: Network) -> None:
    day = Day(people, network, PARAMETERS, MONDAY, "calls", 10**12)
    with pytest.raises(ParameterError, match="SYNTHETIC_DATA_GENERATOR=sql"):
        next(day.sorted_blocks(1))


@pytest.mark.parametrize(
    "changes", [{"sites": 10, "cells": 9}, {"subscribers": 1}, {"out_of_area": 1.1}, {"out_of_area": -0.1}]
)
def test_impossible_parameters_are_refused(changes: dict[str, float]) -> None:
    with pytest.raises(ParameterError):
        replace(PARAMETERS, **changes)
