"""Visits: events reduced to one row per subscriber and place.

Each day is reduced by itself, with its place of every cell as a constant of that day: the work per
event is a look-up in the small stored mapping of cells and one hash aggregate that fits into memory,
days can be reduced side by side, and only the partitions of the window are read. Grouping by cell
before looking up the place would save look-ups but cost a second aggregation of nearly as many rows;
measured over seven days of two million rows, that is twice as slow.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause, Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.dates import split_into_days
from flowmachine.core.spatial_unit import SpatialUnit
from flowmachine.features.utilities.direction import Direction
from flowmachine.features.utilities.events import EventQuery
from flowmachine.features.utilities.placing import place_events

Bucket = Callable[[ColumnElement[Any]], ColumnElement[Any]]
"""What of an event's time its visit is grouped by."""


@attrs.frozen
class Measure:
    """What is kept of the events of a visit.

    Parameters
    ----------
    of_events : function
        The aggregate over events.
    of_days : function
        The aggregate that combines the measures of several days.
    """

    of_events: Callable[[FromClause], ColumnElement[Any]]
    of_days: Callable[[ColumnElement[Any]], ColumnElement[Any]]


NUMBER_OF_EVENTS = Measure(lambda _: sa.func.count(), sa.func.sum)
EARLIEST_EVENT = Measure(lambda events: sa.func.min(events.c.datetime), sa.func.min)
LATEST_EVENT = Measure(lambda events: sa.func.max(events.c.datetime), sa.func.max)


def daily_visits(
    query: EventQuery,
    using: Compilation,
    unit: SpatialUnit,
    measures: Mapping[str, Measure],
    *,
    buckets: Mapping[str, Bucket] | None = None,
    direction: Direction = Direction.BOTH,
    located: bool = True,
) -> Iterator[tuple[dt.date, Select[Any]]]:
    """Yield each day of a query's window with the visits of that day.

    A visit has ``subscriber``, the unit's location columns, the buckets and the measures; on one day
    there is one visit per subscriber, place and bucket. Unless only events that are ``located`` count, the
    unit of cells has a place null and a place of empty text for those that are not.
    """
    for start, stop in split_into_days(query.start, query.stop):
        placed = place_events(
            query, using, unit, start, stop, "datetime", direction=direction, located=located
        )
        events = placed.events
        groups = [function(events.c.datetime).label(name) for name, function in (buckets or {}).items()]
        kept = [measure.of_events(events).label(name) for name, measure in measures.items()]
        keys = [events.c.subscriber, *placed.place, *groups]
        yield start.date(), sa.select(*keys, *kept).select_from(placed.source).group_by(*keys)


def combined(
    days: Sequence[Select[Any]], unit: SpatialUnit, measures: Mapping[str, Measure], *buckets: str
) -> Select[Any]:
    """Select one visit per subscriber, place and bucket from the visits of several days."""
    if len(days) == 1:
        return days[0]
    stacked = sa.union_all(*days).subquery("days")
    keys = [stacked.c[name] for name in ("subscriber", *unit.location_id_columns, *buckets)]
    kept = [measure.of_days(stacked.c[name]).label(name) for name, measure in measures.items()]
    return sa.select(*keys, *kept).group_by(*keys)
