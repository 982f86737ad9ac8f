"""The fields of kinds about back-to-back periods."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from flowmachine.api.fields import DateTime

Positive = Annotated[int, Field(ge=1)]


class PeriodFields(BaseModel):
    """``total_periods`` periods from ``start_date`` on, each of ``period_length`` units."""

    start_date: DateTime
    total_periods: Positive
    period_length: Positive = 1
    period_unit: Literal["days", "hours", "minutes"] = "days"

    def period_parameters(self) -> dict[str, Any]:
        """Return the parameters that query classes take for these fields."""
        return {
            "start": self.start_date,
            "total_periods": self.total_periods,
            "period_length": self.period_length,
            "period_unit": self.period_unit,
        }
