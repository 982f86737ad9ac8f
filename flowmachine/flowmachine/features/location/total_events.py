"""How many events each place has per day, hour or minute."""

import datetime as dt
from functools import cached_property
from typing import Any, ClassVar

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core import identity, sql
from flowmachine.core.compilation import Compilation
from flowmachine.core.dates import parse_date, split_into_days, standardise_date
from flowmachine.core.disclosure import CONTRIBUTORS, Aggregate
from flowmachine.core.facts import Facts
from flowmachine.core.query import Query
from flowmachine.core.spatial_unit import CellSpatialUnit, SpatialUnit
from flowmachine.core.subset import SubscriberSubset
from flowmachine.features.utilities import fields
from flowmachine.features.utilities.direction import Direction
from flowmachine.features.utilities.events import EventTables, check_events, has_all_events
from flowmachine.features.utilities.hours import Hours
from flowmachine.features.utilities.visits import NUMBER_OF_EVENTS, Bucket, daily_visits

_BUCKETS: dict[str, dict[str, Bucket]] = {
    "day": {},
    "hour": {"hour": sql.utc_hour},
    "min": {"hour": sql.utc_hour, "min": sql.utc_minute},
}


def _interval_field() -> Any:
    return attrs.field(default="hour", kw_only=True, validator=attrs.validators.in_(tuple(_BUCKETS)))


class LocationEvents(Aggregate):
    """Base of numbers of events by place and bucket of time."""

    allowed_intervals: ClassVar[frozenset[str]] = frozenset(_BUCKETS)


@attrs.frozen(eq=False, slots=False, repr=False)
class TotalLocationEvents(LocationEvents):
    """Number of events in each place and bucket of time, in ``[start, stop)``.

    Buckets without events have no row.

    Parameters
    ----------
    start, stop, table, hours, subscriber_subset, subscriber_identifier
        As for :class:`~flowmachine.features.utilities.locating.BestVisit`.
    spatial_unit : SpatialUnit, default cell
    interval : {"day", "hour", "min"}, default "hour"
    direction : {"in", "out", "both"}, default "both"
        Which interactions count; ``in`` and ``out`` need events of two parties.

    Notes
    -----
    Columns: the unit's location columns, ``date`` (text, ``YYYY-MM-DD``), ``hour`` (0 to 23, unless
    the interval is a day), ``min`` (0 to 59, if the interval is a minute), ``value`` (bigint,
    events). Times are in UTC. The contributors of a row are the subscribers whose events it counts.

    Raises
    ------
    ValueError
        For another interval.
    MissingDateError
        When planned, if no day of the window has been loaded.
    """

    start: str = fields.date_field()
    stop: str = fields.date_field()
    table: EventTables = fields.table_field(kw_only=True)
    spatial_unit: SpatialUnit = fields.unit_field(default=CellSpatialUnit(), kw_only=True)
    interval: str = _interval_field()
    direction: Direction = fields.direction_field()
    hours: Hours = fields.hours_field(kw_only=True)
    subscriber_subset: SubscriberSubset = fields.subset_field()
    subscriber_identifier: str = fields.identifier_field(kw_only=True)
    reads_events = True

    def check(self, facts: Facts) -> None:
        """Refuse a window without data."""
        check_events(self, facts, self.direction)

    @cached_property
    def parts(self) -> tuple[Query, ...]:
        """The counts of each day, if there are several: a bucket lies within one day."""
        days = split_into_days(self.start, self.stop)
        if len(days) == 1:
            return ()
        same = identity.parameters(self)
        return tuple(
            CountedEvents(**{**same, "start": standardise_date(start), "stop": standardise_date(stop)})
            for start, stop in days
        )

    def select_with_contributors(self, using: Compilation) -> Select[Any]:
        """Sum the visits of each place and bucket, day by day."""
        if self.parts:
            return sa.union_all(*(sa.select(*using(day).c) for day in self.parts)).subquery("days").select()
        buckets = _BUCKETS[self.interval]
        measures = {"events": NUMBER_OF_EVENTS}
        ((day, daily),) = daily_visits(
            self, using, self.spatial_unit, measures, buckets=buckets, direction=self.direction
        )
        visits = daily.subquery("visits")
        place = [visits.c[name] for name in self.spatial_unit.location_id_columns]
        times = [visits.c[name] for name in buckets]
        return sa.select(
            *place,
            sa.literal(day.isoformat(), sa.Text).label("date"),
            *times,
            sa.cast(sa.func.sum(visits.c.events), sa.BigInteger).label("value"),
            sa.func.count().label(CONTRIBUTORS),
        ).group_by(*place, *times)


class CountedEvents(TotalLocationEvents):
    """The counts of a day with a last column ``contributors``, of which those of several days are made."""

    def check(self, facts: Facts) -> None:
        """Accept a day without data: others of the window have some."""

    def worth_a_step(self, facts: Facts) -> bool:
        """Tell whether all events of the day are loaded."""
        return has_all_events(self, facts)

    def select(self, using: Compilation) -> Select[Any]:
        """Return the counts with their contributors."""
        return self.select_with_contributors(using)


@attrs.frozen(eq=False, slots=False, repr=False)
class DayTotalLocationEvents(LocationEvents):
    """Number of events in each place and bucket of time, in the 24 hours from ``day`` on.

    Parameters
    ----------
    day : str, date or datetime

    Other parameters, columns and errors are those of :class:`TotalLocationEvents`.
    """

    day: str = fields.date_field()
    table: EventTables = fields.table_field(kw_only=True)
    spatial_unit: SpatialUnit = fields.unit_field(default=CellSpatialUnit(), kw_only=True)
    interval: str = _interval_field()
    direction: Direction = fields.direction_field()
    hours: Hours = fields.hours_field(kw_only=True)
    subscriber_subset: SubscriberSubset = fields.subset_field()
    subscriber_identifier: str = fields.identifier_field(kw_only=True)
    reads_events = True

    @cached_property
    def _counts(self) -> TotalLocationEvents:
        same = identity.parameters(self)
        start = same.pop("day")
        stop = standardise_date(parse_date(start) + dt.timedelta(days=1))
        return TotalLocationEvents(start, stop, **same)

    @property
    def parts(self) -> tuple[Query, ...]:
        """The counts of each calendar day, if the 24 hours touch two."""
        return self._counts.parts

    def check(self, facts: Facts) -> None:
        """Refuse a day without data."""
        self._counts.check(facts)

    def select_with_contributors(self, using: Compilation) -> Select[Any]:
        """Count as over any window."""
        return self._counts.select_with_contributors(using)
