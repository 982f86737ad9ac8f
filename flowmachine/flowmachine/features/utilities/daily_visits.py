"""Visits of one day, kept for every query that is about that day."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar

import attrs
import sqlalchemy as sa
from sqlalchemy import FromClause, Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.dates import days_in_window, split_into_days, standardise_date
from flowmachine.core.facts import Facts
from flowmachine.core.query import Query
from flowmachine.core.spatial_unit import SpatialUnit
from flowmachine.core.subset import SubscriberSubset
from flowmachine.features.utilities import fields
from flowmachine.features.utilities.direction import Direction
from flowmachine.features.utilities.events import EventTables, has_all_events
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
    reads_events = True

    def __attrs_post_init__(self) -> None:
        if len(days_in_window(self.start, self.stop)) != 1:
            raise ValueError(f"The window from {self.start} to {self.stop} is not within one day.")

    def worth_a_step(self, facts: Facts) -> bool:
        """Tell whether all events of the day are loaded: what misses some is not kept for others."""
        return has_all_events(self, facts)

    def select(self, using: Compilation) -> Select[Any]:
        """Reduce the day's events."""
        ((_, visits),) = daily_visits(self, using, self.spatial_unit, self.measures, direction=self.direction)
        return visits


class OverDays(Query):
    """Part of queries that are made from the visits of the days of their window."""

    start: str
    stop: str
    spatial_unit: SpatialUnit

    @cached_property
    def parts(self) -> tuple[DailyVisits, ...]:
        """The visits of each day."""
        names = ("table", "hours", "subscriber_subset", "subscriber_identifier")
        given = {name: getattr(self, name) for name in names}
        return tuple(
            DailyVisits(
                start=standardise_date(start),
                stop=standardise_date(stop),
                spatial_unit=self.spatial_unit,
                direction=getattr(self, "direction", Direction.BOTH),
                **given,
            )
            for start, stop in split_into_days(self.start, self.stop)
        )

    def visits(self, using: Compilation, *measures: str) -> FromClause:
        """Return one visit per subscriber and place of the window, with some of the measures of days."""
        unit = self.spatial_unit
        days = [using(part) for part in self.parts]
        if len(days) == 1:
            return days[0]
        keys = ("subscriber", *unit.location_id_columns, *measures)
        selects = [sa.select(*(day.c[name] for name in keys)) for day in days]
        wanted = {name: DailyVisits.measures[name] for name in measures}
        return combined(selects, unit, wanted).subquery("visits")
