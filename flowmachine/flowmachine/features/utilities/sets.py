"""Sets of subscribers: all who were active, or those who called from somewhere."""

import numbers
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.dates import split_into_days
from flowmachine.core.facts import Facts
from flowmachine.core.query import Query
from flowmachine.core.spatial_unit import SpatialUnit
from flowmachine.core.subset import SubscriberSubset
from flowmachine.features.utilities import fields
from flowmachine.features.utilities.direction import Direction
from flowmachine.features.utilities.event_table_subset import EventTableSubset
from flowmachine.features.utilities.events import EventTables, check_events, select_window
from flowmachine.features.utilities.hours import Hours
from flowmachine.features.utilities.placing import place_events

SubsetDates = EventTableSubset
"""The name of old."""

CALLS = ("events.calls",)


@attrs.frozen(eq=False, slots=False, repr=False)
class UniqueSubscribers(Query):
    """The subscribers who had an event in ``[start, stop)``, wherever it was.

    Parameters
    ----------
    start, stop : str, date or datetime
        The window of time, its end not included.
    hours, table, subscriber_identifier, subscriber_subset
        As for :class:`~flowmachine.features.utilities.locating.BestVisit`.

    Notes
    -----
    Columns: ``subscriber`` (text).

    Raises
    ------
    MissingDateError
        When planned, if no day of the window has been loaded.
    """

    start: str = fields.date_field()
    stop: str = fields.date_field()
    hours: Hours = fields.hours_field(kw_only=True)
    table: EventTables = fields.table_field(kw_only=True)
    subscriber_identifier: str = fields.identifier_field(kw_only=True)
    subscriber_subset: SubscriberSubset = fields.subset_field()
    reads_events = True

    def check(self, facts: Facts) -> None:
        """Refuse a window without data."""
        check_events(self, facts)

    def select(self, using: Compilation) -> Select[Any]:
        """Take each subscriber once."""
        events = select_window(self, using).subquery("events")
        return sa.select(events.c.subscriber).distinct()

    def as_set(self) -> set[str]:
        """Run the query and return the subscribers."""
        return {subscriber for (subscriber,) in self}


def _calls(value: Any) -> int | float:
    plain = value.item() if hasattr(value, "item") else value
    if isinstance(plain, bool) or not isinstance(plain, numbers.Real):
        raise TypeError(f"min_calls must be a number, not {value!r}.")
    number: Any = plain
    return int(number) if number == int(number) else float(number)


@attrs.frozen(eq=False, slots=False, repr=False)
class SubscriberLocationSubset(Query):
    """The subscribers who had at least some number of calls in ``[start, stop)`` at a place, with the place.

    Parameters
    ----------
    start, stop : str, date or datetime
        The window of time, its end not included.
    min_calls : int
        Calls at the place; those without a duration do not count.
    subscriber_identifier : {"msisdn", "imei", "imsi"}
    direction : {"in", "out", "both"}, default "both"
    spatial_unit : SpatialUnit, default admin 3
    hours, subscriber_subset
        As for :class:`~flowmachine.features.utilities.locating.BestVisit`.

    Notes
    -----
    Columns: ``subscriber`` (text), then the unit's location columns. A subscriber has a row for each such
    place. Calls without a location, or in a cell that lies in none of the unit's places, do not count.

    Raises
    ------
    TypeError
        If ``min_calls`` is not a number.
    MissingDateError
        When planned, if no day of the window has been loaded.
    """

    start: str = fields.date_field()
    stop: str = fields.date_field()
    min_calls: int | float = attrs.field(kw_only=True, converter=_calls)
    subscriber_identifier: str = fields.identifier_field(kw_only=True)
    direction: Direction = fields.direction_field()
    spatial_unit: SpatialUnit = fields.unit_field(default=fields.admin3(), kw_only=True)
    hours: Hours = fields.hours_field(kw_only=True)
    subscriber_subset: SubscriberSubset = fields.subset_field()
    reads_events = True

    @property
    def table(self) -> EventTables:
        """The one table that is read."""
        return CALLS

    def check(self, facts: Facts) -> None:
        """Refuse a window without data."""
        check_events(self, facts, self.direction)

    def select(self, using: Compilation) -> Select[Any]:
        """Add up the calls of each day, and keep those with enough."""
        days = [self._day(using, start, stop) for start, stop in split_into_days(self.start, self.stop)]
        stacked = sa.union_all(*days).subquery("days")
        keys = [stacked.c.subscriber, *(stacked.c[name] for name in self.spatial_unit.location_id_columns)]
        enough = sa.func.sum(stacked.c.calls) >= sa.literal(self.min_calls)
        return sa.select(*keys).group_by(*keys).having(enough)

    def _day(self, using: Compilation, start: Any, stop: Any) -> Select[Any]:
        placed = place_events(
            self, using, self.spatial_unit, start, stop, "duration", direction=self.direction
        )
        keys = [placed.events.c.subscriber, *placed.place]
        calls = sa.func.count(placed.events.c.duration).label("calls")
        return sa.select(*keys, calls).select_from(placed.source).group_by(*keys)
