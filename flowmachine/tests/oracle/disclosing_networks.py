"""Who is behind the rows of the kinds about networks, meaningful places and mobile money."""

import datetime as dt
from typing import Any

import shapely
import sqlalchemy as sa
from hypothesis import strategies as st

from tests.oracle import clusters_definitions as clusters
from tests.oracle import mobile_money_definitions as money
from tests.oracle import network_definitions as network
from tests.oracle.aggregates_definitions import Contributions, Key
from tests.oracle.cdr import Cdr, insert_cdrs
from tests.oracle.clusters_definitions import Box, Point
from tests.oracle.disclosing import Kind, events_of, window_of
from tests.oracle.sites import insert_sites
from tests.oracle.spec_strategies import EVENT_FIELDS, UNIT, Spec, specs, windowed

_TOTAL = windowed(
    "total_network_objects",
    aggregation_unit=UNIT,
    total_by=st.sampled_from(["minute", "hour", "day", "year"]),
)


def _uses(data: list[Cdr], spec: Spec) -> Contributions:
    found = network.uses(events_of(data), window_of(spec), spec["aggregation_unit"], versioned=False)
    return [(who, (*place, network.start_of(spec["total_by"], when))) for who, _, place, when in found]


def _longer(data: list[Cdr], spec: Spec) -> Contributions:
    by = spec["aggregate_by"]
    return [
        (who, (*key[:-1], network.start_of(by, key[-1])))
        for who, key in _uses(data, spec["total_network_objects"])
    ]


def _without_value(row: Key) -> Key:
    """Take what stands before and behind the value."""
    return (*row[:-2], row[-1])


BOXES: dict[str, Box] = {"by day": (0.05, 1.1, -1.1, 1.1), "at night": (-1.1, -0.05, -1.1, 1.1)}
HOURS = [-1.0] * 7 + [1.0] * 11 + [-1.0] * 6
WEEKDAYS = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"), 0.5)
_LABEL = st.sampled_from([*BOXES, "unknown"])
_MEANING: dict[str, st.SearchStrategy[Any]] = {
    "labels": st.just(
        {
            label: shapely.geometry.mapping(shapely.box(left, low, right, high))
            for label, (left, right, low, high) in BOXES.items()
        }
    ),
    "tower_hour_of_day_scores": st.just(HOURS),
    "tower_day_of_week_scores": st.just(WEEKDAYS),
    "tower_cluster_radius": st.sampled_from([1.0, 150.0]),
    "aggregation_unit": st.sampled_from(["admin0", "admin2", "admin3"]),
    **{name: field for name, field in EVENT_FIELDS.items() if name != "hours"},
}


def _meaningful(kind: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Spec]:
    return specs(f"meaningful_locations_{kind}", **_MEANING, **fields)


_days = st.sampled_from(
    [("2016-01-01", "2016-01-03"), ("2016-01-01", "2016-01-04"), ("2016-01-03", "2016-01-04")]
)


def _between(start: str, end: str) -> st.SearchStrategy[Spec]:
    return _days.map(lambda days: dict(zip((start, end), days, strict=True)))


def _centres(data: list[Cdr], spec: Spec, ends: tuple[str, str], label: str) -> dict[str, set[Point | None]]:
    window = window_of(spec | {"hours": None, "start_date": spec[ends[0]], "end_date": spec[ends[1]]})
    held = [event for event in events_of(data) if window.holds(event)]
    radius, scores = spec["tower_cluster_radius"], list(WEEKDAYS.values())
    return clusters.meaningful_of_events(held, HOURS, scores, radius, BOXES, label)


def _level(spec: Spec) -> int:
    return int(spec["aggregation_unit"][-1])


_WINDOW = ("start_date", "end_date")


def _located(data: list[Cdr], spec: Spec) -> Contributions:
    found = _centres(data, spec, _WINDOW, spec["label"])
    return [
        (who, (spec["label"], *clusters.region_of(centre, _level(spec))))
        for who, centres in found.items()
        for centre in centres
    ]


def _pairs(data: list[Cdr], spec: Spec) -> Contributions:
    if spec["query_kind"].endswith("between_label_od_matrix"):
        labels, windows = (spec["label_a"], spec["label_b"]), (_WINDOW, _WINDOW)
    else:
        labels = (spec["label"], spec["label"])
        windows = (("start_date_a", "end_date_a"), ("start_date_b", "end_date_b"))
    one, other = (_centres(data, spec, window, label) for window, label in zip(windows, labels, strict=True))
    level = _level(spec)
    return [
        (who, (*labels, *clusters.region_of(origin, level), *clusters.region_of(aim, level)))
        for who in sorted(one.keys() & other.keys())
        for origin in one[who]
        for aim in other[who]
    ]


def _merged(drawn: tuple[Spec, ...]) -> Spec:
    return {name: value for part in drawn for name, value in part.items()}


def _insert_with_sites(connection: sa.Connection, data: list[Cdr]) -> None:
    insert_sites(connection)
    insert_cdrs(connection, data)


def _parties(data: list[money.Transaction], spec: Spec) -> Contributions:
    first, last = (dt.date.fromisoformat(spec[end]).day for end in _WINDOW)
    return [(f"p{who}", key) for _, who, key in money.placed(data, (first, last), _level(spec))]


KINDS: dict[str, Kind] = {
    "total_network_objects": Kind(_TOTAL, _uses, key=_without_value),
    "aggregate_network_objects": Kind(
        specs(
            "aggregate_network_objects",
            total_network_objects=_TOTAL,
            statistic=st.sampled_from(["avg", "max", "median", "count", "stddev", "mode"]),
            aggregate_by=st.sampled_from(["hour", "day", "month", "century"]),
        ),
        _longer,
        key=_without_value,
    ),
    "meaningful_locations_aggregate": Kind(
        st.tuples(_meaningful("aggregate", label=_LABEL), _between(*_WINDOW)).map(_merged),
        _located,
        insert=_insert_with_sites,
    ),
    "meaningful_locations_between_label_od_matrix": Kind(
        st.tuples(
            _meaningful("between_label_od_matrix", label_a=_LABEL, label_b=_LABEL), _between(*_WINDOW)
        ).map(_merged),
        _pairs,
        insert=_insert_with_sites,
    ),
    "meaningful_locations_between_dates_od_matrix": Kind(
        st.tuples(
            _meaningful("between_dates_od_matrix", label=_LABEL),
            _between("start_date_a", "end_date_a"),
            _between("start_date_b", "end_date_b"),
        ).map(_merged),
        _pairs,
        insert=_insert_with_sites,
    ),
    "dfs_metric_total_amount": Kind(
        specs(
            "dfs_metric_total_amount",
            metric=st.sampled_from(money.METRICS),
            aggregation_unit=st.sampled_from(["admin0", "admin2", "admin3"]),
            start_date=st.sampled_from(["2016-01-01", "2016-01-02"]),
            end_date=st.sampled_from(["2016-01-02", "2016-01-03"]),
        ),
        _parties,
        data=money.crowds,
        insert=money.insert_transactions,
    ),
}
