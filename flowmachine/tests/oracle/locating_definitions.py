"""What the queries that place subscribers mean, in plain Python, written from their definitions.

Rows are tuples of a subscriber and the columns of a place; a place all of whose columns are None is none.
"""

import datetime as dt
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby

from tests.country import Event
from tests.oracle.definitions import Groups, Place, Placed, Window, placed_events

Located = tuple[str, Place]
"""Subscriber and place."""


def in_order(place: Place) -> tuple[tuple[bool, object], ...]:
    """Order places as PostgreSQL does: what is not known comes last."""
    return tuple((part is None, "" if part is None else part) for part in place)


def is_nowhere(place: Place) -> bool:
    """Tell whether nothing of a place is known."""
    return all(part is None for part in place)


def placed(events: Iterable[Event], window: Window, unit: str, ignore_nulls: bool = True) -> list[Placed]:
    """List the events of a window with their places, which are unknown cells among others unless ignored."""
    if ignore_nulls or unit != "cell":
        return placed_events(events, window, unit)
    return [(event[0], event[1], (event[2],)) for event in events if window.holds(event)]


def _by_place(events: Iterable[Placed]) -> dict[str, dict[Place, list[dt.datetime]]]:
    visits: dict[str, dict[Place, list[dt.datetime]]] = defaultdict(lambda: defaultdict(list))
    for who, when, place in events:
        visits[who][place].append(when)
    return visits


def _best(
    events: Iterable[Placed], rank: Callable[[list[dt.datetime]], tuple[object, ...]]
) -> dict[str, Place]:
    found = {}
    for who, places in _by_place(events).items():
        best = max(rank(times) for times in places.values())  # type: ignore[type-var]
        found[who] = min((place for place, times in places.items() if rank(times) == best), key=in_order)
    return found


def last_location(events: Iterable[Placed]) -> dict[str, Place]:
    """Take the place of the latest event; of several, the first in order."""
    return _best(events, lambda times: (max(times),))


def most_frequent_location(events: Iterable[Placed]) -> dict[str, Place]:
    """Take the place with most events, then with the latest, then the first in order."""
    return _best(events, lambda times: (len(times), max(times)))


def visited_most_days(events: Iterable[Placed]) -> dict[str, Place]:
    """Take the place with most days, then with most events, then the first in order."""
    return _best(events, lambda times: (len({time.date() for time in times}), len(times)))


def call_days(events: Iterable[Placed]) -> dict[Located, int]:
    """Count the different days with events of each subscriber and place."""
    return {
        (who, place): len({time.date() for time in times})
        for who, places in _by_place(events).items()
        for place, times in places.items()
    }


def first_location(events: Iterable[Placed], places: frozenset[Place] | None) -> dict[str, dt.datetime]:
    """Take the time of each subscriber's earliest event in one of some places, or anywhere."""
    found: dict[str, dt.datetime] = {}
    for who, when, place in events:
        if places is None or place in places:
            found[who] = min(when, found.get(who, when))
    return found


def majority_location(weights: Iterable[tuple[str, Place, float | None]], least: float) -> list[Located]:
    """Take the rows with more than half of the total of what is not negative, or of the least total."""
    counted = [(who, place, weight) for who, place, weight in weights if weight is not None and weight >= 0]
    total: Counter[str] = Counter()
    for who, _, weight in counted:
        total[who] += weight  # type: ignore[assignment]
    return [(who, place) for who, place, weight in counted if weight > max(total[who], least) / 2]


def coalesced_location(preferred: dict[str, Place], fallback: dict[str, Place]) -> dict[str, Place]:
    """Take the preferred place where there is one, else that of the fallback."""
    nowhere = next(((None,) * len(place) for place in (*preferred.values(), *fallback.values())), ())
    return {
        who: fallback.get(who, nowhere) if is_nowhere(preferred.get(who, nowhere)) else preferred[who]
        for who in preferred.keys() | fallback.keys()
    }


def filtered(
    rows: Iterable[Located], values: Iterable[tuple[str, Place, float | None]], low: float, high: float
) -> list[Located]:
    """Keep the rows for whose subscriber and place, known in full, there is a value between the bounds."""
    kept = {(who, place) for who, place, value in values if value is not None and low <= value <= high}
    return [row for row in rows if row in kept and None not in row[1]]


def active_at_reference(places: Iterable[Located], reference: Iterable[Located]) -> list[tuple[str, bool]]:
    """Tell for each reference location whether it is among the subscriber's places."""
    seen = set(places)
    return [(row[0], row in seen and None not in row[1]) for row in reference]


def unmoving(places: Iterable[Located]) -> dict[str, bool]:
    """Tell of each subscriber whether there is one place only."""
    return {who: count == 1 for who, count in Counter(who for who, _ in set(places)).items()}


def unmoving_at_reference(places: Iterable[Located], reference: dict[str, Place]) -> dict[str, bool]:
    """Tell of each subscriber that both know whether all places are the reference location."""
    by_subscriber = defaultdict(set)
    for who, place in places:
        by_subscriber[who].add(place)
    return {
        who: by_subscriber[who] == {place} and None not in place
        for who, place in reference.items()
        if who in by_subscriber
    }


def counted(people: Iterable[Located]) -> Groups:
    """Count the subscribers of each place."""
    return {place: (number, number) for place, number in Counter(place for _, place in people).items()}


def active_counts(places: Iterable[Located], reference: dict[str, Place]) -> Groups:
    """Count those who were active at each reference location, nobody there being a number too."""
    active = dict(active_at_reference(places, reference.items()))
    numbers = {
        place: sum(active[who] for who in reference if reference[who] == place)
        for place in reference.values()
    }
    return {place: (number, number) for place, number in numbers.items()}


def unique_visitor_counts(active: Groups, unique: Groups) -> dict[Place, tuple[int | None, int]]:
    """Subtract the active residents from all subscribers; none of the three numbers may be small."""
    found: dict[Place, tuple[int | None, int]] = {}
    for place, (residents, _) in active.items():
        everybody = unique[place][0] if place in unique else None
        visitors = None if everybody is None else everybody - residents
        found[place] = (visitors, min(residents, everybody or 0, visitors or 0))
    return found


def _stays(periods: Sequence[dict[str, Place]], who: str) -> list[int]:
    places = [period.get(who) for period in periods]
    return [len(list(run)) for place, run in groupby(places) if place is not None and not is_nowhere(place)]


STATISTICS: dict[str, Callable[[list[int]], float | None]] = {
    "max": max,
    "min": min,
    "sum": sum,
    "count": len,
    "avg": statistics.fmean,
    "median": statistics.median,
    "mode": lambda lengths: min(statistics.multimode(lengths)),
    "stddev": lambda lengths: statistics.stdev(lengths) if len(lengths) > 1 else None,
    "variance": lambda lengths: statistics.variance(lengths) if len(lengths) > 1 else None,
}


def stay_lengths(periods: Sequence[dict[str, Place]], statistic: str) -> dict[str, float | None]:
    """Take the statistic of the numbers of periods in a row that each subscriber was at one place."""
    everybody = {who for period in periods for who in period}
    return {who: STATISTICS[statistic](stays) for who in everybody if (stays := _stays(periods, who))}


def mobility_classification(periods: Sequence[dict[str, Place]], threshold: int) -> dict[str, str]:
    """Classify the subscribers of the last period by the first rule that holds."""
    found = {}
    for who, last in periods[-1].items():
        places = [period[who] for period in periods if who in period]
        if is_nowhere(last):
            found[who] = "unlocated"
        elif len(places) < len(periods):
            found[who] = "irregular"
        elif any(is_nowhere(place) for place in places):
            found[who] = "not_always_locatable"
        else:
            found[who] = "mobile" if max(_stays(periods, who)) < threshold else "stable"
    return found
