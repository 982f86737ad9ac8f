"""Events with the place of each, for what is asked of single events and not of visits."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core import sql
from flowmachine.core.compilation import Compilation
from flowmachine.core.dates import split_into_days
from flowmachine.core.spatial_unit import SpatialUnit
from flowmachine.features.utilities.direction import Direction
from flowmachine.features.utilities.event_window import EventWindow
from flowmachine.features.utilities.events import EventQuery
from flowmachine.features.utilities.placing import place_events


def select_placed_events(
    query: EventQuery,
    using: Compilation,
    unit: SpatialUnit,
    *columns: str,
    direction: Direction = Direction.BOTH,
) -> Select[Any]:
    """Select the events of a query's window that lie in one of a unit's places.

    Each day has its places of cells as constants. Columns: ``subscriber``, the unit's location
    columns, then ``columns``.
    """
    days = []
    for start, stop in split_into_days(query.start, query.stop):
        placed = place_events(query, using, unit, start, stop, *columns, direction=direction)
        events = placed.events
        days.append(
            sa.select(events.c.subscriber, *placed.place, *(events.c[name] for name in columns)).select_from(
                placed.source
            )
        )
    if len(days) == 1:
        return days[0]
    stacked = sa.union_all(*days).subquery("days")
    return sa.select(*stacked.c)


def select_other_legs(
    query: EventQuery,
    using: Compilation,
    unit: SpatialUnit,
    table: str,
    direction: Direction = Direction.BOTH,
) -> Select[Any]:
    """Select ``id``, ``outgoing`` and the place of each leg in a table, at most one row per id and direction.

    An interaction of two subscribers of the network has two records of one ``id``: its legs, one
    ``outgoing`` and one not. Hours and subsets of the query are about the subscriber's own leg, so
    that the other one is looked for among all of the window. Where a leg was recorded more than once,
    the earliest record with a place is taken, then that of the place first in order. Records without
    an id belong to no interaction.
    """
    window = EventWindow(query.start, query.stop, (table,))
    legs = select_placed_events(
        window, using, unit, "id", "outgoing", "datetime", direction=direction
    ).subquery("legs")
    place = [legs.c[name] for name in unit.location_id_columns]
    return sql.first_per(
        [legs.c.id, legs.c.outgoing],
        [legs.c.datetime, *place],
        columns=[legs.c.id, legs.c.outgoing, *place],
    ).where(legs.c.id.is_not(None))
