"""What queries about movement, handsets and money mean, in plain Python."""

import datetime as dt
import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pyproj

from tests.country import Event
from tests.oracle.cdr import Cdr
from tests.oracle.definitions import Window, placed_events

GEOD = pyproj.Geod(ellps="WGS84")
Position = tuple[float, float]
Number = float | int | Decimal | Fraction
STATISTICS = ["count", "sum", "avg", "max", "min", "median", "stddev", "variance", "mode"]
WEIGHTS = {
    "second": dt.timedelta(seconds=1),
    "minute": dt.timedelta(minutes=1),
    "hour": dt.timedelta(hours=1),
    "day": dt.timedelta(days=1),
    "week": dt.timedelta(weeks=1),
}


def kilometres(one: Position, other: Position) -> float:
    """Measure along the ellipsoid."""
    return GEOD.inv(*one, *other)[2] / 1000


def statistic_of(name: str, values: Sequence[Number]) -> Number | None:
    """Take a statistic of values, none of them null; None where there is none."""
    if name == "count":
        return len(values)
    if not values:
        return None
    if name in ("variance", "stddev"):
        return getattr(statistics, name.replace("ddev", "dev"))(values) if len(values) > 1 else None
    if name == "mode":
        counts = Counter(values)
        return min(value for value, count in counts.items() if count == max(counts.values()))
    functions = {"sum": sum, "avg": statistics.mean, "max": max, "min": min, "median": statistics.median}
    return functions[name](values)


def weighted_statistic(name: str, held: Sequence[tuple[Number, int]]) -> Number | None:
    """Take a statistic of values that count for some seconds each, as if there were a value every second."""
    held = [(Fraction(value), Fraction(weight)) for value, weight in held]
    whole = sum(weight for _, weight in held)
    if name == "sum":
        return sum(value * weight for value, weight in held)
    if name == "mode":
        lengths: dict[Fraction, Fraction] = defaultdict(Fraction)
        for value, weight in held:
            lengths[value] += weight
        return min(value for value, length in lengths.items() if length == max(lengths.values()))
    if not whole:
        return None
    mean = sum(value * weight for value, weight in held) / whole
    if name == "avg":
        return mean
    if name in ("variance", "stddev"):
        if whole <= 1:
            return None
        variance = sum(weight * (value - mean) ** 2 for value, weight in held) / (whole - 1)
        return math.sqrt(variance) if name == "stddev" else variance
    assert name == "median"
    ends = []
    for beyond in (lambda reached: reached >= whole / 2, lambda reached: reached > whole / 2):
        values = sorted({value for value, _ in held})
        ends.append(next(v for v in values if beyond(sum(weight for value, weight in held if value <= v))))
    return sum(ends) / 2


def by_subscriber(placed: Iterable[tuple[str, dt.datetime, Any]]) -> dict[str, list[tuple[dt.datetime, Any]]]:
    """Group placed events."""
    found = defaultdict(list)
    for who, when, place in placed:
        found[who].append((when, place))
    return found


def radius_of_gyration(events: Iterable[Event], window: Window) -> dict[str, float]:
    """Take the root of the mean square distance of events from their mean longitude and latitude."""
    found = {}
    for who, visits in by_subscriber(placed_events(events, window, "lon-lat")).items():
        positions = [position for _, position in visits]
        centre = tuple(statistics.mean(axis) for axis in zip(*positions, strict=True))
        found[who] = math.sqrt(statistics.mean(kilometres(centre, each) ** 2 for each in positions))
    return found


def displacement(
    events: Iterable[Event],
    window: Window,
    reference: dict[str, Position | None],
    statistic: str,
    not_seen: bool,
) -> dict[str, float | None]:
    """Take a statistic of the distances of events from the subscriber's own position, 0 if not known."""
    visits = by_subscriber(placed_events(events, window, "lon-lat"))
    found = {}
    for who, own in reference.items():
        if who in visits:
            distances = [kilometres(own, position) if own else 0.0 for _, position in visits[who]]
            found[who] = statistic_of(statistic, distances)
        elif not_seen and (window.subset is None or who in window.subset):
            found[who] = None
    return found


def bucket_of(bucket: str, when: dt.datetime) -> dt.datetime:
    """Return the start of a bucket of time."""
    day = when.replace(hour=0, minute=0, second=0, microsecond=0)
    match bucket:
        case "second":
            return when.replace(microsecond=0)
        case "minute":
            return when.replace(second=0, microsecond=0)
        case "hour":
            return when.replace(minute=0, second=0, microsecond=0)
        case "day":
            return day
        case "week":
            return day - dt.timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(day=1, month=(day.month - 1) // 3 * 3 + 1)
        case "year":
            return day.replace(day=1, month=1)
    return day.replace(day=1, month=1, year=(day.year - 1) // 100 * 100 + 1)


def name_of(bucket: str, start: dt.datetime) -> dt.datetime | dt.date:
    """Return how a bucket is known: by a time, or from days on by a date."""
    return start if bucket in ("second", "minute", "hour") else start.date()


Series = dict[tuple[str, dt.datetime], float | None]


def distance_series(
    events: Iterable[Event],
    window: Window,
    reference: dict[str, Position | None] | Position,
    statistic: str,
    bucket: str,
) -> Series:
    """Take a statistic of distances per subscriber and bucket."""
    distances = defaultdict(list)
    for who, when, position in placed_events(events, window, "lon-lat"):
        if isinstance(reference, dict) and who not in reference:
            continue
        own = reference[who] if isinstance(reference, dict) else reference
        distances[who, bucket_of(bucket, when)].append(kilometres(own, position) if own else 0.0)
    return {key: statistic_of(statistic, values) for key, values in distances.items()}


def imputed_distance_series(series: Series, window: Window, bucket: str, size: int) -> Series:
    """Fill the gaps of those series that have more than ``size`` values."""
    last = window.stop - dt.timedelta(seconds=1)
    buckets = [bucket_of(bucket, window.start)]
    while (following := _next(bucket, buckets[-1])) <= last:
        buckets.append(following)
    filled: Series = {}
    for who in {who for who, _ in series}:
        values = [series.get((who, start)) for start in buckets]
        known = [value for value in values if value is not None]
        if len(known) <= size:
            continue
        for number, (start, value) in enumerate(zip(buckets, values, strict=True)):
            before = [other for other in values[:number] if other is not None]
            recent = before[-size:] if len(before) >= size else known[:size]
            filled[who, start] = statistics.median(recent) if value is None else value
    return filled


def _next(bucket: str, start: dt.datetime) -> dt.datetime:
    # Within the longer buckets a step of their least length arrives in the next one.
    least = {"month": 31, "quarter": 92, "year": 366, "century": 36525}
    step = WEIGHTS.get(bucket) or dt.timedelta(days=least[bucket])
    return bucket_of(bucket, start + step)


def filtered(values: list[float], size: int) -> list[float]:
    """Return running medians with zeros beyond both ends, repeated until nothing changes."""
    half = (size - 1) // 2
    while True:
        padded = [0.0] * half + values + [0.0] * half
        medians = [statistics.median(padded[start : start + size]) for start in range(len(values))]
        if medians == values:
            return values
        values = medians


def entropy(categories: Iterable[tuple[str, Any]]) -> dict[str, float]:
    """Take the entropy of each subscriber's categories."""
    counts: dict[str, Counter[Any]] = defaultdict(Counter)
    for who, category in categories:
        counts[who][category] += 1
    return {
        who: -sum(n / of.total() * math.log(n / of.total()) for n in of.values())
        for who, of in counts.items()
    }


def chosen_tac(records: Iterable[Cdr], method: str) -> dict[str, Decimal]:
    """Choose the TAC with most events, or that of the latest; of several the smallest."""
    found = {}
    for who, used in _with_tac(records).items():
        counts = Counter(tac for _, tac in used)
        best = max(counts.values())
        latest = max(when for when, _ in used)
        tied = (
            [tac for tac, n in counts.items() if n == best]
            if method == "most-common"
            else [tac for when, tac in used if when == latest]
        )
        found[who] = min(tied)
    return found


def _with_tac(records: Iterable[Cdr]) -> dict[str, list[tuple[dt.datetime, Decimal]]]:
    return by_subscriber((cdr.msisdn, cdr.datetime, cdr.tac) for cdr in records if cdr.tac is not None)


def common_characteristic(records: Iterable[Cdr], of: dict[Decimal, Any]) -> dict[str, Any]:
    """Take the characteristic known of most events, of several the smallest; None if none is known."""
    found = {}
    for who, used in _with_tac(records).items():
        known = [of[tac] for _, tac in used if of.get(tac) is not None]
        found[who] = statistic_of("mode", known)
    return found


def handset_stats(
    records: Iterable[Cdr], window: Window, of: dict[Decimal, Any], statistic: str
) -> dict[str, Any]:
    """Take a statistic of a measure over events, or over the time between them."""
    found = {}
    for who, used in _with_tac(records).items():
        known = sorted((when, of[tac]) for when, tac in used if of.get(tac) is not None)
        if not known:
            continue
        if statistic in ("count", "max", "min"):
            found[who] = statistic_of(statistic, [value for _, value in known])
            continue
        times = [window.start, *(when for when, _ in known)]
        held = [
            (value, (when - since).total_seconds())
            for (when, value), since in zip(known, times[:-1], strict=True)
        ]
        held.append((known[-1][1], (window.stop - times[-1]).total_seconds()))
        found[who] = weighted_statistic(statistic, held)
    return found


def _nulls_last(value: Decimal | None) -> tuple[bool, Decimal]:
    return value is None, value or Decimal(0)


def topup_balance(records: Iterable[Cdr], window: Window, statistic: str) -> dict[str, Any]:
    """Take a statistic of the balances at top-ups, or of those held over time."""
    found = {}
    balances = (
        (cdr.msisdn, cdr.datetime, (cdr.pre_event_balance, cdr.post_event_balance)) for cdr in records
    )
    for who, topups in by_subscriber(balances).items():
        topups = sorted(topups, key=lambda topup: (topup[0], *map(_nulls_last, topup[1])))
        if statistic == "count":
            found[who] = len(topups)
            continue
        known = [balance for _, both in topups for balance in both if balance is not None]
        if statistic in ("max", "min"):
            found[who] = statistic_of(statistic, known)
            continue
        since, earlier, held = window.start, None, []
        for when, (before, after) in topups:
            sides = [side for side in (earlier, before) if side is not None]
            if sides:
                held.append((sum(map(Fraction, sides)) / len(sides), (when - since).total_seconds()))
            since, earlier = when, after
        if earlier is not None:
            held.append((earlier, (window.stop - since).total_seconds()))
        if held:
            found[who] = weighted_statistic(statistic, held)
    return found
