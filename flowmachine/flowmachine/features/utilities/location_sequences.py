"""Location queries for periods that follow each other."""

from typing import Any, TypeAlias

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.union import stack
from flowmachine.features.utilities.locating import BaseLocation
from flowmachine.features.utilities.units import require_one_unit

Periods: TypeAlias = "tuple[BaseLocation, ...]"


def in_given_order(locations: Any) -> Periods:
    """Keep location queries in the order in which they are given."""
    return tuple(locations)


def _check(user: Any, _: Any, locations: Periods) -> None:
    if not locations:
        raise ValueError(f"{type(user).__name__} needs at least one location.")
    require_one_unit(user, *locations)
    for location in locations:
        if not location.one_row_per_subscriber:
            name = type(location).__name__
            raise ValueError(f"{type(user).__name__} needs one row per subscriber, {name} has several.")


follow_each_other = attrs.validators.and_(
    attrs.validators.deep_iterable(attrs.validators.instance_of(BaseLocation)), _check
)
"""Validator of a parameter that must be location queries in order of time: at least one, all of one unit."""


def select_periods(locations: Periods, using: Compilation) -> Select[Any]:
    """Stack locations: ``subscriber``, the unit's location columns, and ``period``, counted from 1."""
    names = ("subscriber", *locations[0].spatial_unit.location_id_columns)
    periods = []
    for number, location in enumerate(locations, start=1):
        rows = using(location)
        periods.append(sa.select(*(rows.c[name] for name in names), sa.literal(number).label("period")))
    return stack(periods, all=True)
