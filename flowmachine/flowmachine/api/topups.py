"""The fields of the kinds about top-ups, which are one type of event."""

from typing import Any

from pydantic import BaseModel

from flowmachine.api.fields import Hours, QueryId, Statistic, WindowFields
from flowmachine.core import statistic_types
from flowmachine.core.subset import StoredSubscribers


class TopUpFields(WindowFields, BaseModel):
    """Which top-ups a query reads, and the statistic of them."""

    statistic: Statistic
    subscriber_subset: QueryId | None = None
    hours: Hours | None = None

    def topup_parameters(self) -> dict[str, Any]:
        """Return the parameters that query classes take for these fields."""
        return {
            "start": self.start_date,
            "stop": self.end_date,
            "statistic": statistic_types.Statistic(self.statistic),
            "subscriber_subset": StoredSubscribers(self.subscriber_subset)
            if self.subscriber_subset
            else None,
            "hours": (self.hours.start_hour, self.hours.end_hour) if self.hours else None,
        }
