"""The same where an operator's tables say where cells belong, and of a stored set of subscribers."""

from typing import Any

from tests.parity.specs.parts import (
    EVENTS,
    HOURS,
    METRICS,
    THREE_DAYS,
    Spec,
    daily,
    frequent,
    modal,
    unique_locations,
)

STORED = "the id of the stored query"
"""What stands in a spec for the id of the query of subscribers that each server has stored."""

SQUARES: Spec = {
    "aggregation_unit": "lon-lat",
    "mapping_table": "cell_squares",
    "geom_table": "squares",
    "geom_table_join_column": "square",
}
_QUALIFIED: Spec = {
    **SQUARES,
    "mapping_table": "flowmachine.cell_squares",
    "geom_table": "flowmachine.squares",
}


def regions(level: int) -> Spec:
    """Return the fields of a region by the table of cells."""
    return {"aggregation_unit": f"admin{level}", "mapping_table": "coarse_cells"}


BRIDGES: dict[str, Spec] = {**{f"admin{level}": regions(level) for level in range(4)}, "squares": SQUARES}
SUBSET: Spec = {"subscriber_subset": STORED}


def _windowed(kind: str, fields: Spec, **more: Any) -> Spec:
    return {"query_kind": kind, **THREE_DAYS, **fields, **more}


def _daily(number: int, fields: Spec, **more: Any) -> Spec:
    return {**daily(number), **fields, **more}


def _modal(fields: Spec, **more: Any) -> Spec:
    return {**modal(), "locations": [_daily(number, fields, **more) for number in (1, 2, 3)]}


def _counted(locations: Spec) -> Spec:
    return {"query_kind": "spatial_aggregate", "locations": locations}


def _flows(start: Spec, end: Spec, kind: str = "flows") -> Spec:
    return {"query_kind": kind, "from_location": start, "to_location": end}


def _joined(locations: Spec, metric: Spec, method: str = "avg") -> Spec:
    return {
        "query_kind": "joined_spatial_aggregate", "locations": locations, "metric": metric, "method": method,
    }  # fmt: skip


def _active(seen: Spec, reference: Spec) -> Spec:
    return {
        "query_kind": "active_at_reference_location_counts",
        "unique_locations": seen,
        "reference_locations": reference,
    }


def _each(fields: Spec, **more: Any) -> dict[str, Spec]:
    """Return one of each kind that reads events and has places."""
    seen = {**unique_locations(), **fields, **more}
    return {
        "events": _windowed("location_event_counts", fields, interval="hour", **more),
        "unique subscribers": _windowed("unique_subscriber_counts", fields, **more),
        "introversion": _windowed("location_introversion", fields, **more),
        "trips": _windowed("trips_od_matrix", fields, **more),
        "consecutive trips": _windowed("consecutive_trips_od_matrix", fields, **more),
        "network": _windowed("total_network_objects", fields, total_by="day", **more),
        "last": _counted(_daily(2, fields, **more)),
        "most common": _counted(_daily(3, fields, method="most-common", **more)),
        "modal": _counted(_modal(fields, **more)),
        "frequent": _counted({**frequent(), **fields, **more}),
        "flows": _flows(_daily(1, fields, **more), _daily(2, fields, **more)),
        "inflows": _flows(_modal(fields, **more), _daily(4, fields, **more), "inflows"),
        "active": _active(seen, _daily(1, fields, **more)),
        "unmoving": {"query_kind": "unmoving_counts", "locations": seen},
        "counted locations": _joined(
            _daily(1, fields, **more), _windowed("unique_location_counts", fields, **more)
        ),
    }


_PLACES: Spec = {"aggregation_unit": "admin2"}
_METRICS = ("radius of gyration", "events made", "degree", "pareto", "balance", "nocturnal", "active days")

SPECS: dict[str, Spec] = {
    **{
        f"bridge: {kind}, {name}": spec
        for name, fields in BRIDGES.items()
        for kind, spec in _each(fields).items()
    },
    "bridge: qualified names": _windowed("unique_subscriber_counts", _QUALIFIED),
    **{
        f"bridge: unique subscribers of {name}": _windowed("unique_subscriber_counts", regions(3), **more)
        for name, more in (EVENTS | HOURS).items()
    },
    "bridge: geography": {"query_kind": "geography", **regions(2)},
    "bridge: flows from another unit": _flows(_daily(1, regions(3)), daily(2)),
    "bridge: a table that is not there": _windowed(
        "unique_subscriber_counts", {"aggregation_unit": "admin3", "mapping_table": "nothing"}
    ),
    **{f"stored subset: {kind}": spec for kind, spec in _each(_PLACES, **SUBSET).items()},
    **{
        f"stored subset: {kind} of calls at night": spec
        for kind, spec in _each(_PLACES, **SUBSET, **EVENTS["calls"], **HOURS["night"]).items()
        if kind in ("unique subscribers", "last", "trips", "flows")
    },
    **{
        f"stored subset: {name}": _joined(daily(1, "admin1"), {**METRICS[name], **SUBSET})
        for name in _METRICS
    },
    "stored subset: histogram": {
        "query_kind": "histogram_aggregate", "metric": {**METRICS["events"], **SUBSET}, "bins": {"n_bins": 3},
    },
    "stored subset: bridged": _windowed("unique_subscriber_counts", regions(3), **SUBSET),
}  # fmt: skip
