"""How far places are from each other."""

from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core import sql
from flowmachine.core.compilation import Compilation
from flowmachine.core.mixins import GraphMixin
from flowmachine.core.query import Query
from flowmachine.core.spatial_unit import GeomSpatialUnit, VersionedCellSpatialUnit, require_geography


def _with_positions(value: Any) -> GeomSpatialUnit:
    unit = require_geography(VersionedCellSpatialUnit() if value is None else value)
    unit.verify_criterion("has_lon_lat_columns")
    return unit


@attrs.frozen(eq=False, slots=False, repr=False)
class DistanceMatrix(GraphMixin, Query):
    """Distance between every ordered pair of positions; a position is also paired with itself.

    Parameters
    ----------
    spatial_unit : GeomSpatialUnit, default versioned-cell
        One with positions: lon-lat, versioned-cell or versioned-site.
    return_geometry : bool, default False
        Return the points too.

    Notes
    -----
    Columns: the unit's location columns with the suffix ``_from``, then with ``_to``, ``value``
    (double precision, kilometres along the WGS 84 ellipsoid), and if asked for ``geom_origin``,
    ``geom_destination`` (points, WGS 84).

    Raises
    ------
    InvalidSpatialUnitError
        If the unit's places have no positions.
    """

    spatial_unit: GeomSpatialUnit = attrs.field(default=None, converter=_with_positions)
    return_geometry: bool = attrs.field(default=False, converter=bool)
    worth_storing = True

    @property
    def geom_matrix(self) -> "GeomDistanceMatrix":
        """The distance between every ordered pair of points, whatever places they are of."""
        return GeomDistanceMatrix(self.spatial_unit)

    @property
    def index_columns(self) -> list[tuple[str, ...]]:
        """Index by both ends."""
        names = self.spatial_unit.location_id_columns
        return [tuple(f"{name}_{side}" for name in names) for side in ("from", "to")]

    def select(self, using: Compilation) -> Select[Any]:
        """Pair the positions of the unit."""
        names = self.spatial_unit.location_id_columns
        positions = self.spatial_unit.geometries(using).cte("positions")
        origin, destination = positions.alias(), positions.alias()
        ends = [
            (origin.c[name].label(f"{name}_from"), destination.c[name].label(f"{name}_to")) for name in names
        ]
        metres = sql.distance(origin.c.geom, destination.c.geom)
        points = [origin.c.geom.label("geom_origin"), destination.c.geom.label("geom_destination")]
        return sa.select(
            *(start for start, _ in ends),
            *(end for _, end in ends),
            (metres / 1000.0).label("value"),
            *(points if self.return_geometry else []),
        ).select_from(origin.join(destination, sa.true()))


@attrs.frozen(eq=False, slots=False, repr=False)
class GeomDistanceMatrix(Query):
    """Distance between every ordered pair of the different points of a spatial unit.

    Parameters
    ----------
    spatial_unit : GeomSpatialUnit, default versioned-cell
        As for :class:`DistanceMatrix`.

    Notes
    -----
    Columns: ``geom_origin``, ``geom_destination`` (points, WGS 84), ``value`` (double precision,
    kilometres along the WGS 84 ellipsoid).
    """

    spatial_unit: GeomSpatialUnit = attrs.field(default=None, converter=_with_positions)

    @property
    def index_columns(self) -> list[tuple[str, ...]]:
        """Index by both points."""
        return [("geom_origin",), ("geom_destination",)]

    def select(self, using: Compilation) -> Select[Any]:
        """Pair the points."""
        places = self.spatial_unit.geometries(using).subquery("places")
        points = sa.select(places.c.geom).distinct().cte()
        origin, destination = points.alias(), points.alias()
        metres = sql.distance(origin.c.geom, destination.c.geom)
        return sa.select(
            origin.c.geom.label("geom_origin"),
            destination.c.geom.label("geom_destination"),
            (metres / 1000.0).label("value"),
        ).select_from(origin.join(destination, sa.true()))
