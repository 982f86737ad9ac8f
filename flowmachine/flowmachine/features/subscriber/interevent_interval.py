"""How much time passes between the events of each subscriber."""

from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core import sql
from flowmachine.core.compilation import Compilation
from flowmachine.core.facts import Facts
from flowmachine.core.statistic_types import Statistic
from flowmachine.core.subset import SubscriberSubset
from flowmachine.features.subscriber.metaclasses import SubscriberFeature
from flowmachine.features.utilities import fields
from flowmachine.features.utilities.direction import Direction
from flowmachine.features.utilities.events import EventTables, check_events
from flowmachine.features.utilities.gaps import select_gap_statistic
from flowmachine.features.utilities.hours import Hours


@attrs.frozen(eq=False, slots=False, repr=False)
class IntereventInterval(SubscriberFeature):
    """Statistic of the time from each event of a subscriber to their next one, in ``[start, stop)``.

    Parameters
    ----------
    start, stop : str, date or datetime
        The window of time, its end not included.
    statistic : Statistic or str, default avg
    hours, tables, subscriber_identifier, subscriber_subset
        As for :class:`~flowmachine.features.subscriber.event_count.EventCount`. Events at other hours
        do not count, so that a gap may span the hours between.
    direction : {"in", "out", "both"}, default "out"

    Notes
    -----
    Columns: ``subscriber`` (text), ``value`` (interval; for ``count`` bigint, for ``variance`` the
    number of square seconds as an interval of that many seconds). Of subscribers with one event the
    count is 0 and everything else null; of one gap, stddev and variance are null.

    Raises
    ------
    ValueError
        For an unknown statistic.
    MissingColumnsError
        When planned, if a direction is asked of events that have none.
    MissingDateError
        When planned, if no day of the window has been loaded.
    """

    start: str = fields.date_field()
    stop: str = fields.date_field()
    statistic: Statistic = fields.statistic_field(Statistic.AVG)
    hours: Hours = fields.hours_field(kw_only=True)
    table: EventTables = fields.table_field(kw_only=True, argument="tables")
    subscriber_identifier: str = fields.identifier_field(kw_only=True)
    subscriber_subset: SubscriberSubset = fields.subset_field()
    direction: Direction = fields.direction_field(Direction.OUT)
    reads_events = True
    one_row_per_subscriber = True

    def check(self, facts: Facts) -> None:
        """Refuse a window without data."""
        check_events(self, facts, self.direction)

    def select(self, using: Compilation) -> Select[Any]:
        """Take the statistic of the gaps, as a length of time."""
        gaps = select_gap_statistic(self, using, self.statistic, self.direction).subquery("gaps")
        counted = self.statistic is Statistic.COUNT
        value = gaps.c.value if counted else sql.as_interval(gaps.c.value)
        return sa.select(gaps.c.subscriber, value.label("value"))
