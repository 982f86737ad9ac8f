"""Where subscribers' events were, one row per event; and the visits that queries make of them."""

from collections.abc import Mapping
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import FromClause, Select

from flowmachine.core import sql
from flowmachine.core.compilation import Compilation
from flowmachine.core.dates import split_into_days
from flowmachine.core.facts import Facts
from flowmachine.core.query import Query
from flowmachine.core.spatial_unit import CellSpatialUnit, SpatialUnit
from flowmachine.core.subset import SubscriberSubset
from flowmachine.core.union import stack
from flowmachine.features.utilities import fields
from flowmachine.features.utilities.daily_visits import DailyVisits, days_of_window, select_visits
from flowmachine.features.utilities.events import EventTables, check_events
from flowmachine.features.utilities.hours import Hours
from flowmachine.features.utilities.locating import BaseLocation as BaseLocation
from flowmachine.features.utilities.placing import place_events
from flowmachine.features.utilities.visits import Bucket, Measure


@attrs.frozen(eq=False, slots=False, repr=False)
class SubscriberLocations(Query):
    """Every event in ``[start, stop)`` with its place; not stored, since it is as long as the events.

    Parameters
    ----------
    start, stop : str, date or datetime
        The window of time, its end not included.
    spatial_unit : SpatialUnit, default cell
    hours, table, subscriber_identifier, subscriber_subset
        As for :class:`~flowmachine.features.utilities.locating.BestVisit`.
    ignore_nulls : bool, default True
        Leave out events without a cell. Events in a cell that lies in none of the unit's places are
        left out in any case.

    Notes
    -----
    Columns: ``subscriber`` (text), ``time`` (timestamp with time zone), then the unit's location columns.

    Raises
    ------
    MissingDateError
        When planned, if no day of the window has been loaded.
    """

    start: str = fields.date_field()
    stop: str = fields.date_field()
    spatial_unit: SpatialUnit = fields.unit_field(default=CellSpatialUnit(), kw_only=True)
    hours: Hours = fields.hours_field(kw_only=True)
    table: EventTables = fields.table_field(kw_only=True)
    subscriber_identifier: str = fields.identifier_field(kw_only=True)
    ignore_nulls: bool = fields.flag_field(True)
    subscriber_subset: SubscriberSubset = fields.subset_field()
    reads_events = True
    storable = False

    def check(self, facts: Facts) -> None:
        """Refuse a window without data."""
        check_events(self, facts)

    def select(self, using: Compilation) -> Select[Any]:
        """Stack the days' events, each day with its places of cells."""
        days = [self._day(using, start, stop) for start, stop in split_into_days(self.start, self.stop)]
        if len(days) == 1:
            return days[0]
        stacked = sa.union_all(*days).subquery("days")
        return sa.select(*stacked.c)

    def _day(self, using: Compilation, start: Any, stop: Any) -> Select[Any]:
        placed = place_events(
            self, using, self.spatial_unit, start, stop, "datetime", located=self.ignore_nulls
        )
        events = placed.events
        seen = [events.c.subscriber, events.c.datetime.label("time")]
        return sa.select(*seen, *placed.place).select_from(placed.source)


def visited_days(locations: Query) -> tuple[DailyVisits, ...]:
    """Return the visits of each day that located events reduce to; none of what is made from such events."""
    if type(locations) is not SubscriberLocations:
        return ()
    return days_of_window(locations, locations.spatial_unit)


def visits_of(
    locations: Query,
    using: Compilation,
    measures: Mapping[str, Measure],
    *,
    buckets: Mapping[str, Bucket] | None = None,
) -> Select[Any]:
    """Select one visit per subscriber, place and bucket of a query that has a row per event.

    Of :class:`SubscriberLocations` themselves, events are reduced before their places are looked up;
    of anything made from them, such as a subset, rows are grouped. Measures see the column
    ``datetime``, and buckets are of it.
    """
    unit: SpatialUnit = locations.spatial_unit  # type: ignore[attr-defined]
    if type(locations) is SubscriberLocations:
        return select_visits(locations, using, unit, measures, buckets=buckets)
    rows: FromClause = using(locations)
    events = sa.select(
        rows.c.subscriber, rows.c.time.label("datetime"), *(rows.c[name] for name in unit.location_id_columns)
    ).subquery("events")
    groups = [function(events.c.datetime).label(name) for name, function in (buckets or {}).items()]
    keys = [events.c.subscriber, *(events.c[name] for name in unit.location_id_columns), *groups]
    return sa.select(*keys, *(m.of_events(events).label(name) for name, m in measures.items())).group_by(
        *keys
    )


def days_of(locations: Query, using: Compilation) -> Select[Any]:
    """Select on how many days each subscriber was at each place, of a query that has a row per event.

    Columns: ``subscriber``, the unit's location columns, ``days`` (calendar days in UTC), ``events``.
    As in :func:`visits_of`, events of :class:`SubscriberLocations` themselves are reduced first, day by
    day.
    """
    unit: SpatialUnit = locations.spatial_unit  # type: ignore[attr-defined]
    names = ("subscriber", *unit.location_id_columns)
    if days := visited_days(locations):
        visits = [using(day) for day in days]
        daily = stack(
            [sa.select(*(day.c[name] for name in (*names, "events"))) for day in visits], all=True
        ).subquery("daily")
    else:
        rows = using(locations)
        keys = [*(rows.c[name] for name in names), sa.cast(sql.utc(rows.c.time), sa.Date)]
        daily = sa.select(*keys, sa.func.count().label("events")).group_by(*keys).subquery("daily")
    keys = [daily.c[name] for name in names]
    counts = [sa.func.count().label("days"), sa.func.sum(daily.c.events).label("events")]
    return sa.select(*keys, *counts).group_by(*keys)
