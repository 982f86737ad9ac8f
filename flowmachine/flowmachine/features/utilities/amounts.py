"""Statistics of what events carry a number of: money, bytes."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.statistic_types import Statistic
from flowmachine.features.utilities.events import EventQuery, select_window


def statistic_of_events(
    query: EventQuery, using: Compilation, column: str, statistic: Statistic
) -> Select[Any]:
    """Select a statistic of a column of each subscriber's events: ``subscriber``, ``value``."""
    events = select_window(query, using, column).subquery("events")
    value = statistic.of(events.c[column]).label("value")
    return sa.select(events.c.subscriber, value).group_by(events.c.subscriber)
