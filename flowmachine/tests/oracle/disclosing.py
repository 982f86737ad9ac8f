"""Who is behind the rows of each exposed kind: counted from events and a spec in plain Python.

A kind is one entry of ``KINDS``: a strategy for its specs, and the function that lists its
contributions, that is, pairs of a subscriber and the key of a row that they contribute to.
"""

import datetime as dt
import hashlib
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Any

import attrs
import sqlalchemy as sa
from hypothesis import strategies as st

from tests.oracle import aggregates_definitions as meaning
from tests.oracle import definitions
from tests.oracle.aggregates_definitions import Contributions, Key
from tests.oracle.cdr import Cdr, insert_cdrs
from tests.oracle.definitions import Place, Window, placed_events
from tests.oracle.spec_strategies import (
    COUNTS,
    DIRECTION,
    SUBSET,
    UNIT,
    WIDTH,
    Spec,
    crowd,
    locations,
    specs,
    unique_locations,
    windowed,
)

People = dict[Key, set[str]]


def window_of(spec: Spec) -> Window:
    """Return the events that a spec is about."""
    start = dt.datetime.fromisoformat(spec.get("start_date") or spec["date"]).replace(tzinfo=dt.UTC)
    stop = (
        dt.datetime.fromisoformat(spec["end_date"]).replace(tzinfo=dt.UTC)
        if "end_date" in spec
        else start + dt.timedelta(days=1)
    )
    hours = spec["hours"]
    return Window(
        start,
        stop,
        frozenset(spec["event_types"] or ("calls", "sms")),
        (hours["start_hour"], hours["end_hour"]) if hours else None,
        spec.get("direction", "both"),
        SUBSET if spec["subscriber_subset"] else None,
    )


def sampled(rows: list[tuple[Any, ...]], spec: Spec) -> list[tuple[Any, ...]]:
    """Take the rows that the documented lots choose: md5 of the seed, the copy and the row's text."""
    sampling = spec.get("sampling")
    if not sampling:
        return rows
    lots = sorted(
        (hashlib.md5(f"{sampling['seed']!r}|1|({','.join(map(_text, row))})".encode()).hexdigest(), row)  # noqa: S324
        for row in rows
    )
    if "size" in sampling:
        number = sampling["size"]
    elif sampling["sampling_method"] == "random_ids":
        number = math.floor(sampling["fraction"] * len(rows))
    else:
        number = sum(lot < f"{int(sampling['fraction'] * 2**128):032x}" for lot, _ in lots)
    return [row for _, row in lots[:number]]


def _text(value: str | None) -> str:
    return "" if value is None else value


def seen(data: list[Cdr], spec: Spec) -> set[tuple[str, Place]]:
    """Return where subscribers were, by a spec of ``unique_locations``."""
    rows = {(who, *place) for who, _, place in placed(data, spec)}
    return {(row[0], row[1:]) for row in sampled(sorted(rows), spec)}


def events_of(data: Iterable[Cdr]) -> list[tuple[Any, ...]]:
    """Return records as events."""
    return [(cdr.msisdn, cdr.datetime, cdr.location_id, cdr.outgoing, cdr.table) for cdr in data]


def located(data: list[Cdr], spec: Spec) -> dict[str, Place]:
    """Return where each subscriber was, by a spec of locations."""
    method = {"last": definitions.last_location, "most-common": definitions.most_frequent_location}
    found = method[spec["method"]](events_of(data), window_of(spec), spec["aggregation_unit"])
    rows = sampled([(who, *place) for who, place in found.items()], spec)
    return {row[0]: row[1:] for row in rows}


def placed(data: list[Cdr], spec: Spec) -> list[definitions.Placed]:
    """List the events of a spec that have a place."""
    return placed_events(events_of(data), window_of(spec), spec["aggregation_unit"])


def with_value(data: list[Cdr], spec: Spec) -> list[tuple[str, int]]:
    """Return the value of each subscriber by a spec of ``event_count``."""
    counts = Counter(event[0] for event in events_of(data) if window_of(spec).holds(event))
    rows = sampled([(who, str(number)) for who, number in counts.items()], spec)
    return [(who, int(number)) for who, number in rows]


def _places(data: list[Cdr], spec: Spec) -> dict[str, list[Place]]:
    """Return the places of each subscriber: one of a daily location, or all unique ones."""
    if spec["query_kind"] == "daily_location":
        return {who: [place] for who, place in located(data, spec).items()}
    found = defaultdict(list)
    for who, place in sorted(seen(data, spec)):
        found[who].append(place)
    return found


def _flows(data: list[Cdr], spec: Spec) -> list[tuple[str, Key]]:
    first, then = (_places(data, spec[name]) for name in ("from_location", "to_location"))
    nowhere = [(None,) * WIDTH[spec["from_location"]["aggregation_unit"]]]
    needed = {"inner": (first, then), "left": (first,), "right": (then,), "full outer": ()}[spec["join_type"]]
    return [
        (who, (*origin, *destination))
        for who in sorted(first.keys() | then.keys())
        if all(who in side for side in needed)
        for origin in first.get(who, nowhere)
        for destination in then.get(who, nowhere)
    ]


def _outflows(data: list[Cdr], spec: Spec) -> Contributions:
    width = WIDTH[spec["from_location"]["aggregation_unit"]]
    return [(who, key[:width]) for who, key in _flows(data, spec)]


def _inflows(data: list[Cdr], spec: Spec) -> Contributions:
    width = WIDTH[spec["from_location"]["aggregation_unit"]]
    return [(who, key[width:]) for who, key in _flows(data, spec)]


def _event_counts(data: list[Cdr], spec: Spec) -> Contributions:
    parts = {"day": 1, "hour": 2, "min": 3}[spec["interval"]]
    return [
        (who, (*place, *(when.date().isoformat(), when.hour, when.minute)[:parts]))
        for who, when, place in placed(data, spec)
    ]


def _introversion(data: list[Cdr], spec: Spec) -> Contributions:
    window, where = window_of(spec), definitions.placer(spec["aggregation_unit"])
    held = attrs.evolve(window, direction="both")
    legs = [
        (cdr, where(cdr.location_id, cdr.datetime.date()))
        for cdr, event in zip(data, events_of(data), strict=True)
        if held.holds(event)
    ]
    known = defaultdict(set)
    for cdr, place in legs:
        if place is not None:
            known[cdr.id].add(cdr.outgoing)
    return [
        (cdr.msisdn, place)
        for cdr, place in legs
        if place is not None
        and (not cdr.outgoing) in known[cdr.id]
        and window.direction in ("both", "out" if cdr.outgoing else "in")
    ]


def _joined(data: list[Cdr], spec: Spec) -> Contributions:
    places = located(data, spec["locations"])
    return [(who, places[who]) for who, _ in with_value(data, spec["metric"]) if who in places]


def _bins(spec: Spec) -> list[Key]:
    return list(pairwise(spec["bins"]["bin_list"]))


def _histogram(data: list[Cdr], spec: Spec) -> Contributions:
    *_, last = _bins(spec)
    return [
        (who, (low, high))
        for who, value in with_value(data, spec["metric"])
        for low, high in _bins(spec)
        if low <= value < high or ((low, high) == last and value == high)
    ]


def large_enough(people: People, spec: Spec) -> set[Key]:
    """Return the keys of the rows with more than 15 contributors."""
    return {key for key, who in people.items() if len(who) > 15}


def all_or_nothing(people: People, spec: Spec) -> set[Key]:
    """Return the keys of all bins, or that of a row of nulls if one has few contributors, but any."""
    return set(_bins(spec)) if large_enough(people, spec) == people.keys() else {(None, None)}


@attrs.frozen
class Kind:
    """How specs of a kind are drawn, and who contributes to which row."""

    specs: st.SearchStrategy[Spec]
    contributions: Callable[[list[Any], Spec], Contributions]
    key: Callable[[Key], Key] = lambda row: row[:-1]
    """What tells a row from others."""
    released: Callable[[People, Spec], set[Key]] = large_enough
    rows: Callable[[People], set[Key]] = set
    """The keys of all rows, released or not."""
    data: st.SearchStrategy[list[Any]] = crowd
    insert: Callable[[sa.Connection, list[Any]], object] = insert_cdrs


def _input_to_flows(unit: str) -> st.SearchStrategy[Spec]:
    return locations(unit) | unique_locations(unit)


def _pair(kind: str) -> st.SearchStrategy[Spec]:
    return UNIT.flatmap(
        lambda unit: specs(
            kind,
            from_location=_input_to_flows(unit),
            to_location=_input_to_flows(unit),
            join_type=st.sampled_from(["inner", "full outer", "left", "right"]),
        )
    )


KINDS: dict[str, Kind] = {
    "flows": Kind(_pair("flows"), _flows),
    "inflows": Kind(_pair("inflows"), _inflows),
    "outflows": Kind(_pair("outflows"), _outflows),
    "location_event_counts": Kind(
        windowed(
            "location_event_counts",
            **DIRECTION,
            aggregation_unit=UNIT,
            interval=st.sampled_from(["day", "hour", "min"]),
        ),
        _event_counts,
    ),
    "unique_subscriber_counts": Kind(
        windowed("unique_subscriber_counts", aggregation_unit=UNIT),
        lambda data, spec: [(who, place) for who, _, place in placed(data, spec)],
    ),
    "location_introversion": Kind(
        windowed("location_introversion", **DIRECTION, aggregation_unit=UNIT), _introversion
    ),
    "spatial_aggregate": Kind(
        UNIT.flatmap(lambda unit: specs("spatial_aggregate", locations=locations(unit))),
        lambda data, spec: located(data, spec["locations"]).items(),
    ),
    "joined_spatial_aggregate": Kind(
        UNIT.flatmap(
            lambda unit: specs(
                "joined_spatial_aggregate",
                locations=locations(unit),
                metric=COUNTS,
                method=st.sampled_from(["avg", "count", "median"]),
            )
        ),
        _joined,
    ),
    "histogram_aggregate": Kind(
        specs(
            "histogram_aggregate",
            metric=COUNTS,
            bins=st.sampled_from([{"bin_list": edges} for edges in ([0, 3, 100], [1, 4, 5], [0, 100])]),
        ),
        _histogram,
        key=lambda row: row[1:],
        released=all_or_nothing,
    ),
    "consecutive_trips_od_matrix": Kind(
        windowed("consecutive_trips_od_matrix", aggregation_unit=UNIT),
        lambda data, spec: meaning.consecutive_trips(placed(data, spec)),
    ),
    "trips_od_matrix": Kind(
        windowed("trips_od_matrix", aggregation_unit=UNIT),
        lambda data, spec: meaning.trips(placed(data, spec)),
    ),
}
