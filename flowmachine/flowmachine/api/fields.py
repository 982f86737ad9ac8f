"""The fields that query kinds share."""

from typing import Annotated, Any, Literal, Self, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from flowmachine.core.dates import parse_date, standardise_date
from flowmachine.core.query import Query
from flowmachine.core.spatial_unit import AdminSpatialUnit, GeomSpatialUnit, LonLatSpatialUnit
from flowmachine.core.subset import StoredSubscribers

AggregationUnit = Literal["admin0", "admin1", "admin2", "admin3", "lon-lat"]
AGGREGATION_UNITS: tuple[str, ...] = get_args(AggregationUnit)


def _iso_datetime(value: Any) -> str:
    try:
        if not isinstance(value, str):
            raise TypeError
        parse_date(value)
    except (TypeError, ValueError):
        raise PydanticCustomError("not_a_datetime", "Not a valid datetime.") from None
    return standardise_date(value)


DateTime = Annotated[
    str, BeforeValidator(_iso_datetime), WithJsonSchema({"type": "string", "format": "date-time"})
]
"""A date or date-time in ISO 8601; an offset is dropped."""

EventType = Literal["calls", "sms", "mds", "topups"]
EventTypes = Annotated[list[EventType], Field(min_length=1)]
QueryId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
Direction = Literal["in", "out", "both"]


class Hours(BaseModel):
    """Hours of the day: from the first (included) to the second (not included), in UTC."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    start_hour: Annotated[int, Field(ge=0, le=24)]
    end_hour: Annotated[int, Field(ge=0, le=24)]


class EventTypeFields(BaseModel):
    """Which events a query reads, at all hours."""

    event_types: EventTypes | None = None
    subscriber_subset: QueryId | None = None

    def event_parameters(self, tables: str = "table") -> dict[str, Any]:
        """Return the parameters that query classes take for these fields, the tables as ``tables``."""
        return {
            tables: [f"events.{name}" for name in self.event_types] if self.event_types else None,
            "subscriber_subset": self._subscribers(),
        }

    def _subscribers(self) -> Query | None:
        return StoredSubscribers(self.subscriber_subset) if self.subscriber_subset else None


class EventFields(EventTypeFields):
    """Which events a query reads."""

    hours: Hours | None = None

    def event_parameters(self, tables: str = "table") -> dict[str, Any]:
        """Return the parameters that query classes take for these fields, the tables as ``tables``."""
        hours = (self.hours.start_hour, self.hours.end_hour) if self.hours else None
        return {**super().event_parameters(tables), "hours": hours}


class WindowFields(BaseModel):
    """The window of time that a query reads, its end not included."""

    start_date: DateTime
    end_date: DateTime


class SpatialFields(BaseModel):
    """The places by which a result is given, and tables that place cells otherwise than by position."""

    aggregation_unit: AggregationUnit
    mapping_table: str | None = None
    geom_table: str | None = None
    geom_table_join_column: str | None = None

    @model_validator(mode="after")
    def _unit_can_be_made(self) -> Self:
        self.unit  # noqa: B018 - raises ValueError, which becomes a validation message
        return self

    @property
    def unit(self) -> GeomSpatialUnit:
        """The spatial unit that the fields describe."""
        return spatial_unit(
            self.aggregation_unit, self.mapping_table, self.geom_table, self.geom_table_join_column
        )


def spatial_unit(
    name: str,
    mapping_table: str | None = None,
    geom_table: str | None = None,
    geom_table_join_on: str | None = None,
) -> GeomSpatialUnit:
    """Return the spatial unit of an aggregation unit's name.

    Raises
    ------
    ValueError
        For an unknown name, or tables that cannot be used.
    """
    if name not in AGGREGATION_UNITS:
        raise ValueError(f"Must be one of: {', '.join(AGGREGATION_UNITS)}.")
    if name == "lon-lat":
        return LonLatSpatialUnit(mapping_table, geom_table, geom_table_join_on)
    return AdminSpatialUnit(int(name.removeprefix("admin")), mapping_table)
