"""A day in the life: who calls whom, when, and where both are."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

import numpy as np
from numpy.typing import NDArray

from flowdb.geography.divide import Floats, Ints
from flowdb.synthetic.network import Network
from flowdb.synthetic.parameters import CDR_TYPES, Parameters
from flowdb.synthetic.python.people import People
from flowdb.synthetic.rhythm import hour_weights

MICROSECONDS = 1_000_000
_HOUR = 3600 * MICROSECONDS
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_FRIDAY, _SATURDAY, _SUNDAY = 4, 5, 6
_TRAVELLERS = 0.06
_TRIP_STARTS_AT, _WORK_FROM, _WORK_UNTIL = 8, 9, 17
_TO_HUB, _TO_CAPITAL = 0.45, 0.35
_AT_NEIGHBOUR = 0.15
_MEAN_LOG_SECONDS, _SPREAD_LOG_SECONDS, _LONGEST_CALL = 4.6, 1.1, 3 * 3600


@dataclass(frozen=True)
class Rows:
    """The rows of a day and type, sorted by subscriber and time; two for each event.

    Attributes
    ----------
    event
        The number of the event in its day.
    subscriber, counterpart
        Indices of the two parties: whose row it is, and the other.
    outgoing
        Whether the subscriber started the event.
    time
        Microseconds since 2000-01-01 UTC.
    duration
        Seconds, for calls.
    cell
        Index of the cell.
    event_ids
        The id of each event of the day, as bytes.
    """

    event: Ints
    subscriber: Ints
    counterpart: Ints
    outgoing: NDArray[np.bool_]
    time: Ints
    duration: Ints
    cell: Ints
    event_ids: NDArray[np.bytes_]


def microseconds(day: date) -> int:
    """Return the start of a day as microseconds since 2000-01-01 UTC."""
    return (datetime(day.year, day.month, day.day, tzinfo=UTC) - _EPOCH).days * 24 * _HOUR


def events_of_day(people: People, network: Network, parameters: Parameters, day: date, cdr_type: str) -> Rows:
    """Make the rows of a day and type; they depend on the parameters, the day and the type only."""
    seeds = (parameters.events_seed, day.toordinal())
    rng = np.random.default_rng((*seeds, CDR_TYPES.index(cdr_type)))
    count = parameters.events_of(cdr_type)
    time = _times(count, day, rng)
    caller = np.searchsorted(people.activity, rng.random(count))
    # Usual contacts come first: the square makes them much more likely.
    contact = (people.contacts.shape[1] * rng.random(count) ** 2).astype(np.int64)
    called = people.contacts[caller, contact]
    duration = np.exp(rng.normal(_MEAN_LOG_SECONDS, _SPREAD_LOG_SECONDS, count))
    duration = np.clip(duration, 1, _LONGEST_CALL).astype(np.int64)
    subscriber, counterpart = np.r_[caller, called], np.r_[called, caller]
    time, event = np.r_[time, time], np.r_[np.arange(count), np.arange(count)]
    # Who travels is decided once a day, whatever the type of event.
    site = _whereabouts(people, subscriber, time, day, np.random.default_rng(seeds))
    cell = _cells(people, network, site, parameters.out_of_area, rng)
    event_ids = _hexadecimal(rng.integers(0, 256, size=(count, 16), dtype=np.uint8))
    order = np.lexsort((event, time, subscriber))
    return Rows(
        event=event[order],
        subscriber=subscriber[order],
        counterpart=counterpart[order],
        outgoing=order < count,
        time=(time + microseconds(day))[order],
        duration=np.r_[duration, duration][order],
        cell=cell[order],
        event_ids=event_ids,
    )


def _times(count: int, day: date, rng: np.random.Generator) -> Ints:
    """Return times of the day in microseconds, whole seconds."""
    weights: Floats = np.array(hour_weights(day))
    hours = np.searchsorted(np.cumsum(weights / weights.sum()), rng.random(count)).clip(0, 23)
    seconds = hours * 3600 + rng.integers(0, 3600, count)
    return np.asarray(seconds, dtype=np.int64) * MICROSECONDS


def _whereabouts(people: People, who: Ints, time: Ints, day: date, day_rng: np.random.Generator) -> Ints:
    """Return the site near which each person is at a time of the day.

    People who work away live there from Monday morning to Saturday morning; daily commuters work elsewhere
    by day; every day some people travel and stay the night.
    """
    count = len(people.home)
    # Everyone keeps hours of their own, give or take one and a half.
    shift = (day_rng.uniform(-1.5, 1.5, count) * _HOUR).astype(np.int64)[who]
    travels = day_rng.random(count) < _TRAVELLERS
    destination = _destinations(people, day_rng)
    weekday = day.weekday()
    working_day = weekday not in (_SATURDAY, _SUNDAY)
    site = people.home[who]
    if working_day:
        arrived = time + shift > (_TRIP_STARTS_AT * _HOUR if weekday == 0 else -2 * _HOUR)
        site = np.where(arrived, people.lodging[who], site)
        at_work = (time + shift > _WORK_FROM * _HOUR) & (time + shift < _WORK_UNTIL * _HOUR)
        site = np.where(at_work, people.work[who], site)
    elif weekday == _SATURDAY:
        site = np.where(time + shift > _TRIP_STARTS_AT * _HOUR, site, people.lodging[who])
    on_trip = travels[who] & (time + shift > _TRIP_STARTS_AT * _HOUR)
    return np.asarray(np.where(on_trip, destination[who], site))


def _destinations(people: People, day_rng: np.random.Generator) -> Ints:
    """Return where each person would go: the regional centre, the capital, or somebody's home."""
    count = len(people.home)
    where = day_rng.random(count)
    capital = day_rng.choice(people.capital, count)
    visit = people.home[day_rng.integers(0, count, count)]
    return np.asarray(
        np.where(where < _TO_HUB, people.hub, np.where(where < _TO_HUB + _TO_CAPITAL, capital, visit))
    )


def _cells(
    people: People, network: Network, site: Ints, out_of_area: float, rng: np.random.Generator
) -> Ints:
    """Return the cell that serves each party: on the site, now and then on a neighbour, or anywhere."""
    count = len(site)
    many = people.neighbours.shape[1]
    neighbour = people.neighbours[site, rng.integers(min(1, many - 1), many, count)]
    site = np.where(rng.random(count) < _AT_NEIGHBOUR, neighbour, site)
    cell = network.first_cell[site] + (rng.random(count) * network.cell_count[site]).astype(np.int64)
    anywhere = rng.integers(0, len(network.cell_ids), count)
    return np.asarray(np.where(rng.random(count) < out_of_area, anywhere, cell))


def _hexadecimal(octets: NDArray[np.uint8]) -> NDArray[np.bytes_]:
    """Return rows of octets as hexadecimal texts."""
    digits = np.frombuffer(b"".join(b"%02x" % octet for octet in range(256)), dtype="S2")
    return np.ascontiguousarray(digits[octets]).view(f"S{2 * octets.shape[1]}").ravel()
