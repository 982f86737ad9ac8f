"""The kind ``total_active_periods``."""

from typing import Literal

from flowmachine.api.base import QuerySpec
from flowmachine.api.fields import EventFields
from flowmachine.api.periods import PeriodFields
from flowmachine.core.query import Query
from flowmachine.features.subscriber import total_active_periods


class TotalActivePeriods(EventFields, PeriodFields, QuerySpec):
    """In how many periods each subscriber was active."""

    query_kind: Literal["total_active_periods"]

    def build(self) -> Query:
        """Return the numbers of periods."""
        return total_active_periods.TotalActivePeriodsSubscriber(
            **self.period_parameters(), **self.event_parameters()
        )
