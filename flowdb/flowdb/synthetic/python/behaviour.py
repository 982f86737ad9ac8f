"""A day in the life: who calls whom, when, and where both are."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

import numpy as np
from numpy.typing import NDArray

from flowdb.synthetic.day import TWO_PARTIES
from flowdb.synthetic.draws import Draws, Ints
from flowdb.synthetic.network import Network
from flowdb.synthetic.parameters import ParameterError, Parameters
from flowdb.synthetic.python.people import People
from flowdb.synthetic.rhythm import hour_weights

MICROSECONDS = 1_000_000
_HOUR = 3600
_SECONDS = 24 * _HOUR
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_SATURDAY, _SUNDAY = 5, 6
_TRAVELLERS = 0.06
_TRIP_STARTS_AT, _WORK_FROM, _WORK_UNTIL = 8 * _HOUR, 9 * _HOUR, 17 * _HOUR
# Everyone keeps hours of their own, give or take one and a half.
_SHIFT = _HOUR * 3 // 2
_TO_HUB, _TO_CAPITAL = 0.45, 0.35
_AT_NEIGHBOUR = 0.15
_BLOCK = 1 << 16


@dataclass(frozen=True)
class Rows:
    """Some rows of a day and type.

    Attributes
    ----------
    row, event
        The number of the row and of its event in the day.
    subscriber, counterpart
        Indices of the two parties: whose row it is, and the other. Without a second party both are the same.
    outgoing
        Whether the subscriber started the event.
    second
        Time of the day in seconds.
    cell
        Index of the cell.
    phone
        Index of the phone.
    """

    row: Ints
    event: Ints
    subscriber: NDArray[np.int32]
    counterpart: NDArray[np.int32]
    outgoing: NDArray[np.bool_]
    second: Ints
    cell: Ints
    phone: Ints


def microseconds(day: date) -> int:
    """Return the start of a day as microseconds since 2000-01-01 UTC."""
    return (datetime(day.year, day.month, day.day, tzinfo=UTC) - _EPOCH).days * _SECONDS * MICROSECONDS


class Day:
    """The rows of a day and type: one for each event, or two if it has two parties.

    Whatever is in a row depends on the seeds, the day, the type and the numbers of row and event only: so
    nothing of a day is kept but the order of its rows, and any part of it can be made by itself.
    """

    def __init__(
        self, people: People, network: Network, parameters: Parameters, day: date, cdr_type: str, events: int
    ) -> None:
        self.events = events
        self.rows = 2 * events if cdr_type in TWO_PARTIES else events
        self.start = microseconds(day)
        self.draws = Draws("events", parameters.events_seed, day, cdr_type)
        self._people, self._network, self._parameters = people, network, parameters
        self._serving = network.serving(day)
        if not self._serving.any():
            raise ParameterError(f"No cell is in service on {day}.")
        # Who travels is decided once a day, whatever the type of event.
        self._daily = Draws("day", parameters.events_seed, day)
        self._weekday = day.weekday()
        # The weights have one decimal.
        self._hours = np.cumsum(np.rint(np.array(hour_weights(day)) * 10).astype(np.int64))

    def sorted_blocks(self, size: int) -> Iterator[Rows]:
        """Yield all rows by subscriber and time, block by block."""
        order = self._keys()
        for start in range(0, len(order), size):
            yield self.rows_of((order[start : start + size] % np.uint64(self.rows)).astype(np.int64))

    def _keys(self) -> NDArray[np.uint64]:
        """Return a number for each row, sorted: subscriber, then second, then the number of the row."""
        largest = len(self._people.msisdn) * _SECONDS * self.rows
        if largest >= 1 << 64:
            raise ParameterError(
                f"{self.events} events a day of {len(self._people.msisdn)} subscribers are too many "
                "for the Python generator: set SYNTHETIC_DATA_GENERATOR=sql."
            )
        keys = np.empty(self.rows, dtype=np.uint64)
        for start in range(0, self.rows, _BLOCK):
            row = np.arange(start, min(start + _BLOCK, self.rows))
            event = row % self.events
            subscriber, _ = self._parties(row, event)
            second = subscriber.astype(np.uint64) * np.uint64(_SECONDS) + self._seconds(event).astype(
                np.uint64
            )
            keys[start : start + _BLOCK] = second * np.uint64(self.rows) + row.astype(np.uint64)
        keys.sort()
        return keys

    def rows_of(self, row: Ints) -> Rows:
        """Return the rows of some numbers."""
        event = row % self.events
        subscriber, counterpart = self._parties(row, event)
        second = self._seconds(event)
        phones = self._parameters.phones
        return Rows(
            row=row,
            event=event,
            subscriber=subscriber,
            counterpart=counterpart,
            outgoing=row < self.events,
            second=second,
            cell=self._cells(row, self._whereabouts(subscriber, second)),
            phone=subscriber.astype(np.int64) * phones + self.draws.below("phone", row, phones),
        )

    def _parties(self, row: Ints, event: Ints) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Return whose row each is and who the other one is."""
        people = self._people
        caller = self.draws.weighted("caller", event, people.activity).astype(np.int32)
        if self.rows == self.events:
            return caller, caller
        # Usual contacts come first.
        called = people.contacts[caller, self.draws.first("contact", event, people.contacts.shape[1])]
        started = row < self.events
        return np.where(started, caller, called), np.where(started, called, caller)

    def _seconds(self, event: Ints) -> Ints:
        hours = self.draws.weighted("hour", event, self._hours)
        return np.asarray(hours * _HOUR + self.draws.below("second", event, _HOUR))

    def _whereabouts(self, who: NDArray[np.int32], second: Ints) -> NDArray[np.int32]:
        """Return the site near which each person is at a time of the day.

        People who work away live there from Monday morning to Saturday morning; daily commuters work
        elsewhere by day; every day some people travel and stay the night.
        """
        people = self._people
        own = second + self._daily.below("shift", who, 2 * _SHIFT + 1) - _SHIFT
        site = people.home[who]
        if self._weekday not in (_SATURDAY, _SUNDAY):
            # On Mondays they set out in the morning, on other days they are there from midnight.
            arrived = own > (_TRIP_STARTS_AT if self._weekday == 0 else -2 * _HOUR)
            site = np.where(arrived, people.lodging[who], site)
            site = np.where((own > _WORK_FROM) & (own < _WORK_UNTIL), people.work[who], site)
        elif self._weekday == _SATURDAY:
            site = np.where(own > _TRIP_STARTS_AT, site, people.lodging[who])
        on_trip = self._daily.chance("travels", who, _TRAVELLERS) & (own > _TRIP_STARTS_AT)
        return np.where(on_trip, self._destinations(who), site)

    def _destinations(self, who: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return where each person would go: the regional centre, the capital, or somebody's home."""
        people, daily = self._people, self._daily
        capital = people.capital[daily.below("in capital", who, len(people.capital))]
        visit = people.home[daily.below("visited", who, len(people.home))]
        other = np.where(daily.chance("to capital", who, _TO_CAPITAL / (1 - _TO_HUB)), capital, visit)
        return np.where(daily.chance("to hub", who, _TO_HUB), people.hub[who], other)

    def _cells(self, row: Ints, site: NDArray[np.int32]) -> Ints:
        """Return the cell that serves each party: on the site, now and then on a neighbour, or anywhere.

        Whose cell is out of service on that day is served anywhere.
        """
        draws, network, neighbours = self.draws, self._network, self._people.neighbours
        others = neighbours.shape[1] - 1
        if others:
            neighbour = neighbours[site, 1 + draws.below("neighbour", row, others)]
            site = np.where(draws.chance("at neighbour", row, _AT_NEIGHBOUR), neighbour, site)
        cell = network.first_cell[site] + draws.below("sector", row, network.cell_count[site])
        serving = np.flatnonzero(self._serving)
        anywhere = serving[draws.below("anywhere", row, len(serving))]
        elsewhere = draws.chance("out of area", row, self._parameters.out_of_area)
        return np.where(elsewhere | ~self._serving[cell], anywhere, cell)
