"""Visits of one day, kept for every query that is about that day."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.dates import days_in_window, split_into_days, standardise_date
from flowmachine.core.facts import Facts
from flowmachine.core.query import Query
from flowmachine.core.spatial_unit import SpatialUnit
from flowmachine.core.subset import SubscriberSubset
from flowmachine.features.utilities import fields
from flowmachine.features.utilities.direction import Direction
from flowmachine.features.utilities.events import EventQuery, EventTables, has_all_events
from flowmachine.features.utilities.hours import Hours
from flowmachine.features.utilities.visits import (
    EARLIEST_EVENT,
    LATEST_EVENT,
    NUMBER_OF_EVENTS,
    Measure,
    combined,
    daily_visits,
)


@attrs.frozen(eq=False, slots=False, repr=False, kw_only=True)
class DailyVisits(Query):
    """Where each subscriber was on a day or part of one: a row per subscriber and place.

    Parameters are as for :class:`~flowmachine.features.utilities.locating.BestVisit`; the window must
    not cross midnight.

    Notes
    -----
    Columns: ``subscriber`` (text), the unit's location columns, ``events`` (bigint), ``earliest`` and
    ``latest`` (timestamp with time zone, of the events there). Not for subscribers without located
    events.

    Raises
    ------
    ValueError
        If the window crosses midnight.
    """

    measures: ClassVar[Mapping[str, Measure]] = {
        "events": NUMBER_OF_EVENTS,
        "earliest": EARLIEST_EVENT,
        "latest": LATEST_EVENT,
    }

    start: str = fields.date_field()
    stop: str = fields.date_field()
    spatial_unit: SpatialUnit = fields.unit_field(default=fields.admin3())
    table: EventTables = fields.table_field()
    direction: Direction = fields.direction_field()
    hours: Hours = fields.hours_field()
    subscriber_subset: SubscriberSubset = fields.subset_field()
    subscriber_identifier: str = fields.identifier_field()
    ignore_nulls: bool = fields.flag_field(True)
    reads_events = True

    def __attrs_post_init__(self) -> None:
        if len(days_in_window(self.start, self.stop)) != 1:
            raise ValueError(f"The window from {self.start} to {self.stop} is not within one day.")

    def worth_a_step(self, facts: Facts) -> bool:
        """Tell whether all events of the day are loaded: what misses some is not kept for others."""
        return has_all_events(self, facts)

    def select(self, using: Compilation) -> Select[Any]:
        """Reduce the day's events."""
        ((_, visits),) = daily_visits(
            self,
            using,
            self.spatial_unit,
            self.measures,
            direction=self.direction,
            located=self.ignore_nulls,
        )
        return visits


_KEPT = {measure: name for name, measure in DailyVisits.measures.items()}


def days_of_window(query: EventQuery, unit: SpatialUnit) -> tuple[DailyVisits, ...]:
    """Return the visits of each day of a query's window."""
    return tuple(
        DailyVisits(
            start=standardise_date(start),
            stop=standardise_date(stop),
            spatial_unit=unit,
            table=query.table,
            direction=getattr(query, "direction", Direction.BOTH),
            hours=query.hours,
            subscriber_subset=query.subscriber_subset,
            subscriber_identifier=query.subscriber_identifier,
            ignore_nulls=getattr(query, "ignore_nulls", True),
        )
        for start, stop in split_into_days(query.start, query.stop)
    )


def select_visits(
    query: EventQuery, using: Compilation, unit: SpatialUnit, measures: Mapping[str, Measure]
) -> Select[Any]:
    """Select one visit per subscriber and place for the whole of a query's window.

    Parameters
    ----------
    query : EventQuery
        With ``direction`` or ``ignore_nulls``, where it has them.
    using : Compilation
    unit : SpatialUnit
    measures : mapping of str to Measure
        What is kept of a visit; of the measures that :class:`DailyVisits` has.
    """
    names = ("subscriber", *unit.location_id_columns)
    days = []
    for day in days_of_window(query, unit):
        visits = using(day)
        kept = [visits.c[_KEPT[measure]].label(name) for name, measure in measures.items()]
        days.append(sa.select(*(visits.c[name] for name in names), *kept))
    return combined(days, unit, measures)


class OverDays(Query):
    """Part of queries that are made from the visits of the days of their window."""

    start: str
    stop: str
    table: EventTables
    hours: Hours
    subscriber_identifier: str
    subscriber_subset: SubscriberSubset
    spatial_unit: SpatialUnit

    @cached_property
    def parts(self) -> tuple[DailyVisits, ...]:
        """The visits of each day."""
        return days_of_window(self, self.spatial_unit)

    def visits(self, using: Compilation, measures: Mapping[str, Measure]) -> Select[Any]:
        """Select one visit per subscriber and place of the window."""
        return select_visits(self, using, self.spatial_unit, measures)
