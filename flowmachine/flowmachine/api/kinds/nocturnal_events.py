"""The kind ``nocturnal_events``."""

from typing import Literal

from flowmachine.api.base import QuerySpec
from flowmachine.api.fields import EventTypeFields, Hours, WindowFields
from flowmachine.api.sampling import SamplingField
from flowmachine.core.query import Query
from flowmachine.features.subscriber import nocturnal_events


class NocturnalEvents(SamplingField, EventTypeFields, WindowFields, QuerySpec):
    """The percentage of each subscriber's events at night."""

    query_kind: Literal["nocturnal_events"]
    night_hours: Hours

    def build(self) -> Query:
        """Return the percentages."""
        night = (self.night_hours.start_hour, self.night_hours.end_hour)
        return self.sampled(
            nocturnal_events.NocturnalEvents(
                self.start_date, self.end_date, night, **self.event_parameters(tables="tables")
            )
        )
