"""Gaps: the time from each event of a subscriber to their next one."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause, Select

from flowmachine.core import sql
from flowmachine.core.compilation import Compilation
from flowmachine.core.statistic_types import Statistic
from flowmachine.features.utilities.direction import Direction
from flowmachine.features.utilities.events import EventQuery, select_window


def select_gap_statistic(
    query: EventQuery, using: Compilation, statistic: Statistic, direction: Direction
) -> Select[Any]:
    """Select ``subscriber`` and ``value``: a statistic of the gaps in seconds, or their number.

    Of events at the same time it does not matter which is the next: the gap between them is nothing.
    Subscribers with one event have no gap; their count is 0 and everything else null.
    """
    events = select_window(query, using, "datetime", direction=direction).subquery("events")
    if statistic in (Statistic.COUNT, Statistic.SUM, Statistic.AVG):
        return _of_the_ends(events, statistic)
    before = sa.func.lag(events.c.datetime).over(partition_by=events.c.subscriber, order_by=events.c.datetime)
    gaps = sa.select(
        events.c.subscriber, sql.seconds_between(before, events.c.datetime).label("seconds")
    ).subquery("gaps")
    return sa.select(gaps.c.subscriber, statistic.of(gaps.c.seconds).label("value")).group_by(
        gaps.c.subscriber
    )


def _of_the_ends(events: FromClause, statistic: Statistic) -> Select[Any]:
    """Use that gaps add up to the time from the first event to the last, so that nothing is sorted."""
    number = sa.func.count() - 1
    value: ColumnElement[Any]
    if statistic is Statistic.COUNT:
        value = number
    else:
        total = sql.seconds_between(sa.func.min(events.c.datetime), sa.func.max(events.c.datetime))
        some = sa.func.nullif(number, 0)
        value = total / some if statistic is Statistic.AVG else sa.case((number > 0, total))
    return sa.select(events.c.subscriber, value.label("value")).group_by(events.c.subscriber)
