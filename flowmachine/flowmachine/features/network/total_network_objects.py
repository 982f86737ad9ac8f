"""How many cells or sites were in use where and when, and statistics of that over longer periods."""

import datetime as dt
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause, Select

from flowmachine.core import identity, sql
from flowmachine.core.cells import in_service
from flowmachine.core.compilation import Compilation
from flowmachine.core.dates import DateLike, split_into_days, standardise_date
from flowmachine.core.disclosure import CONTRIBUTORS, Aggregate
from flowmachine.core.facts import Facts
from flowmachine.core.query import Query
from flowmachine.core.spatial_unit import CellSpatialUnit, GeomSpatialUnit, SpatialUnit
from flowmachine.core.statistic_types import Statistic
from flowmachine.core.subset import SubscriberSubset
from flowmachine.features.network import parameters
from flowmachine.features.network.parameters import PERIODS, WITHIN_A_DAY, period_of
from flowmachine.features.utilities import fields
from flowmachine.features.utilities.events import EventTables, check_events, has_all_events
from flowmachine.features.utilities.hours import Hours
from flowmachine.features.utilities.visits import Bucket, daily_visits


@attrs.frozen(eq=False, slots=False, repr=False, init=False)
class TotalNetworkObjects(Aggregate):
    """Number of different cells or sites with an event, by place and period, in ``[start, stop)``.

    Periods without events have no row. An event in a cell that lies in none of the places, or that
    belongs to no network object on that day, does not count.

    Parameters
    ----------
    start, stop : str, date or datetime, optional
        The window of time, its end not included. Left open, the window begins with the first day
        loaded, or ends with the last; which days these are is looked up where the object is made.
    table : str or list of str, optional
        Tables of events such as ``"events.calls"`` or ``"calls"``; all with interactions by default.
    total_by : {"second", "minute", "hour", "day", "month", "year"}, default "day"
        The period, in UTC.
    network_object : SpatialUnit, default cell
        What is counted: cell, versioned-cell or versioned-site.
    spatial_unit : SpatialUnit, default admin 0
        The places; not cells or sites.
    hours, subscriber_subset, subscriber_identifier
        As for :class:`~flowmachine.features.utilities.locating.BestVisit`.

    Notes
    -----
    Columns: the unit's location columns, ``value`` (bigint, network objects), ``datetime`` (timestamp
    with time zone, the start of the period). The contributors of a row are the different subscribers
    with an event that it counts.

    Raises
    ------
    InvalidSpatialUnitError
        If network objects are asked for that are none, or places that are.
    ValueError
        For another period.
    MissingDateError
        If nothing is loaded; when planned, if no day of the window is.
    """

    start: str = fields.date_field()
    stop: str = fields.date_field()
    table: EventTables = attrs.field(default=None, kw_only=True, converter=parameters.tables_by_name)
    total_by: str = attrs.field(default="day", kw_only=True, converter=parameters.total_by)
    network_object: SpatialUnit = attrs.field(default=None, kw_only=True, converter=parameters.network_object)
    spatial_unit: GeomSpatialUnit = attrs.field(default=None, kw_only=True, converter=parameters.places)
    hours: Hours = fields.hours_field(kw_only=True)
    subscriber_subset: SubscriberSubset = fields.subset_field()
    subscriber_identifier: str = fields.identifier_field(kw_only=True)
    reads_events = True

    def __init__(
        self,
        start: DateLike | None = None,
        stop: DateLike | None = None,
        *,
        table: Any = "all",
        total_by: str = "day",
        network_object: SpatialUnit | None = None,
        spatial_unit: SpatialUnit | None = None,
        hours: Any = None,
        subscriber_subset: Any = None,
        subscriber_identifier: str = "msisdn",
    ) -> None:
        if start is None or stop is None:
            days = parameters.loaded_days(parameters.tables_by_name(table))
            start = days[0] if start is None else start
            stop = days[-1] + dt.timedelta(days=1) if stop is None else stop
        self.__attrs_init__(
            standardise_date(start),
            standardise_date(stop),
            table=table,
            total_by=total_by,
            network_object=network_object,
            spatial_unit=spatial_unit,
            hours=hours,
            subscriber_subset=subscriber_subset,
            subscriber_identifier=subscriber_identifier,
        )

    def check(self, facts: Facts) -> None:
        """Refuse a window without data."""
        check_events(self, facts)

    def uses(self, using: Compilation) -> FromClause:
        """Return who used which network object where and when, each use once per day and period.

        Columns: ``subscriber``, ``object`` (what identifies the network object, as one value), the
        unit's location columns, ``datetime``.
        """
        buckets: Mapping[str, Bucket] = {}
        if self.total_by in WITHIN_A_DAY:
            buckets = {"datetime": self._period}
        cells = daily_visits(self, using, CellSpatialUnit(), {}, buckets=buckets)
        days = [self._uses_of_day(using, day, visits.subquery("visits")) for day, visits in cells]
        return (days[0] if len(days) == 1 else sa.union_all(*days)).cte()

    def _period(self, moment: ColumnElement[Any]) -> ColumnElement[Any]:
        return period_of(self.total_by, moment)

    def _uses_of_day(self, using: Compilation, day: dt.date, visits: FromClause) -> Select[Any]:
        on = sa.literal(day, sa.Date)
        source, places = visits, using(self.spatial_unit)
        thing: ColumnElement[Any] = visits.c.location_id
        if isinstance(self.network_object, GeomSpatialUnit):
            things = using(self.network_object)
            here = (visits.c.location_id == things.c.location_id) & in_service(things, on)
            source = source.join(things, here)
            thing = sa.func.row(*(things.c[name] for name in self.network_object.location_id_columns))
        here = (visits.c.location_id == places.c.location_id) & in_service(places, on)
        midnight = sql.instant(dt.datetime.combine(day, dt.time()))
        within = self.total_by in WITHIN_A_DAY
        period = visits.c.datetime if within else self._period(midnight)
        return sa.select(
            visits.c.subscriber,
            sa.cast(thing, sa.Text).label("object"),
            *(places.c[name] for name in self.spatial_unit.location_id_columns),
            period.label("datetime"),
        ).select_from(source.join(places, here))

    @cached_property
    def parts(self) -> tuple[Query, ...]:
        """The totals of each day, if there are several and each period lies within one."""
        days = split_into_days(self.start, self.stop)
        if len(days) == 1 or self.total_by not in (*WITHIN_A_DAY, "day"):
            return ()
        same = identity.parameters(self)
        return tuple(
            CountedNetworkObjects(
                **{**same, "start": standardise_date(start), "stop": standardise_date(stop)}
            )
            for start, stop in days
        )

    def select_with_contributors(self, using: Compilation) -> Select[Any]:
        """Reduce events to uses of network objects, and count each of place and period."""
        if self.parts:
            return sa.union_all(*(sa.select(*using(day).c) for day in self.parts)).subquery("days").select()
        return self.totals(self.uses(using))

    def totals(self, uses: FromClause) -> Select[Any]:
        """Count the network objects, and the subscribers, of each place and period."""
        names = (*self.spatial_unit.location_id_columns, "datetime")
        # Each counted thing once, and then together: DISTINCT in an aggregate would sort all uses, twice.
        once = sa.union_all(
            *(
                sa.select(
                    *(uses.c[name] for name in names),
                    *(
                        uses.c[it] if it == counted else sa.null().label(it)
                        for it in ("object", "subscriber")
                    ),
                ).distinct()
                for counted in ("object", "subscriber")
            )
        ).subquery("once")
        keys = [once.c[name] for name in names]
        return sa.select(
            *keys[:-1],
            sa.func.count(once.c.object).label("value"),
            once.c.datetime,
            sa.func.count(once.c.subscriber).label(CONTRIBUTORS),
        ).group_by(*keys)


class CountedNetworkObjects(TotalNetworkObjects):
    """The totals of a day with a last column ``contributors``, of which those of several days are made."""

    def check(self, facts: Facts) -> None:
        """Accept a day without data: others of the window have some."""

    def worth_a_step(self, facts: Facts) -> bool:
        """Tell whether all events of the day are loaded."""
        return has_all_events(self, facts)

    def select(self, using: Compilation) -> Select[Any]:
        """Return the totals with their contributors."""
        return self.select_with_contributors(using)


@attrs.frozen(eq=False, slots=False, repr=False, init=False)
class AggregateNetworkObjects(Aggregate):
    """Statistic of the totals of network objects over longer periods.

    Periods without events do not enter it as zeros: they have no total.

    Parameters
    ----------
    total_network_objects : TotalNetworkObjects
    statistic : Statistic or str, default "avg"
    aggregate_by : {"second", "minute", "hour", "day", "month", "year", "century"}, optional
        The period, in UTC; by default the next longer one than that of the totals.

    Notes
    -----
    Columns: the unit's location columns, ``value`` (the statistic of numbers of network objects),
    ``datetime`` (timestamp with time zone, the start of the period). The contributors of a row are the
    different subscribers with an event in the place and period.

    Raises
    ------
    ValueError
        For another period or statistic.
    """

    total_network_objects: TotalNetworkObjects = attrs.field(
        kw_only=True, validator=attrs.validators.instance_of(TotalNetworkObjects)
    )
    statistic: Statistic = attrs.field(kw_only=True, converter=parameters.statistic)
    aggregate_by: str = attrs.field(kw_only=True, validator=attrs.validators.in_(PERIODS))
    reads_events = True

    def __init__(
        self,
        *,
        total_network_objects: TotalNetworkObjects,
        statistic: Statistic | str = Statistic.AVG,
        aggregate_by: str | None = None,
    ) -> None:
        if aggregate_by is None and isinstance(total_network_objects, TotalNetworkObjects):
            aggregate_by = PERIODS[PERIODS.index(total_network_objects.total_by) + 1]
        self.__attrs_init__(
            total_network_objects=total_network_objects, statistic=statistic, aggregate_by=aggregate_by
        )

    @property
    def spatial_unit(self) -> GeomSpatialUnit:
        """The spatial unit of the totals."""
        return self.total_network_objects.spatial_unit

    def select_with_contributors(self, using: Compilation) -> Select[Any]:
        """Summarise the totals, and count the subscribers behind all of them, from the same uses."""
        uses = self.total_network_objects.uses(using)
        totals = self.total_network_objects.totals(uses).subquery("totals")
        names = self.spatial_unit.location_id_columns
        summary = self._by_period(totals, self.statistic.of(totals.c.value).label("value"), "summary")
        people = sa.func.count(sa.distinct(uses.c.subscriber)).label(CONTRIBUTORS)
        behind = self._by_period(uses, people, "behind")
        same = sa.and_(*(summary.c[name] == behind.c[name] for name in (*names, "datetime")))
        return sa.select(
            *(summary.c[name] for name in names),
            summary.c.value,
            summary.c.datetime,
            behind.c[CONTRIBUTORS],
        ).select_from(summary.join(behind, same))

    def _by_period(self, rows: FromClause, measure: ColumnElement[Any], name: str) -> FromClause:
        place = [rows.c[column] for column in self.spatial_unit.location_id_columns]
        period = period_of(self.aggregate_by, rows.c.datetime)
        return sa.select(*place, period.label("datetime"), measure).group_by(*place, period).subquery(name)
