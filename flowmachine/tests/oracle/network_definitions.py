"""What is in use of the network, in plain Python, written from the definitions."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from statistics import fmean

from tests.country import CELLS, Event
from tests.oracle.definitions import Groups, Place, Window, placer

Use = tuple[str, object, Place, dt.datetime]
"""Subscriber, network object, place, time."""


def version_of(cell: str, day: dt.date) -> int | None:
    """Return the version of a cell that is in service on a day: the newest."""
    versions = [
        (first or dt.date.min, version)
        for id_, version, first, last, _, _ in CELLS
        if id_ == cell and (first or dt.date.min) <= day <= (last or dt.date.max)
    ]
    return max(versions)[1] if versions else None


def uses(data: Iterable[Event], window: Window, unit: str, versioned: bool) -> list[Use]:
    """List the placed events of a window with the network object of each."""
    where, found = placer(unit), []
    for event in data:
        who, when, cell, _, _ = event
        if window.holds(event) and cell:
            place, version = where(cell, when.date()), version_of(cell, when.date())
            if place is not None and (version is not None or not versioned):
                found.append((who, (cell, version) if versioned else cell, place, when))
    return found


def start_of(period: str, when: dt.datetime) -> dt.datetime:
    """Return the start of the period that a time lies in."""
    if period == "century":  # the first year of the first is 1
        return when.replace((when.year - 1) // 100 * 100 + 1, 1, 1, 0, 0, 0, 0)
    fields = {"year": 1, "month": 2, "day": 3, "hour": 4, "minute": 5, "second": 6}[period]
    return dt.datetime(*[*when.timetuple()[:fields], 1, 1][: max(fields, 3)], tzinfo=dt.UTC)


def totals(found: Sequence[Use], period: str) -> Groups:
    """Count the different network objects, and subscribers, of each place and period."""
    things, people = defaultdict(set), defaultdict(set)
    for who, thing, place, when in found:
        key = (*place, start_of(period, when))
        things[key].add(thing)
        people[key].add(who)
    return {key: (len(things[key]), len(people[key])) for key in things}


STATISTICS = {"avg": fmean, "max": max, "min": min, "sum": sum, "count": len}


def statistics(found: Sequence[Use], total_by: str, aggregate_by: str, statistic: str) -> Groups:
    """Summarise the totals over longer periods; count the subscribers of each."""
    numbers, people = defaultdict(list), defaultdict(set)
    for (*place, start), (number, _) in totals(found, total_by).items():
        numbers[(*place, start_of(aggregate_by, start))].append(number)
    for who, _, place, when in found:
        people[(*place, start_of(aggregate_by, start_of(total_by, when)))].add(who)
    return {key: (STATISTICS[statistic](own), len(people[key])) for key, own in numbers.items()}
