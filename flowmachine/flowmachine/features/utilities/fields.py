"""The fields that query classes share, each normalised and validated where a query is made."""

from collections.abc import Mapping
from typing import Any

import attrs

from flowmachine.core.dates import standardise_date
from flowmachine.core.spatial_unit import AdminSpatialUnit, CellSpatialUnit, GeomSpatialUnit, SpatialUnit
from flowmachine.core.statistic_types import Statistic
from flowmachine.core.subset import subscriber_subset
from flowmachine.features.utilities.direction import Direction
from flowmachine.features.utilities.events import SUBSCRIBER_IDENTIFIERS, event_tables
from flowmachine.features.utilities.hours import hours_of_day


def date_field() -> Any:
    """Make a required field for one end of a window of time."""
    return attrs.field(converter=standardise_date)


def _spatial_unit(value: Any) -> SpatialUnit:
    if not isinstance(value, CellSpatialUnit | GeomSpatialUnit):
        raise ValueError(f"Expected a spatial unit (see make_spatial_unit), not {value!r}.")
    return value


def unit_field(*, default: SpatialUnit, kw_only: bool = False) -> Any:
    """Make a field for a spatial unit; None stands for the default."""
    return attrs.field(
        default=default,
        converter=lambda value: _spatial_unit(default if value is None else value),
        kw_only=kw_only,
    )


def admin3() -> SpatialUnit:
    """Return the unit by which subscribers are located unless another is asked for."""
    return AdminSpatialUnit(level=3)


def hours_field(*, kw_only: bool = False) -> Any:
    """Make a field for hours of the day."""
    return attrs.field(default=None, converter=hours_of_day, kw_only=kw_only)


def table_field(default: Any = None, *, kw_only: bool = False, argument: str = "table") -> Any:
    """Make a field for the tables of events to read; ``argument`` is what the constructor calls it."""
    return attrs.field(default=default, converter=event_tables, kw_only=kw_only, alias=argument)


def identifier_field(*, kw_only: bool = False) -> Any:
    """Make a field for the column that identifies subscribers."""
    return attrs.field(
        default="msisdn", validator=attrs.validators.in_(SUBSCRIBER_IDENTIFIERS), kw_only=kw_only
    )


def statistic_field(default: Statistic, *, kw_only: bool = False) -> Any:
    """Make a field for a statistic, given as such or by its name in any case."""
    return attrs.field(
        default=default,
        converter=lambda value: Statistic(str(value).lower()),
        kw_only=kw_only,
    )


def flag_field(default: bool, *, metadata: Mapping[str, bool] | None = None) -> Any:
    """Make a field for a flag, given by keyword only."""
    return attrs.field(
        default=default,
        kw_only=True,
        validator=attrs.validators.instance_of(bool),
        metadata=None if metadata is None else dict(metadata),
    )


def subset_field(*, kw_only: bool = True) -> Any:
    """Make a field for a subset of subscribers."""
    return attrs.field(default=None, converter=subscriber_subset, kw_only=kw_only)


def direction_field(default: Direction = Direction.BOTH) -> Any:
    """Make a field for the direction of interactions."""
    return attrs.field(default=default, converter=Direction, kw_only=True)
