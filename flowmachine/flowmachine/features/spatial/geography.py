"""The places of a spatial unit, with their geometries."""

from typing import Any

import attrs
from sqlalchemy import Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.query import Query
from flowmachine.core.spatial_unit import GeomSpatialUnit, require_geography


@attrs.frozen(eq=False, slots=False, repr=False)
class Geography(Query):
    """The places of a unit; holds nothing about subscribers.

    Parameters
    ----------
    spatial_unit : GeomSpatialUnit

    Notes
    -----
    Columns: the unit's location columns, ``geom`` (geometry, WGS 84).

    Raises
    ------
    InvalidSpatialUnitError
        If the unit has no geography.
    """

    spatial_unit: GeomSpatialUnit = attrs.field(converter=require_geography)

    def select(self, using: Compilation) -> Select[Any]:
        """Return the geometries of the unit."""
        return self.spatial_unit.geometries(using)
