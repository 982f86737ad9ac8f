"""What queries about the activity of subscribers mean, in plain Python."""

import datetime as dt
import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from tests.oracle.cdr import Cdr, held
from tests.oracle.definitions import Place, Window, placer

Values = dict[str, Any]

STATISTICS = ("count", "sum", "avg", "max", "min", "median", "stddev", "variance", "mode")


def statistic(name: str, values: Iterable[Any]) -> Any:
    """Return a statistic of the values that are there; ``mode`` is the smallest of the most frequent ones."""
    known = sorted(value for value in values if value is not None)
    if name == "count":
        return len(known)
    if not known:
        return None
    if name in ("stddev", "variance"):
        if len(known) < 2:
            return None
        return {"stddev": statistics.stdev, "variance": statistics.variance}[name](map(float, known))
    functions: dict[str, Callable[[Sequence[Any]], Any]] = {
        "sum": sum,
        "avg": statistics.mean,
        "max": max,
        "min": min,
        "median": statistics.median,
        "mode": lambda ordered: min(statistics.multimode(ordered)),
    }
    return functions[name](known)


def per_subscriber(name: str, values: Iterable[tuple[Any, Any]]) -> dict[Any, Any]:
    """Return a statistic of the values of each key."""
    grouped = defaultdict(list)
    for key, value in values:
        grouped[key].append(value)
    return {key: statistic(name, group) for key, group in grouped.items()}


def placed(cdrs: Iterable[Cdr], window: Window, unit: str) -> list[tuple[Cdr, Place]]:
    """List the records of a window that lie in some place, with it."""
    where = placer(unit)
    located = (
        (cdr, where(cdr.location_id, cdr.datetime.date())) for cdr in held(cdrs, window) if cdr.location_id
    )
    return [(cdr, place) for cdr, place in located if place is not None]


def nocturnal_events(cdrs: Iterable[Cdr], window: Window, night: tuple[int, int]) -> Values:
    """Return the percentage of each subscriber's events at night."""
    first, end = night
    number, at_night = Counter(), Counter()
    for cdr in held(cdrs, window):
        hour = cdr.datetime.hour
        number[cdr.msisdn] += 1
        at_night[cdr.msisdn] += first <= hour < end if first <= end else hour < end or hour >= first
    return {who: 100 * at_night[who] / number[who] for who in number}


def event_counts(cdrs: Iterable[Cdr], window: Window) -> Counter[str]:
    """Count the events of each subscriber."""
    return Counter(cdr.msisdn for cdr in held(cdrs, window))


def proportion(part: Counter[str], whole: Counter[str]) -> Values:
    """Divide the counts of the subscribers who have both."""
    return {who: part[who] / whole[who] for who in part if who in whole}


def unique_location_counts(cdrs: Iterable[Cdr], window: Window, unit: str, ignore_nulls: bool) -> Values:
    """Count the places of each subscriber, with nowhere as one more cell if it is not ignored."""
    places = defaultdict(set)
    for cdr, place in placed(cdrs, window, unit):
        places[cdr.msisdn].add(place)
    if not ignore_nulls and unit == "cell":
        for cdr in held(cdrs, window):
            if not cdr.location_id:
                places[cdr.msisdn].add("nowhere")
    return {who: len(own) for who, own in places.items()}


def per_location_event_stats(cdrs: Iterable[Cdr], window: Window, unit: str, name: str) -> Values:
    """Return a statistic of each subscriber's numbers of events by place."""
    number = Counter((cdr.msisdn, place) for cdr, place in placed(cdrs, window, unit))
    return per_subscriber(name, ((who, count) for (who, _), count in number.items()))


def active_periods(cdrs: Iterable[Cdr], window: Window, length: dt.timedelta) -> dict[str, set[dt.datetime]]:
    """Collect the starts of the periods of a window in which each subscriber had an event."""
    active = defaultdict(set)
    for cdr in held(cdrs, window):
        start = window.start
        while cdr.datetime >= start + length:
            start += length
        active[cdr.msisdn].add(start.replace(tzinfo=None))
    return dict(active)


def active_subscribers(
    cdrs: Iterable[Cdr], major_windows: Sequence[Window], length: dt.timedelta, minor: int, major: int
) -> set[str]:
    """List the subscribers who have enough minor periods in enough of the major ones."""
    enough = Counter[str]()
    for window in major_windows:
        for who, periods in active_periods(cdrs, window, length).items():
            enough[who] += len(periods) >= minor
    return {who for who, number in enough.items() if number >= major}


def gaps(cdrs: Iterable[Cdr], window: Window) -> dict[str, list[float]]:
    """List the seconds from each event of a subscriber to the next."""
    times = defaultdict(list)
    for cdr in held(cdrs, window):
        times[cdr.msisdn].append(cdr.datetime.timestamp())
    return {
        who: [later - earlier for earlier, later in zip(sorted(own), sorted(own)[1:], strict=False)]
        for who, own in times.items()
    }


def interevent_interval(cdrs: Iterable[Cdr], window: Window, name: str) -> Values:
    """Return a statistic of each subscriber's gaps, in seconds."""
    return {who: statistic(name, own) for who, own in gaps(cdrs, window).items()}


def interevent_period(cdrs: Iterable[Cdr], window: Window, name: str, seconds: int) -> Values:
    """Return a statistic of each subscriber's gaps, in whole units of so many seconds."""
    found = {}
    for who, value in interevent_interval(cdrs, window, name).items():
        unit = 1 if name == "count" else seconds**2 if name == "variance" else seconds
        found[who] = None if value is None else math.floor(value / unit)
    return found
