"""Those of subscribers' places that another query finds often enough."""

import math
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.deriving import require_columns
from flowmachine.core.query import Query
from flowmachine.core.spatial_unit import SpatialUnit
from flowmachine.features.utilities.locating import BaseLocation
from flowmachine.features.utilities.units import require_one_unit


@attrs.frozen(eq=False, slots=False, repr=False, init=False)
class FilteredReferenceLocation(BaseLocation):
    """Rows of a location query whose subscriber and place have a value between two bounds elsewhere.

    A null place has no value anywhere and is left out.

    Parameters
    ----------
    reference_locations_query : BaseLocation
    filter_query : Query
        With ``subscriber``, the location columns of the same spatial unit and ``value``, a number: such
        as :class:`~flowmachine.features.subscriber.location_visits.LocationVisits` or
        :class:`~flowmachine.features.subscriber.call_days.CallDays`.
    lower_bound : float
    upper_bound : float, default infinity
        Both included.

    Notes
    -----
    Columns: those of the reference locations.

    Raises
    ------
    InvalidSpatialUnitError
        If the units differ, or the filter has none.
    TypeError
        If a bound is not a real number.
    ValueError
        If the filter lacks a column, or a bound is nan.
    """

    reference_locations_query: BaseLocation = attrs.field(
        validator=attrs.validators.instance_of(BaseLocation)
    )
    filter_query: Query = attrs.field(validator=attrs.validators.instance_of(Query))
    lower_bound: int | float
    upper_bound: int | float

    worth_storing = False  # what uses it is

    def __init__(
        self,
        reference_locations_query: BaseLocation,
        filter_query: Query,
        lower_bound: float,
        upper_bound: float = math.inf,
    ) -> None:
        require_one_unit(self, reference_locations_query, filter_query)
        require_columns(
            filter_query, "subscriber", *reference_locations_query.spatial_unit.location_id_columns
        )
        # A numeric subset knows what a bound is, and which are the same.
        kept = filter_query.numeric_subset("value", lower_bound, upper_bound)
        self.__attrs_init__(reference_locations_query, filter_query, kept.low, kept.high)

    @property
    def spatial_unit(self) -> SpatialUnit:  # type: ignore[override]
        """The spatial unit of the reference locations."""
        return self.reference_locations_query.spatial_unit

    @property
    def one_row_per_subscriber(self) -> bool:  # type: ignore[override]
        """Whether the reference locations have one row per subscriber."""
        return self.reference_locations_query.one_row_per_subscriber

    def select(self, using: Compilation) -> Select[Any]:
        """Keep the rows for which there is a value between the bounds."""
        reference = using(self.reference_locations_query).alias()
        between = self.filter_query.numeric_subset("value", self.lower_bound, self.upper_bound)
        kept = between.narrow(using(self.filter_query)).subquery("kept")
        names = ("subscriber", *self.spatial_unit.location_id_columns)
        same = sa.and_(*(kept.c[name] == reference.c[name] for name in names))
        return sa.select(*reference.c).where(sa.exists().where(same))
