"""Events of one day next to the places where they were."""

import datetime as dt
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause

from flowmachine.core.cells import in_service
from flowmachine.core.compilation import Compilation
from flowmachine.core.spatial_unit import GeomSpatialUnit, SpatialUnit
from flowmachine.features.utilities.direction import Direction
from flowmachine.features.utilities.events import EventQuery, select_events


@attrs.frozen
class Placed:
    """Events, the columns of their places, and the relation that holds both."""

    events: FromClause
    place: list[ColumnElement[Any]]
    source: FromClause


def place_events(
    query: EventQuery,
    using: Compilation,
    unit: SpatialUnit,
    start: dt.datetime,
    stop: dt.datetime,
    *columns: str,
    direction: Direction = Direction.BOTH,
    located: bool = True,
) -> Placed:
    """Look up the places of the events of a day, or part of one, with the places of cells as they are then.

    Parameters
    ----------
    columns : str
        Columns of the events beside ``subscriber`` and ``location_id``.
    located : bool, default True
        Leave out events without a location. Only the unit of cells has any other.
    """
    read = (*columns, "location_id")
    located = located and not isinstance(unit, GeomSpatialUnit)
    events = select_events(query, using, start, stop, *read, direction=direction, located=located).subquery(
        "events"
    )
    if not isinstance(unit, GeomSpatialUnit):
        return Placed(events, [events.c.location_id], events)
    cells = using(unit)
    same = events.c.location_id == cells.c.location_id
    # Asked of the few cells, not of each event, which has the same text.
    located_at = cells.c.location_id != sa.literal("", sa.Text)
    here = same & located_at & in_service(cells, sa.literal(start.date(), sa.Date))
    return Placed(events, [cells.c[name] for name in unit.location_id_columns], events.join(cells, here))
