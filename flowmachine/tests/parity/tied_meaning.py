"""What may be true where a subscriber has events at the same instant: every answer, in plain Python.

The definitions leave the order of such events open, so each has a set of answers that follow it. Flows and
trips then have a least and a greatest number of subscribers.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise, permutations, product

Visits = Mapping[str, Sequence[tuple[dt.datetime, str]]]
"""Of each subscriber: the times and places of events."""
Pair = tuple[str, str]
Answers = Mapping[str, frozenset[frozenset[Pair]]]
"""Of each subscriber: the sets of pairs that they may count for, one of which they do."""


def on(visits: Visits, *days: dt.date) -> dict[str, list[tuple[dt.datetime, str]]]:
    """Keep the events of some days."""
    kept = {who: [visit for visit in seen if visit[0].date() in days] for who, seen in visits.items()}
    return {who: seen for who, seen in kept.items() if seen}


def last(visits: Visits, day: dt.date) -> dict[str, list[str]]:
    """List the places where each subscriber may have been last on a day, in order."""
    found = {}
    for who, seen in on(visits, day).items():
        latest = max(when for when, _ in seen)
        found[who] = sorted({place for when, place in seen if when == latest})
    return found


def modal(days: Sequence[Mapping[str, Sequence[str]]]) -> dict[str, list[str]]:
    """List the places where each subscriber may have been on most days, then most recently."""
    found = {}
    for who in set().union(*days):
        places = [[(number, place) for place in day[who]] for number, day in enumerate(days) if who in day]
        found[who] = sorted({_most(choice) for choice in product(*places)})
    return found


def _most(choice: Iterable[tuple[int, str]]) -> str:
    number: Counter[str] = Counter()
    latest: dict[str, int] = {}
    for day, place in choice:
        number[place] += 1
        latest[place] = max(day, latest.get(place, day))
    return max(number, key=lambda place: (number[place], latest[place]))


def flows(start: Mapping[str, Sequence[str]], end: Mapping[str, Sequence[str]]) -> Answers:
    """Pair where each subscriber may have been first with where they may have been then."""
    return {
        who: frozenset(frozenset({pair}) for pair in product(start[who], end[who]))
        for who in start.keys() & end.keys()
    }


def consecutive(visits: Visits) -> Answers:
    """Pair the place of each event with that of the next, in every order of those at the same instant."""
    return {who: frozenset(_moves(seen)) for who, seen in visits.items()}


def _moves(seen: Iterable[tuple[dt.datetime, str]]) -> Iterator[frozenset[Pair]]:
    at: dict[dt.datetime, list[str]] = defaultdict(list)
    for when, place in seen:
        at[when].append(place)
    orders = [sorted(set(permutations(at[when]))) for when in sorted(at)]
    for order in product(*orders):
        yield frozenset(pairwise(place for together in order for place in together))


def bounds(answers: Answers) -> dict[Pair, tuple[int, int]]:
    """Return how many subscribers count for each pair at least, and at most."""
    sure, possible = Counter[Pair](), Counter[Pair]()
    for own in answers.values():
        sure.update(frozenset.intersection(*own))
        possible.update(frozenset.union(*own))
    return {pair: (sure[pair], possible[pair]) for pair in possible}


def first(places: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Decide each tie for the place that is first in order, as ours does."""
    return {who: [own[0]] for who, own in places.items()}


def in_order(visits: Visits) -> Answers:
    """Pair each event's place with the next; at the same instant in the order of places, as ours does."""
    return {
        who: frozenset({frozenset((one[1], other[1]) for one, other in pairwise(sorted(seen)))})
        for who, seen in visits.items()
    }
