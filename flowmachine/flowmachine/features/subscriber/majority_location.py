"""The place that holds more than half of what each subscriber weighs."""

import math
from functools import cached_property
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.deriving import require_columns
from flowmachine.core.query import Query
from flowmachine.core.spatial_unit import SpatialUnit
from flowmachine.features.utilities.locating import BaseLocation
from flowmachine.features.utilities.units import unit_of


def _not_negative(_: Any, __: Any, weight: float) -> None:
    if not (math.isfinite(weight) and weight >= 0):
        raise ValueError(f"minimum_total_weight must be 0 or more, not {weight}.")


@attrs.frozen(eq=False, slots=False, repr=False, kw_only=True)
class MajorityLocation(BaseLocation):
    """Place whose weight is more than half of a subscriber's total weight.

    The total is the sum of the subscriber's weights, or ``minimum_total_weight`` if that is more. At
    most one place can have more than half; a subscriber of whom none does has no row. Negative weights
    do not count.

    Parameters
    ----------
    subscriber_location_weights : Query
        With ``subscriber``, the location columns of its ``spatial_unit`` and a weight: such as
        :class:`~flowmachine.features.subscriber.location_visits.LocationVisits`.
    weight_column : str
        The column with the weights, numbers.
    minimum_total_weight : float, default 0
        Not negative. A subscriber seen too little is not placed.

    Notes
    -----
    Columns: ``subscriber`` (text), then the unit's location columns.

    Raises
    ------
    ValueError
        If a column is missing, or for a negative ``minimum_total_weight``.
    InvalidSpatialUnitError
        For weights without a spatial unit.
    """

    subscriber_location_weights: Query = attrs.field(validator=attrs.validators.instance_of(Query))
    weight_column: str
    minimum_total_weight: float = attrs.field(default=0.0, converter=float, validator=_not_negative)

    def __attrs_post_init__(self) -> None:
        weights = self.subscriber_location_weights
        require_columns(weights, "subscriber", self.weight_column)
        require_columns(weights, *unit_of(weights).location_id_columns)

    @property
    def spatial_unit(self) -> SpatialUnit:  # type: ignore[override]
        """The spatial unit of the weights."""
        return unit_of(self.subscriber_location_weights)

    def select(self, using: Compilation) -> Select[Any]:
        """Compare each weight with half of the subscriber's total."""
        given = using(self.subscriber_location_weights)
        names = ("subscriber", *self.spatial_unit.location_id_columns)
        weight = given.c[self.weight_column]
        total = sa.func.sum(weight).over(partition_by=given.c.subscriber).label("total")
        weights = (
            sa.select(*(given.c[name] for name in names), weight.label("weight"), total)
            .where(weight >= 0)
            .subquery("weights")
        )
        least = sa.literal(self.minimum_total_weight, sa.Double)
        return sa.select(*(weights.c[name] for name in names)).where(
            2 * weights.c.weight > sa.func.greatest(weights.c.total, least)
        )


@attrs.frozen(eq=False, slots=False, repr=False, kw_only=True)
class MajorityLocationWithUnlocatable(BaseLocation):
    """A majority location, with every subscriber that has a weight: those without a place have null.

    Parameters
    ----------
    majority_location : MajorityLocation

    Notes
    -----
    Columns: ``subscriber`` (text), then the unit's location columns. Subscribers that have negative
    weights only are among them.
    """

    majority_location: MajorityLocation = attrs.field(
        validator=attrs.validators.instance_of(MajorityLocation)
    )

    @cached_property
    def dependencies(self) -> tuple[Query, ...]:
        """The majority location, and the weights that say who there is."""
        return (self.majority_location, self.majority_location.subscriber_location_weights)

    @property
    def spatial_unit(self) -> SpatialUnit:  # type: ignore[override]
        """The spatial unit of the majority location."""
        return self.majority_location.spatial_unit

    def select(self, using: Compilation) -> Select[Any]:
        """Put the places beside all subscribers."""
        weights = using(self.majority_location.subscriber_location_weights)
        everybody = sa.select(weights.c.subscriber).distinct().subquery("everybody")
        located = using(self.majority_location).alias()
        place = [located.c[name] for name in self.spatial_unit.location_id_columns]
        return sa.select(everybody.c.subscriber, *place).select_from(
            everybody.outerjoin(located, everybody.c.subscriber == located.c.subscriber)
        )


def majority_location(
    *,
    subscriber_location_weights: Query,
    weight_column: str,
    minimum_total_weight: float = 0.0,
    include_unlocatable: bool = False,
) -> BaseLocation:
    """Return a majority location, with the subscribers that it does not place or without.

    Parameters
    ----------
    subscriber_location_weights, weight_column, minimum_total_weight
        As for :class:`MajorityLocation`.
    include_unlocatable : bool, default False
        Give subscribers without a majority location a row with a null place.
    """
    majority = MajorityLocation(
        subscriber_location_weights=subscriber_location_weights,
        weight_column=weight_column,
        minimum_total_weight=minimum_total_weight,
    )
    return MajorityLocationWithUnlocatable(majority_location=majority) if include_unlocatable else majority
