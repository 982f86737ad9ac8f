"""How much of what each subscriber did was at night."""

from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.facts import Facts
from flowmachine.core.subset import SubscriberSubset
from flowmachine.features.subscriber.metaclasses import SubscriberFeature
from flowmachine.features.utilities import fields
from flowmachine.features.utilities.direction import Direction
from flowmachine.features.utilities.event_window import EventWindow
from flowmachine.features.utilities.events import EventTables, check_events, select_window
from flowmachine.features.utilities.hours import hours_of_day, in_hours


def _night(value: Any) -> tuple[int, int]:
    hours = hours_of_day(value)
    if hours is None:
        raise ValueError("The hours of the night must be two whole numbers from 0 to 24, such as (20, 4).")
    return hours


@attrs.frozen(eq=False, slots=False, repr=False)
class NocturnalEvents(SubscriberFeature):
    """Percentage of each subscriber's events in ``[start, stop)`` that were at night.

    Parameters
    ----------
    start, stop : str, date or datetime
        The window of time, its end not included.
    hours : pair of int, default (20, 4)
        The night, as hours are given everywhere: from the first hour to the second, 0 to 24,
        half-open, in UTC, wrapping midnight only if the first is later; of ``(1, 5)``, from one to
        five. Equal hours are no night at all.
    subscriber_identifier, direction, subscriber_subset, tables
        As for :class:`~flowmachine.features.subscriber.event_count.EventCount`.

    Notes
    -----
    Columns: ``subscriber`` (text), ``value`` (numeric, 0 to 100). Subscribers without events have
    no row.

    Raises
    ------
    ValueError
        For hours that are not two hours of the day.
    MissingColumnsError
        When planned, if a direction is asked of events that have none.
    MissingDateError
        When planned, if no day of the window has been loaded.
    """

    start: str = fields.date_field()
    stop: str = fields.date_field()
    hours: tuple[int, int] = attrs.field(default=(20, 4), converter=_night)
    subscriber_identifier: str = fields.identifier_field(kw_only=True)
    direction: Direction = fields.direction_field()
    subscriber_subset: SubscriberSubset = fields.subset_field()
    table: EventTables = fields.table_field(kw_only=True, argument="tables")
    reads_events = True
    one_row_per_subscriber = True

    def check(self, facts: Facts) -> None:
        """Refuse a window without data."""
        check_events(self, facts, self.direction)

    def select(self, using: Compilation) -> Select[Any]:
        """Count the events of each subscriber at all hours, and those at night."""
        window = EventWindow(
            self.start,
            self.stop,
            self.table,
            subscriber_identifier=self.subscriber_identifier,
            subscriber_subset=self.subscriber_subset,
        )
        events = select_window(window, using, "datetime", direction=self.direction).subquery("events")
        at_night = sa.func.count().filter(*in_hours(self.hours, events.c.datetime))
        percentage = sa.cast(100 * at_night, sa.Numeric) / sa.func.count()
        return sa.select(events.c.subscriber, percentage.label("value")).group_by(events.c.subscriber)
