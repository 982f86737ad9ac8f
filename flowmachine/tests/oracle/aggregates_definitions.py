"""What aggregates mean, in plain Python: groups of contributions, and what may be released of them."""

import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

from tests.oracle.cdr import Cdr, held
from tests.oracle.definitions import Place, Placed, Window, placer

Key = tuple[Any, ...]
Contributions = Iterable[tuple[str, Key]]
"""A subscriber, and the key of the row that they contribute to; once for each time they count."""
Groups = dict[Key, tuple[Any, int]]
"""By the key of a row: its value, and the number of different subscribers behind it."""


def count(contributions: Contributions) -> Groups:
    """Count contributions, and the subscribers who make them."""
    number, people = Counter(), defaultdict(set)
    for who, key in contributions:
        number[key] += 1
        people[key].add(who)
    return {key: (number[key], len(people[key])) for key in number}


def joined(
    locations: Mapping[str, Place], metric: Sequence[tuple[str, Any]], statistic: Callable[[list[Any]], Any]
) -> Groups:
    """Take the statistic of a metric over the located subscribers of each place."""
    values, people = defaultdict(list), defaultdict(set)
    for who, value in metric:
        if who in locations:
            values[locations[who]].append(value)
            people[locations[who]].add(who)
    return {place: (statistic(found), len(people[place])) for place, found in values.items()}


def shares(locations: Mapping[str, Place], metric: Sequence[tuple[str, Any]]) -> Groups:
    """Share the rows of a metric out over its values, in each place."""
    counted = count(
        (who, (*locations[who], "value", str(value))) for who, value in metric if who in locations
    )
    wholes = Counter[Key]()
    for key, (number, _) in counted.items():
        wholes[key[:-1]] += number
    return {key: (number / wholes[key[:-1]], who) for key, (number, who) in counted.items()}


STATISTICS: dict[str, Callable[[list[Any]], Any]] = {
    "count": len,
    "sum": sum,
    "avg": statistics.fmean,
    "max": max,
    "min": min,
    "median": statistics.median,
    "stddev": lambda found: statistics.stdev(found) if len(found) > 1 else None,
    "variance": lambda found: statistics.variance(found) if len(found) > 1 else None,
    "mode": lambda found: min(statistics.multimode(found)),
}


def labelled(places: Mapping[str, Place], labels: Mapping[str, Sequence[Any]]) -> Iterable[tuple[str, Key]]:
    """Put the place of each subscriber before each of their labels; before none if they have no label."""
    return [(who, (*place, label)) for who, place in places.items() for label in labels.get(who, [None])]


def pairs(
    first: Mapping[str, Place], then: Mapping[str, Place], join_type: str, width: int
) -> dict[str, Key]:
    """Put the place where a subscriber was then behind where they were first."""
    people = set(first) | set(then)
    if join_type in ("inner", "left", "left outer"):
        people &= set(first)
    if join_type in ("inner", "right", "right outer"):
        people &= set(then)
    nowhere = (None,) * width
    return {who: (*first.get(who, nowhere), *then.get(who, nowhere)) for who in people}


def by_subscriber(events: Iterable[Placed]) -> dict[str, list[tuple[Any, Place]]]:
    """Collect the times and places of each subscriber, in their order."""
    found = defaultdict(list)
    for who, when, place in events:
        found[who].append((when, place))
    return {who: sorted(visits) for who, visits in found.items()}


def trips(events: Iterable[Placed]) -> set[tuple[str, Key]]:
    """Pair each place with every other that the subscriber was in later."""
    return {
        (who, (*origin, *destination))
        for who, visits in by_subscriber(events).items()
        for before, origin in visits
        for after, destination in visits
        if before < after and origin != destination
    }


def consecutive_trips(events: Iterable[Placed]) -> set[tuple[str, Key]]:
    """Pair the place of each event with that of the subscriber's next."""
    return {
        (who, (*origin, *destination))
        for who, visits in by_subscriber(events).items()
        for (_, origin), (_, destination) in pairwise(visits)
    }


def introversion(cdrs: Iterable[Cdr], window: Window, unit: str) -> Groups:
    """Take the fraction of legs at each place whose other leg is in the same place."""
    where = placer(unit)
    undirected = Window(window.start, window.stop, window.tables, window.hours, "both", window.subset)
    legs = [
        (cdr, place)
        for cdr in held(cdrs, undirected)
        if cdr.location_id and (place := where(cdr.location_id, cdr.datetime.date())) is not None
    ]
    same, people = defaultdict(list), defaultdict(set)
    for first, place in legs:
        if window.direction != "both" and first.outgoing != (window.direction == "out"):
            continue
        for other, elsewhere in legs:
            if first.id is not None and first.id == other.id and first.outgoing != other.outgoing:
                same[place].append(place == elsewhere)
                people[place].add(first.msisdn)
    return {place: (sum(found) / len(found), len(people[place])) for place, found in same.items()}


def histogram(
    metric: Sequence[tuple[str, Any]], bins: int | Sequence[float], span: tuple[float, float] | None
) -> Groups:
    """Count the values of each bin; the last one has both its edges."""
    if isinstance(bins, int):
        values = [Fraction(value) for _, value in metric]
        if not values and span is None:
            return {}
        low, high = map(Fraction, span or (min(values), max(values)))
        edges = [low + (high - low) * n / bins for n in range(bins + 1)]
    else:
        edges = [Fraction(str(edge)) for edge in sorted(set(bins))]
    found: Groups = {}
    for number, (low, high) in enumerate(pairwise(edges)):
        last = number == len(edges) - 2
        inside = [who for who, value in metric if low <= value < high or (last and value == high)]
        found[(number, low, high)] = (len(inside), len(set(inside)))
    return found


def released(groups: Groups, threshold: int = 15) -> dict[Key, Any]:
    """Keep the rows with more contributors than the threshold."""
    return {key: value for key, (value, people) in groups.items() if people > threshold}


def released_together(groups: Groups, width: int, threshold: int = 15) -> dict[Key, Any]:
    """Keep the rows all of whose companions, which begin with the same columns, are large enough."""
    least: dict[Key, int] = {}
    for key, (_, people) in groups.items():
        least[key[:width]] = min(people, least.get(key[:width], people))
    return {key: value for key, (value, _) in groups.items() if least[key[:width]] > threshold}


def released_shares(groups: Groups, width: int, threshold: int = 15) -> dict[Key, Any]:
    """Keep the large rows of each whole, but withhold the smallest of them if too few are withheld else."""
    kept: dict[Key, Any] = {}
    for whole in {key[:width] for key in groups}:
        parts = sorted(
            ((people, key, value) for key, (value, people) in groups.items() if key[:width] == whole),
            key=lambda part: (part[0], [(item is None, "" if item is None else item) for item in part[1]]),
        )
        large = [part for part in parts if part[0] > threshold]
        withheld = sum(people for people, _, _ in parts if people <= threshold)
        while large and 0 < withheld <= threshold:
            withheld += large.pop(0)[0]
        kept |= {key: value for _, key, value in large}
    return kept
