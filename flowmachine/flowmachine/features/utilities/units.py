"""The spatial units of the queries that a query is made from."""

from typing import Any

import attrs

from flowmachine.core.deriving import require_columns
from flowmachine.core.errors import InvalidSpatialUnitError
from flowmachine.core.query import Query
from flowmachine.core.spatial_unit import SpatialUnit


def unit_of(query: Query) -> SpatialUnit:
    """Return the spatial unit by which a query gives places.

    Raises
    ------
    InvalidSpatialUnitError
        If it gives none.
    """
    unit: SpatialUnit | None = getattr(query, "spatial_unit", None)
    if unit is None:
        raise InvalidSpatialUnitError(f"{type(query).__name__} has no spatial unit.")
    return unit


def require_one_unit(user: Any, *queries: Query) -> None:
    """Raise unless all inputs of a query have the same spatial unit.

    Raises
    ------
    InvalidSpatialUnitError
        Naming the query that needs them and the units that they have.
    """
    units = list(dict.fromkeys(unit_of(query) for query in queries))
    if len(units) > 1:
        names = ", ".join(unit.canonical_name for unit in units)
        raise InvalidSpatialUnitError(
            f"The inputs of {type(user).__name__} must have one spatial unit; theirs are {names}."
        )


def _located(*more: str) -> Any:
    def check(_: Any, __: Any, query: Query) -> None:
        require_columns(query, "subscriber", *more, *unit_of(query).location_id_columns)

    return attrs.validators.and_(attrs.validators.instance_of(Query), check)


located_query = _located()
"""Validator of a parameter that must be a query with a subscriber and a place in each row."""
located_events = _located("time")
"""Validator of a parameter that must be a query with a subscriber, a time and a place in each row."""
