"""What each query means, in plain Python, written from its definition and not from its SQL.

Events are those of :mod:`tests.country`. Where a definition leaves a choice (equal times, equal
counts), the documented tie-break is applied.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence

import attrs

from tests.country import Event, place_of, position_of

Place = tuple[object, ...]
Placed = tuple[str, dt.datetime, Place]
"""Subscriber, time, place."""


@attrs.frozen
class Window:
    """The events that a query is about."""

    start: dt.datetime
    stop: dt.datetime
    tables: frozenset[str] = frozenset({"calls", "sms"})
    hours: tuple[int, int] | None = None
    direction: str = "both"
    subset: frozenset[str] | None = None

    def holds(self, event: Event) -> bool:
        """Tell whether an event belongs to the window."""
        who, when, _, outgoing, table = event
        if not self.start <= when < self.stop or table not in self.tables:
            return False
        if self.subset is not None and who not in self.subset:
            return False
        if self.direction != "both" and outgoing != (self.direction == "out"):
            return False
        if self.hours is None:
            return True
        first, end = self.hours
        return first <= when.hour < end if first <= end else when.hour < end or when.hour >= first


def placer(unit: str) -> Callable[[str, dt.date], Place | None]:
    """Return the function that tells the place of a cell on a day in a spatial unit, or None if nowhere."""
    if unit == "cell":
        return lambda cell, day: (cell,)
    if unit == "lon-lat":
        return position_of
    level = int(unit.removeprefix("admin"))

    def region(cell: str, day: dt.date) -> Place | None:
        pcod = place_of(cell, day, level)
        return None if pcod is None else (pcod,)

    return region


def placed_events(events: Iterable[Event], window: Window, unit: str) -> list[Placed]:
    """List the events of a window that lie in some place."""
    where = placer(unit)
    located = (
        (event[0], event[1], where(event[2], event[1].date()))
        for event in events
        if window.holds(event) and event[2]
    )
    return [(who, when, place) for who, when, place in located if place is not None]


def last_location(events: Iterable[Event], window: Window, unit: str) -> dict[str, Place]:
    """Take the place of each subscriber's latest placed event; of several then, the first in order."""
    by_subscriber = defaultdict(list)
    for who, when, place in placed_events(events, window, unit):
        by_subscriber[who].append((when, place))
    found = {}
    for who, visits in by_subscriber.items():
        latest = max(when for when, _ in visits)
        found[who] = min(place for when, place in visits if when == latest)
    return found


def most_frequent_location(events: Iterable[Event], window: Window, unit: str) -> dict[str, Place]:
    """Take the place with most placed events; then that with the latest event; then the first in order."""
    visits: dict[str, dict[Place, list[dt.datetime]]] = defaultdict(lambda: defaultdict(list))
    for who, when, place in placed_events(events, window, unit):
        visits[who][place].append(when)
    found = {}
    for who, places in visits.items():
        most = max(len(times) for times in places.values())
        tied = {place: max(times) for place, times in places.items() if len(times) == most}
        latest = max(tied.values())
        found[who] = min(place for place, time in tied.items() if time == latest)
    return found


def modal_location(days: Sequence[tuple[dt.datetime, dict[str, Place]]]) -> dict[str, Place]:
    """Take the place given for most days; then that of the most recent day; then the first in order."""
    given: dict[str, dict[Place, list[dt.datetime]]] = defaultdict(lambda: defaultdict(list))
    for start, locations in days:
        for who, place in locations.items():
            given[who][place].append(start)
    found = {}
    for who, places in given.items():
        most = max(len(starts) for starts in places.values())
        tied = {place: max(starts) for place, starts in places.items() if len(starts) == most}
        latest = max(tied.values())
        found[who] = min(place for place, start in tied.items() if start == latest)
    return found


Groups = dict[tuple[object, ...], tuple[int, int]]
"""By the key of a row: its value and the number of subscribers behind it."""


def spatial_aggregate(locations: dict[str, Place]) -> Groups:
    """Count the subscribers of each place."""
    return {place: (count, count) for place, count in Counter(locations.values()).items()}


def flows(first: dict[str, Place], then: dict[str, Place], join_type: str, width: int) -> Groups:
    """Count the subscribers of each pair of places; who is on one side only has none on the other."""
    kept = {
        "inner": first.keys() & then.keys(),
        "left": first.keys(),
        "left outer": first.keys(),
        "right": then.keys(),
        "right outer": then.keys(),
        "full outer": first.keys() | then.keys(),
    }[join_type]
    nowhere = (None,) * width
    counts = Counter((*first.get(who, nowhere), *then.get(who, nowhere)) for who in kept)
    return {pair: (count, count) for pair, count in counts.items()}


def unique_subscriber_counts(events: Iterable[Event], window: Window, unit: str) -> Groups:
    """Count the different subscribers with a placed event in each place."""
    seen = defaultdict(set)
    for who, _, place in placed_events(events, window, unit):
        seen[place].add(who)
    return {place: (len(people), len(people)) for place, people in seen.items()}


def location_event_counts(events: Iterable[Event], window: Window, unit: str, interval: str) -> Groups:
    """Count the placed events of each place and bucket, and the different subscribers who had them."""
    number, people = Counter(), defaultdict(set)
    for who, when, place in placed_events(events, window, unit):
        bucket = (when.date().isoformat(), when.hour, when.minute)[
            : {"day": 1, "hour": 2, "min": 3}[interval]
        ]
        number[(*place, *bucket)] += 1
        people[(*place, *bucket)].add(who)
    return {key: (number[key], len(people[key])) for key in number}
