"""How many events each subscriber had."""

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
from flowmachine.features.utilities.events import EventTables, check_events, select_window
from flowmachine.features.utilities.hours import Hours


@attrs.frozen(eq=False, slots=False, repr=False)
class EventCount(SubscriberFeature):
    """Number of events of each subscriber in ``[start, stop)``, wherever they were.

    Parameters
    ----------
    start, stop : str, date or datetime
        The window of time, its end not included.
    subscriber_identifier : {"msisdn", "imei", "imsi"}
    direction : {"in", "out", "both"}, default "both"
    hours, subscriber_subset
        As for :class:`~flowmachine.features.utilities.locating.BestVisit`.
    tables : str or list of str, optional
        Tables of events such as ``"events.calls"``; all with interactions by default.

    Notes
    -----
    Columns: ``subscriber`` (text), ``value`` (bigint, events). Subscribers without events have no row.

    Raises
    ------
    MissingColumnsError
        When planned, if a direction is asked of events that have none.
    MissingDateError
        When planned, if no day of the window has been loaded.
    """

    start: str = fields.date_field()
    stop: str = fields.date_field()
    subscriber_identifier: str = fields.identifier_field(kw_only=True)
    direction: Direction = fields.direction_field()
    hours: Hours = fields.hours_field(kw_only=True)
    subscriber_subset: SubscriberSubset = fields.subset_field()
    table: EventTables = fields.table_field(kw_only=True, argument="tables")
    reads_events = True
    one_row_per_subscriber = True

    def check(self, facts: Facts) -> None:
        """Refuse a window without data."""
        check_events(self, facts, self.direction)

    def select(self, using: Compilation) -> Select[Any]:
        """Count the rows of each subscriber."""
        events = select_window(self, using, direction=self.direction).subquery("events")
        return sa.select(events.c.subscriber, sa.func.count().label("value")).group_by(events.c.subscriber)
