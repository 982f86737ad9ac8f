"""The kind ``calendar_activity``."""

from typing import Literal

from flowmachine.api.base import ExposedSpec
from flowmachine.api.fields import EventFields
from flowmachine.api.periods import PeriodFields
from flowmachine.api.sampling import SamplingField
from flowmachine.core.query import Query
from flowmachine.features.nonspatial_aggregates.per_value_aggregate import PerValueAggregate
from flowmachine.features.subscriber import calendar_activity


class CalendarActivity(SamplingField, EventFields, PeriodFields, ExposedSpec):
    """Numbers of subscribers by the periods in which they were active."""

    query_kind: Literal["calendar_activity"]

    def build(self) -> Query:
        """Return the counts; a sample is taken of what is released of them."""
        return PerValueAggregate(
            calendar_activity.CalendarActivity(**self.period_parameters(), **self.event_parameters())
        )
