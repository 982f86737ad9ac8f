"""What queries about contacts and calls mean, in plain Python."""

import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import attrs

from tests.oracle.activity_definitions import Values, per_subscriber, placed
from tests.oracle.cdr import Cdr, held
from tests.oracle.definitions import Place, Window

Pairs = Counter[tuple[str, str]]
"""Numbers of events by subscriber and counterpart."""


def with_others(cdrs: Iterable[Cdr], window: Window, exclude_self_calls: bool) -> list[Cdr]:
    """List the records of a window with a counterpart, who may have to be somebody else."""
    return [
        cdr
        for cdr in held(cdrs, window)
        if cdr.msisdn_counterpart is not None
        and not (exclude_self_calls and cdr.msisdn_counterpart == cdr.msisdn)
    ]


def contacts(
    cdrs: Iterable[Cdr], window: Window, exclude_self_calls: bool, identifier: str = "msisdn"
) -> Pairs:
    """Count the events of each subscriber and counterpart; subscribers without an identifier are nobody."""
    pairs = (
        (getattr(cdr, identifier), cdr.msisdn_counterpart)
        for cdr in with_others(cdrs, window, exclude_self_calls)
    )
    return Counter(pair for pair in pairs if pair[0] is not None)


def totals(pairs: Pairs) -> Counter[str]:
    """Count the events of each subscriber."""
    total = Counter[str]()
    for (who, _), number in pairs.items():
        total[who] += number
    return total


def contact_balance(pairs: Pairs) -> dict[tuple[str, str], tuple[int, float]]:
    """Return the events of each contact, and their share of those of the subscriber."""
    total = totals(pairs)
    return {pair: (number, number / total[pair[0]]) for pair, number in pairs.items()}


def degree(pairs: Pairs) -> Counter[str]:
    """Count the counterparts of each subscriber."""
    return Counter(who for who, _ in pairs)


def contact_reciprocal(received: Pairs, made: Pairs) -> dict[tuple[str, str], tuple[Any, ...]]:
    """Return what each contact has of both directions, and whether it has both."""
    total_in, total_out = totals(received), totals(made)
    return {
        pair: (
            received[pair],
            made[pair],
            received[pair] / total_in[pair[0]] if total_in[pair[0]] else 0,
            made[pair] / total_out[pair[0]] if total_out[pair[0]] else 0,
            pair in received and pair in made,
        )
        for pair in received.keys() | made.keys()
    }


def proportion_contact_reciprocal(received: Pairs, made: Pairs) -> Values:
    """Return the share of each subscriber's contacts that are in both directions."""
    everybody, both = degree(received | made), degree(received & made)
    return {who: both[who] / number for who, number in everybody.items()}


def proportion_event_reciprocal(
    cdrs: Iterable[Cdr], window: Window, exclude_self_calls: bool, reciprocal: set[tuple[str, str]], by: str
) -> Values:
    """Return the share of each subscriber's events that are with a reciprocal contact."""
    number, both = Counter[str](), Counter[str]()
    for cdr in with_others(cdrs, window, exclude_self_calls):
        who = getattr(cdr, by)
        if who is not None:
            number[who] += 1
            both[who] += (cdr.msisdn, cdr.msisdn_counterpart) in reciprocal
    return {who: both[who] / number[who] for who in number}


def pareto(pairs: Pairs, proportion: Decimal) -> Values:
    """Return the share of contacts that suffices for a proportion of the events, for each subscriber."""
    by_subscriber = defaultdict(list)
    for (who, _), number in pairs.items():
        by_subscriber[who].append(number)
    found = {}
    for who, numbers in by_subscriber.items():
        needed = math.ceil(proportion * sum(numbers))
        sums = itertools.accumulate(sorted(numbers, reverse=True))
        prefix = next(length for length, reached in enumerate(sums, 1) if reached >= needed)
        found[who] = prefix / len(numbers)
    return found


def durations(cdrs: Iterable[Cdr], window: Window, statistic: str) -> Values:
    """Return a statistic of the durations of each subscriber's calls."""
    return per_subscriber(statistic, ((cdr.msisdn, cdr.duration) for cdr in held(cdrs, window)))


def durations_by_place(
    cdrs: Iterable[Cdr], window: Window, unit: str, statistic: str
) -> dict[tuple[Any, ...], Any]:
    """Return a statistic of the durations of the calls of each subscriber and place."""
    calls = placed(cdrs, window, unit)
    return per_subscriber(statistic, (((cdr.msisdn, *place), cdr.duration) for cdr, place in calls))


def durations_by_contact(cdrs: Iterable[Cdr], window: Window, statistic: str) -> dict[tuple[Any, ...], Any]:
    """Return a statistic of the durations of the calls of each subscriber and counterpart."""
    calls = with_others(cdrs, window, exclude_self_calls=False)
    return per_subscriber(statistic, (((cdr.msisdn, cdr.msisdn_counterpart), cdr.duration) for cdr in calls))


def other_legs(cdrs: Iterable[Cdr], window: Window, unit: str) -> dict[tuple[Any, ...], Place]:
    """Return the place of the leg of each table, id and direction: of the earliest record with any."""
    everything = attrs.evolve(window, hours=None, direction="both", subset=None)
    legs = defaultdict(list)
    for cdr, place in placed(cdrs, everything, unit):
        if cdr.id is not None:
            legs[cdr.table, cdr.id, cdr.outgoing].append((cdr.datetime, place))
    return {leg: min(records)[1] for leg, records in legs.items()}


def durations_by_contact_and_place(
    cdrs: list[Cdr], window: Window, unit: str, statistic: str, width: int
) -> dict[tuple[Any, ...], Any]:
    """Return a statistic of durations by caller, counterpart, and where each of them was."""
    legs = other_legs(cdrs, window, unit)
    calls = [
        (
            (
                cdr.msisdn,
                cdr.msisdn_counterpart,
                *place,
                *legs.get(("calls", cdr.id, False), (None,) * width),
            ),
            cdr.duration,
        )
        for cdr, place in placed(cdrs, window, unit)
        if cdr.msisdn_counterpart is not None
    ]
    return per_subscriber(statistic, calls)


Distances = Mapping[tuple[Place, Place], float]


def distance_counterparts(
    cdrs: list[Cdr], window: Window, exclude_self_calls: bool, statistic: str, distances: Distances
) -> Values:
    """Return a statistic of the distances of the two ends of each subscriber's events."""
    legs = other_legs(cdrs, window, "lon-lat")
    counted = with_others(cdrs, window, exclude_self_calls)
    ends = (
        (cdr.msisdn, place, legs.get((cdr.table, cdr.id, not cdr.outgoing)))
        for cdr, place in placed(cdrs, window, "lon-lat")
        if cdr in counted
    )
    known = ((who, distances[here, there]) for who, here, there in ends if there is not None)
    return per_subscriber(statistic, known)


def contact_distances(
    pairs: Pairs, homes: Mapping[str, Place], statistic: str, distances: Distances
) -> Values:
    """Return a statistic of the distances of each subscriber's home to those of their contacts."""
    known = (
        (who, distances[homes[who], homes[other]]) for who, other in pairs if who in homes and other in homes
    )
    return per_subscriber(statistic, known)
