"""Rows with the place of their cell."""

from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core.cells import in_service
from flowmachine.core.compilation import Compilation
from flowmachine.core.deriving import require_columns
from flowmachine.core.errors import InvalidSpatialUnitError
from flowmachine.core.query import Query
from flowmachine.core.spatial_unit import CellSpatialUnit, GeomSpatialUnit, SpatialUnit, require_geography


@attrs.frozen(eq=False, slots=False, repr=False)
class JoinToLocation(Query):
    """The rows of a query with the place where their cell was on their day (UTC).

    Of a cell that moved, the version in service on the day counts, and one only: no row is
    duplicated. Rows in a cell that lies in no place of the unit are left out.

    Parameters
    ----------
    left : Query
        With a column ``location_id`` and one for the time.
    spatial_unit : GeomSpatialUnit
    time_col : str, default "time"
        A date or time, or text that PostgreSQL reads as one.

    Notes
    -----
    Columns: those of ``left`` that the unit does not have, then the unit's location columns.
    Public attributes that it lacks are those of ``left``, else of the unit (``start``, ``level``).

    Raises
    ------
    InvalidSpatialUnitError
        If the unit has no geography.
    ValueError
        If ``left`` lacks a column.
    """

    left: Query = attrs.field(validator=attrs.validators.instance_of(Query))
    spatial_unit: GeomSpatialUnit = attrs.field(kw_only=True, converter=require_geography)
    time_col: str = attrs.field(default="time", kw_only=True)

    def __attrs_post_init__(self) -> None:
        require_columns(self.left, "location_id", self.time_col)

    def __getattr__(self, name: str) -> Any:
        """Look up public attributes that it lacks on ``left``, then on the unit."""
        if not name.startswith("_") and "left" in self.__dict__:
            for owner in (self.left, self.spatial_unit):
                if hasattr(owner, name):
                    return getattr(owner, name)
        raise AttributeError(f"{type(self).__name__!r} has no attribute {name!r}.")

    def select(self, using: Compilation) -> Select[Any]:
        """Join rows to the mapping of cells to places, on the cell and the day."""
        rows, places = using(self.left).alias(), using(self.spatial_unit)
        names = self.spatial_unit.location_id_columns
        same = (rows.c.location_id == places.c.location_id) & in_service(
            places, sa.cast(rows.c[self.time_col], sa.Date)
        )
        kept = [rows.c[name] for name in self.left.column_names if name not in names]
        return sa.select(*kept, *(places.c[name] for name in names)).select_from(rows.join(places, same))


def location_joined_query(left: Query, *, spatial_unit: SpatialUnit, time_col: str = "time") -> Query:
    """Return rows with the place of each: as they are for cells, else a :class:`JoinToLocation`.

    Raises
    ------
    InvalidSpatialUnitError
        If ``spatial_unit`` is not a spatial unit.
    """
    if isinstance(spatial_unit, CellSpatialUnit):
        return left
    if not isinstance(spatial_unit, GeomSpatialUnit):
        raise InvalidSpatialUnitError(
            f"Expected a spatial unit (see make_spatial_unit), not {spatial_unit!r}."
        )
    return JoinToLocation(left, spatial_unit=spatial_unit, time_col=time_col)
