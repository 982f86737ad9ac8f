"""Named pieces of SQL about rasters and their pixels, which only PostGIS has; see :mod:`.sql`."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause

from flowmachine.core.shapes import Member
from flowmachine.core.sql import Geometry


def clipped(tile: ColumnElement[Any], band: int, shape: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return one band of a raster, with the pixels alone that have their centre in a shape."""
    # Not ST_Clip's own choice of a band, which with others than the first ends PostgreSQL (PostGIS 3.3).
    return sa.func.ST_Clip(sa.func.ST_Band(tile, band), shape, sa.true())


def overlap(tile: ColumnElement[Any], shape: ColumnElement[Any]) -> ColumnElement[bool]:
    """Tell whether a raster and an area have more in common than a part of their edges.

    The pixels beside a common edge would count as if they lay in the area.
    """
    return sa.and_(
        sa.func.ST_Intersects(tile, shape, type_=sa.Boolean()),
        ~sa.func.ST_Touches(sa.func.ST_ConvexHull(tile), shape, type_=sa.Boolean()),
    )


def tile_sum(
    tile: ColumnElement[Any], band: int, shape: ColumnElement[Any] | None = None
) -> ColumnElement[Any]:
    """Return the sum of the known pixels of one band of a raster, or of those centred in a shape."""
    known = sa.true()
    if shape is None:
        statistics = sa.func.ST_SummaryStats(tile, band, known)
    else:
        statistics = sa.func.ST_SummaryStats(clipped(tile, band, shape), 1, known)
    return Member(statistics, "sum", sa.Double())


def pixels(tile: ColumnElement[Any]) -> FromClause:
    """Return the known pixels of the first band of a raster: ``geom`` (the pixel's area) and ``val``."""
    geometry: sa.ColumnClause[Any] = sa.column("geom", Geometry())
    columns = (geometry, sa.column("val", sa.Double), sa.column("x", sa.Integer), sa.column("y", sa.Integer))
    return sa.func.ST_PixelAsPolygons(tile, 1, sa.true()).table_valued(*columns).render_derived("pixels")


def _place(
    position: ColumnElement[Any], corner: ColumnElement[Any], side: ColumnElement[Any]
) -> ColumnElement[Any]:
    return sa.cast(sa.func.floor((position - corner) / side), sa.Integer)


def columns_away(
    tile: ColumnElement[Any], pixel: ColumnElement[Any], point: ColumnElement[Any]
) -> ColumnElement[Any]:
    """Return how many columns of a raster a pixel lies from the one that a point is in."""
    along = (sa.func.ST_UpperLeftX(tile), sa.func.ST_ScaleX(tile))
    centre = sa.func.ST_Centroid(pixel)
    return _place(sa.func.ST_X(centre), *along) - _place(sa.func.ST_X(point), *along)


def rows_away(
    tile: ColumnElement[Any], pixel: ColumnElement[Any], point: ColumnElement[Any]
) -> ColumnElement[Any]:
    """Return how many rows of a raster a pixel lies from the one that a point is in."""
    along = (sa.func.ST_UpperLeftY(tile), sa.func.ST_ScaleY(tile))
    centre = sa.func.ST_Centroid(pixel)
    return _place(sa.func.ST_Y(centre), *along) - _place(sa.func.ST_Y(point), *along)
