"""Sightings: events reduced to what a query needs per subscriber and place.

Events are first grouped by subscriber, cell and day, and only these groups are joined to geography:
the work per event is one hash aggregate, and the geometry work was done once per cell.
"""

from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause, Select

from flowmachine.core import sql
from flowmachine.core.compilation import Compilation
from flowmachine.core.dates import days_in_window
from flowmachine.core.spatial_unit import GeomSpatialUnit, SpatialUnit
from flowmachine.features.utilities.direction import Direction
from flowmachine.features.utilities.events import EventQuery, select_events

Measures = Mapping[str, Callable[[FromClause], ColumnElement[Any]]]


def number_of_events(_: FromClause) -> ColumnElement[Any]:
    """Count the events of a group."""
    return sa.func.count()


def latest_event(events: FromClause) -> ColumnElement[Any]:
    """Return the time of the last event of a group."""
    return sa.func.max(events.c.datetime, type_=sa.TIMESTAMP(timezone=True))


def in_service(unit: FromClause, day: ColumnElement[Any]) -> ColumnElement[bool]:
    """Tell whether a cell's version, in a unit's mapping, is in service on a day."""
    first, last = unit.c.date_of_first_service, unit.c.date_of_last_service
    return (first.is_(None) | (first <= day)) & (last.is_(None) | (day <= last))


def select_sightings(
    query: EventQuery,
    using: Compilation,
    unit: SpatialUnit,
    measures: Measures,
    *,
    buckets: Mapping[str, Callable[[ColumnElement[Any]], ColumnElement[Any]]] | None = None,
    direction: Direction = Direction.BOTH,
) -> Select[Any]:
    """Select a query's events grouped by subscriber, cell and day, with the place of each group.

    Parameters
    ----------
    measures : mapping of name to aggregate
        What is kept of each group.
    buckets : mapping of name to function of the event's time, optional
        Further columns to group by.

    Returns
    -------
    Select
        ``subscriber``, the unit's location columns, the buckets, the measures. A subscriber can have
        several rows for a place: one per cell and day.
    """
    events = select_events(query, using, "datetime", "location_id", direction=direction).subquery("events")
    groups = {name: function(events.c.datetime) for name, function in (buckets or {}).items()}
    one_day = len(days_in_window(query.start, query.stop)) == 1
    if isinstance(unit, GeomSpatialUnit) and not one_day:
        groups.setdefault("date", sql.utc_date(events.c.datetime))
    keys = [events.c.subscriber, events.c.location_id, *(g.label(name) for name, g in groups.items())]
    kept = [measure(events).label(name) for name, measure in measures.items()]
    grouped = sa.select(*keys, *kept).group_by(*keys).subquery("sightings")
    shown = [grouped.c[name] for name in (*(buckets or {}), *measures)]
    if not isinstance(unit, GeomSpatialUnit):
        return sa.select(grouped.c.subscriber, grouped.c.location_id, *shown)
    cells = using(unit)
    day = sa.cast(sa.literal(query.start[:10], sa.Text), sa.Date) if one_day else grouped.c.date
    return sa.select(grouped.c.subscriber, *(cells.c[c] for c in unit.location_id_columns), *shown).join_from(
        grouped, cells, (grouped.c.location_id == cells.c.location_id) & in_service(cells, day)
    )
