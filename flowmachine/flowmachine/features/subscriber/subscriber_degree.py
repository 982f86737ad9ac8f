"""With how many others each subscriber had contact."""

from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.facts import Facts
from flowmachine.core.subset import SubscriberSubset
from flowmachine.features.subscriber.metaclasses import SubscriberFeature
from flowmachine.features.utilities import fields
from flowmachine.features.utilities.contacts import COUNTERPART, check_contacts, with_others
from flowmachine.features.utilities.direction import Direction
from flowmachine.features.utilities.events import EventTables, select_window
from flowmachine.features.utilities.hours import Hours


@attrs.frozen(eq=False, slots=False, repr=False)
class SubscriberDegree(SubscriberFeature):
    """Number of different counterparts of each subscriber in ``[start, stop)``.

    The degree of a subscriber in the network of contacts; see M. Newman, *Networks* (Oxford, 2018),
    section 6.10.

    Parameters
    ----------
    start, stop : str, date or datetime
        The window of time, its end not included.
    hours, tables, subscriber_identifier, direction, subscriber_subset
        As for :class:`~flowmachine.features.subscriber.event_count.EventCount`.
    exclude_self_calls : bool, default True
        Leave out events whose counterpart is the subscriber's own msisdn, whatever identifies
        subscribers.

    Notes
    -----
    Columns: ``subscriber`` (text), ``value`` (bigint, counterparts). Events without a counterpart do
    not count; subscribers without any other have no row.

    Raises
    ------
    MissingColumnsError
        When planned, if the events have no counterparts.
    MissingDateError
        When planned, if no day of the window has been loaded.
    """

    start: str = fields.date_field()
    stop: str = fields.date_field()
    hours: Hours = fields.hours_field(kw_only=True)
    table: EventTables = fields.table_field(kw_only=True, argument="tables")
    subscriber_identifier: str = fields.identifier_field(kw_only=True)
    direction: Direction = fields.direction_field()
    exclude_self_calls: bool = fields.flag_field(True)
    subscriber_subset: SubscriberSubset = fields.subset_field()
    reads_events = True
    one_row_per_subscriber = True

    def check(self, facts: Facts) -> None:
        """Refuse a window without data."""
        check_contacts(self, facts, self.direction)

    def select(self, using: Compilation) -> Select[Any]:
        """Count the different counterparts of each subscriber's events."""
        # Sorted within each subscriber: measured, faster than to make the contacts first and count these.
        events = select_window(self, using, "msisdn", COUNTERPART, direction=self.direction).subquery(
            "events"
        )
        others = with_others(events, self.subscriber_identifier, self.exclude_self_calls)
        degree = sa.func.count(sa.distinct(events.c[COUNTERPART])).label("value")
        return sa.select(events.c.subscriber, degree).where(*others).group_by(events.c.subscriber)
