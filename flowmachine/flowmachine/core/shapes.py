"""Named pieces of SQL about shapes and groups of points, which only PostGIS has; see :mod:`.sql`."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import NullType, TypeEngine

from flowmachine.core.sql import WGS84, Geography, Geometry

METRES_PER_DEGREE = 111_195
"""Of a great circle of the Earth, taken as a sphere with a radius of 6371 km."""


class Member(ColumnElement[Any]):
    """One part of a value that has several, such as the sum among the statistics of a raster."""

    inherit_cache = False

    def __init__(self, whole: ColumnElement[Any], name: str, type_: TypeEngine[Any] | None = None) -> None:
        self.whole, self.name, self.type = whole, name, type_ or NullType()

    @property
    def _from_objects(self) -> list[FromClause]:
        return list(self.whole._from_objects)


@compiles(Member)
def _member(element: Member, compiler: SQLCompiler, **options: Any) -> str:
    return f"({compiler.process(element.whole, **options)}).{compiler.preparer.quote(element.name)}"


def as_geometry(shape: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a geography as a geometry in WGS 84."""
    return sa.cast(shape, Geometry())


def buffer(shape: ColumnElement[Any], metres: float) -> ColumnElement[Any]:
    """Return what lies within a distance of a shape in WGS 84, measured on the ellipsoid."""
    around = sa.func.ST_Buffer(sa.cast(shape, Geography()), sa.literal(metres, sa.Double), type_=Geography())
    return as_geometry(around)


def area(shape: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the area of a shape in WGS 84, in square metres on the ellipsoid."""
    return sa.func.ST_Area(sa.cast(shape, Geography()), type_=sa.Double())


def inside(shape: ColumnElement[Any], around: ColumnElement[Any]) -> ColumnElement[bool]:
    """Tell whether a shape lies inside an area, and not in its boundary alone."""
    return sa.func.ST_Within(shape, around, type_=sa.Boolean())


def meets(one: ColumnElement[Any], other: ColumnElement[Any]) -> ColumnElement[bool]:
    """Tell whether two shapes, or a shape and a raster, have a point in common."""
    return sa.func.ST_Intersects(one, other, type_=sa.Boolean())


def intersection(one: ColumnElement[Any], other: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return what two shapes have in common."""
    return sa.func.ST_Intersection(one, other, type_=Geometry())


def union(shapes: ColumnElement[Any]) -> ColumnElement[Any]:
    """Aggregate shapes into one that covers what any of them does."""
    return sa.func.ST_Union(shapes, type_=Geometry())


def collection(shapes: ColumnElement[Any]) -> ColumnElement[Any]:
    """Aggregate shapes into one that holds each of them."""
    return sa.func.ST_Collect(shapes, type_=Geometry())


def hull(shape: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the smallest convex shape around another."""
    return sa.func.ST_ConvexHull(shape, type_=Geometry())


def parts(shape: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return each part of a shape as a row."""
    return Member(sa.func.ST_Dump(shape), "geom", Geometry())


def tessellation(points: ColumnElement[Any], extent: ColumnElement[Any] | None = None) -> ColumnElement[Any]:
    """Return the Voronoi cells of a collection of points, as far as an extent reaches."""
    tolerance = sa.literal(0.0, sa.Double)
    return sa.func.ST_VoronoiPolygons(
        points, tolerance, *([] if extent is None else [extent]), type_=Geometry()
    )


def shape_of_geojson(text: str) -> ColumnElement[Any]:
    """Return the shape that a GeoJSON geometry describes."""
    return sa.func.ST_GeomFromGeoJSON(sa.literal(text, sa.Text), type_=Geometry())


def kmeans(point: ColumnElement[Any], number: int, *order: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the cluster (from 0) of each row's point when all are divided by k-means."""
    return sa.func.ST_ClusterKMeans(point, number, type_=sa.Integer()).over(order_by=order)


def dbscan(
    point: ColumnElement[Any], distance: float, density: int, *order: ColumnElement[Any]
) -> ColumnElement[Any]:
    """Return the cluster (from 0) of each row's point by density; null for points in thin places."""
    radius = sa.literal(distance, sa.Double)
    return sa.func.ST_ClusterDBSCAN(point, radius, density, type_=sa.Integer()).over(order_by=order)


def leader_clusters(
    place: tuple[ColumnElement[Any], ColumnElement[Any]],
    weight: ColumnElement[Any],
    radius: float,
    buffer: float,
    threshold: int,
) -> ColumnElement[Any]:
    """Aggregate versions of sites into FlowDB's ``hartigan`` clusters, those of most weight first."""
    site, version = place
    measures = (sa.literal(radius, sa.Double), sa.literal(buffer, sa.Double))
    # The order belongs to the whole list of arguments; it is written after the last.
    last = aggregate_order_by(sa.literal(threshold, sa.Integer), weight.desc(), site, version)
    return sa.func.hartigan(site, version, weight, *measures, last)


def in_system_of(tile: ColumnElement[Any], shape: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a shape in the coordinate reference system of a raster."""
    return sa.func.ST_Transform(shape, sa.func.ST_SRID(tile), type_=Geometry())


def in_wgs84(shape: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a shape in WGS 84, whatever its coordinate reference system."""
    return sa.func.ST_Transform(shape, WGS84, type_=Geometry())
