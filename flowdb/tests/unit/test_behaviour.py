"""The stated behaviour of the synthetic people, on a small network that needs no database."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from flowdb.geography.nepal import bundled_levels
from flowdb.synthetic.network import Network
from flowdb.synthetic.parameters import ParameterError, Parameters
from flowdb.synthetic.python.behaviour import MICROSECONDS, events_of_day, microseconds
from flowdb.synthetic.python.people import People, populate
from flowdb.synthetic.settlements import place_sites, settle

FRIDAY, SATURDAY, SUNDAY, MONDAY, TUESDAY = (date(2016, 1, day) for day in range(1, 6))
PARAMETERS = Parameters(
    generator="python",
    subscribers=2_000,
    calls=20_000,
    sms=5_000,
    sites=200,
    cells=200,
    out_of_area=0.0,
    subscribers_seed=12345,
    cells_seed=99999,
)
REGIONS = bundled_levels()[3].geometry.to_numpy()


@pytest.fixture(scope="module")
def network() -> Network:
    rng = np.random.default_rng(PARAMETERS.cells_seed)
    points = place_sites(settle(REGIONS, rng), REGIONS, PARAMETERS.sites, rng)
    ids = np.array([b"%08x" % number for number in range(len(points))])
    return Network(ids, np.arange(len(points)), np.ones(len(points), dtype=np.int64), points)


@pytest.fixture(scope="module")
def people(network: Network) -> People:
    return populate(network, REGIONS, PARAMETERS)


def share_near(people: People, network: Network, site: np.ndarray, day: date, hours: range) -> float:
    """Return the share of calls within hours of a day made at or next to a subscriber's site."""
    rows = events_of_day(people, network, PARAMETERS, day, "calls")
    hour = (rows.time - microseconds(day)) // (3600 * MICROSECONDS)
    chosen = np.isin(hour, list(hours))
    near = people.neighbours[site[rows.subscriber[chosen]]]
    return float((near == rows.cell[chosen][:, None]).any(axis=1).mean())


def test_the_same_seeds_give_the_same_rows(people: People, network: Network) -> None:
    again = populate(network, REGIONS, PARAMETERS)
    one, other = (events_of_day(who, network, PARAMETERS, MONDAY, "calls") for who in (people, again))
    for field in ("subscriber", "counterpart", "time", "duration", "cell", "event_ids", "outgoing"):
        assert (getattr(one, field) == getattr(other, field)).all()


def test_other_seeds_days_and_types_give_other_rows(people: People, network: Network) -> None:
    base = events_of_day(people, network, PARAMETERS, MONDAY, "calls").event_ids[:100]
    seeded = replace(PARAMETERS, events_seed=1)
    assert (events_of_day(people, network, seeded, MONDAY, "calls").event_ids[:100] != base).all()
    assert (events_of_day(people, network, PARAMETERS, TUESDAY, "calls").event_ids[:100] != base).all()
    assert (events_of_day(people, network, PARAMETERS, MONDAY, "sms").event_ids[:100] != base).all()


def test_every_event_has_a_row_for_either_party(people: People, network: Network) -> None:
    rows = events_of_day(people, network, PARAMETERS, MONDAY, "calls")
    assert len(rows.subscriber) == 2 * PARAMETERS.calls
    pair = np.argsort(rows.event, kind="stable").reshape(-1, 2)
    assert (rows.outgoing[pair].sum(axis=1) == 1).all()
    assert (rows.subscriber[pair[:, 0]] == rows.counterpart[pair[:, 1]]).all()
    assert (rows.time[pair[:, 0]] == rows.time[pair[:, 1]]).all()
    assert (rows.duration[pair[:, 0]] == rows.duration[pair[:, 1]]).all()
    assert (rows.subscriber != rows.counterpart).all()


def test_rows_are_sorted_by_subscriber_and_lie_within_the_day(people: People, network: Network) -> None:
    rows = events_of_day(people, network, PARAMETERS, MONDAY, "calls")
    assert (np.diff(rows.subscriber) >= 0).all()
    assert (people.msisdn[:-1] < people.msisdn[1:]).all()
    assert rows.time.min() >= microseconds(MONDAY)
    assert rows.time.max() < microseconds(TUESDAY)
    assert rows.duration.min() >= 1


def test_nights_are_quiet_and_free_days_begin_later(people: People, network: Network) -> None:
    def by_hour(day: date) -> np.ndarray:
        rows = events_of_day(people, network, PARAMETERS, day, "calls")
        return np.bincount((rows.time - microseconds(day)) // (3600 * MICROSECONDS), minlength=24)

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


def test_the_share_out_of_area_is_as_stated(people: People, network: Network) -> None:
    at_home = share_near(people, network, people.home, SUNDAY, range(2, 7))
    parameters = replace(PARAMETERS, out_of_area=0.5)
    rows = events_of_day(people, network, parameters, SUNDAY, "calls")
    hour = (rows.time - microseconds(SUNDAY)) // (3600 * MICROSECONDS)
    chosen = hour < 7
    near = people.neighbours[people.home[rows.subscriber[chosen]]] == rows.cell[chosen][:, None]
    assert near.any(axis=1).mean() == pytest.approx(0.5 * at_home, abs=0.06)


def test_contacts_are_called_again(people: People, network: Network) -> None:
    rows = events_of_day(people, network, PARAMETERS, MONDAY, "calls")
    callers = rows.subscriber[rows.outgoing]
    called = rows.counterpart[rows.outgoing]
    assert (people.contacts[callers] == called[:, None]).any(axis=1).all()
    pairs = np.unique(callers * len(people.home) + called)
    assert len(pairs) < 0.5 * len(callers)


def test_more_people_live_in_the_capital_than_elsewhere(people: People) -> None:
    settlements = settle(REGIONS, np.random.default_rng(PARAMETERS.cells_seed))
    assert settlements.people.max() == pytest.approx(0.14)
    assert settlements.people.sum() == pytest.approx(1)
    assert np.bincount(people.home).max() > 3 * np.bincount(people.home).mean()


@pytest.mark.parametrize(
    "changes", [{"sites": 10, "cells": 9}, {"subscribers": 1}, {"out_of_area": 1.1}, {"out_of_area": -0.1}]
)
def test_impossible_parameters_are_refused(changes: dict[str, float]) -> None:
    with pytest.raises(ParameterError):
        replace(PARAMETERS, **changes)
