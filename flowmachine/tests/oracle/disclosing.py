"""Who is behind the rows of each exposed kind: counted from events and a spec in plain Python.

A kind is one entry of ``KINDS``: a strategy for its specs, and the function that lists its
contributions, that is, pairs of a subscriber and the key of a row that they contribute to.
"""

import datetime as dt
import hashlib
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from typing import Any

import attrs
from hypothesis import strategies as st

from tests.oracle import aggregates_definitions as meaning
from tests.oracle import definitions
from tests.oracle.aggregates_definitions import Contributions, Key
from tests.oracle.cdr import Cdr
from tests.oracle.definitions import Place, Window, placed_events
from tests.oracle.strategies import INSTANTS

Spec = dict[str, Any]
People = dict[Key, set[str]]
SUBSET_ID = "5" * 32
SUBSET = frozenset(f"p{number}" for number in range(100) if number % 7)
"""What is stored under that id: most subscribers."""

WIDTH = {"admin0": 1, "admin2": 1, "admin3": 1, "lon-lat": 2}


@st.composite
def _block(draw: st.DrawFn) -> list[Cdr]:
    """Draw the same event of several subscribers who follow each other."""
    first, number = draw(st.integers(0, 40)), draw(st.sampled_from([1, 8, 15, 16, 17, 40, 60]))
    table, instant = draw(st.sampled_from(["calls", "sms"])), draw(st.sampled_from(INSTANTS[::4]))
    cell, outgoing = draw(st.sampled_from(["c0", "c0", "c1", "moved", "outside"])), draw(st.booleans())
    id_ = str(draw(st.integers(0, 3)))
    return [Cdr(table, f"p{who}", instant, cell, outgoing, id=id_) for who in range(first, first + number)]


crowd = st.lists(_block(), min_size=6, max_size=16).map(
    lambda blocks: [cdr for block in blocks for cdr in block]
)
"""Events such that there are groups of all sizes around the threshold."""

_days = st.integers(1, 3)
UNIT = st.sampled_from(sorted(WIDTH))
_hours = (
    st.none()
    | st.none()
    | st.fixed_dictionaries(
        {"start_hour": st.sampled_from([0, 6, 22]), "end_hour": st.sampled_from([0, 5, 14, 24])}
    )
)
EVENT_FIELDS = {
    "event_types": st.none() | st.lists(st.sampled_from(["calls", "sms"]), min_size=1),
    "subscriber_subset": st.none() | st.just(SUBSET_ID),
    "hours": _hours,
}
_sampling = st.none() | st.one_of(
    *(
        st.fixed_dictionaries(
            {"sampling_method": st.sampled_from(["random_ids", "bernoulli"]), "seed": st.just(0.5), **measure}
        )
        for measure in (
            {"size": st.integers(10, 60)},
            {"fraction": st.sampled_from([0.5, 0.75])},
        )
    )
)
_direction = {"direction": st.sampled_from(["in", "out", "both"])}


def _day(number: int) -> str:
    return f"2016-01-0{number}"


_window = st.tuples(_days, _days).map(
    lambda days: {"start_date": _day(min(days)), "end_date": _day(max(days) + 1)}
)


def specs(kind: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Spec]:
    """Draw specs of a kind with fields."""
    return st.fixed_dictionaries({"query_kind": st.just(kind), **fields})


def windowed(kind: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Spec]:
    """Draw specs of a kind over events in a window."""
    drawn = specs(kind, **EVENT_FIELDS, **fields)
    return st.tuples(drawn, _window).map(lambda parts: parts[0] | parts[1])


def locations(unit: str, *, sampled: bool = True) -> st.SearchStrategy[Spec]:
    """Draw specs of where subscribers were."""
    # How PostgreSQL writes the numbers of a row is not repeated here.
    sampling = _sampling if sampled and unit != "lon-lat" else st.none()
    return specs(
        "daily_location",
        date=_days.map(_day),
        aggregation_unit=st.just(unit),
        method=st.sampled_from(["last", "most-common"]),
        sampling=sampling,
        **EVENT_FIELDS,
    )


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
        (hashlib.md5(f"{sampling['seed']!r}|1|({','.join(row)})".encode()).hexdigest(), row)  # noqa: S324
        for row in rows
    )
    if "size" in sampling:
        number = sampling["size"]
    elif sampling["sampling_method"] == "random_ids":
        number = math.floor(sampling["fraction"] * len(rows))
    else:
        number = sum(lot < f"{int(sampling['fraction'] * 2**128):032x}" for lot, _ in lots)
    return [row for _, row in lots[:number]]


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


def _flows(data: list[Cdr], spec: Spec) -> Mapping[str, Key]:
    first, then = (located(data, spec[name]) for name in ("from_location", "to_location"))
    width = WIDTH[spec["from_location"]["aggregation_unit"]]
    return meaning.pairs(first, then, spec["join_type"], width)


def _outflows(data: list[Cdr], spec: Spec) -> Contributions:
    width = WIDTH[spec["from_location"]["aggregation_unit"]]
    return [(who, key[:width]) for who, key in _flows(data, spec).items()]


def _inflows(data: list[Cdr], spec: Spec) -> Contributions:
    width = WIDTH[spec["from_location"]["aggregation_unit"]]
    return [(who, key[width:]) for who, key in _flows(data, spec).items()]


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
    contributions: Callable[[list[Cdr], Spec], Contributions]
    key: slice = slice(None, -1)
    """The columns that tell a row from others."""
    released: Callable[[People, Spec], set[Key]] = large_enough


def _pair(kind: str) -> st.SearchStrategy[Spec]:
    return UNIT.flatmap(
        lambda unit: specs(
            kind,
            from_location=locations(unit),
            to_location=locations(unit),
            join_type=st.sampled_from(["inner", "full outer", "left", "right"]),
        )
    )


_counts = windowed("event_count", **_direction, sampling=_sampling)

KINDS: dict[str, Kind] = {
    "flows": Kind(_pair("flows"), lambda data, spec: _flows(data, spec).items()),
    "inflows": Kind(_pair("inflows"), _inflows),
    "outflows": Kind(_pair("outflows"), _outflows),
    "location_event_counts": Kind(
        windowed(
            "location_event_counts",
            **_direction,
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
        windowed("location_introversion", **_direction, aggregation_unit=UNIT), _introversion
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
                metric=_counts,
                method=st.sampled_from(["avg", "count", "median"]),
            )
        ),
        _joined,
    ),
    "histogram_aggregate": Kind(
        specs(
            "histogram_aggregate",
            metric=_counts,
            bins=st.sampled_from([{"bin_list": edges} for edges in ([0, 3, 100], [1, 4, 5], [0, 100])]),
        ),
        _histogram,
        key=slice(1, None),
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
