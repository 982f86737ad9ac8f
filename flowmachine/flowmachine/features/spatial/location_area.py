"""The areas that sites, cells or other points serve."""

from functools import cached_property
from typing import TYPE_CHECKING, Any

import attrs
import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause, Select

from flowmachine.core import shapes, sql
from flowmachine.core.compilation import Compilation
from flowmachine.core.facts import Facts
from flowmachine.core.query import Query
from flowmachine.core.table import qualified_name
from flowmachine.features.spatial.located_points import FromPoints, day_of, point_collection
from flowmachine.features.spatial.viewshed import ViewshedSlopes, visible_cells

if TYPE_CHECKING:
    import pandas as pd

METHODS = ("radius", "voronois", "radius-voronois", "viewshed", "radio-propagation")


def _method(value: Any) -> str:
    if value not in METHODS:
        raise ValueError(f"Unknown method {value!r}: expected one of {', '.join(METHODS)}.")
    if value == "radio-propagation":
        raise NotImplementedError("There is no model of the propagation of radio waves yet.")
    return str(value)


def _radius(value: Any) -> float:
    radius = float(value)
    if not 0 < radius < float("inf"):
        raise ValueError(f"The radius must be a positive number of kilometres, not {value!r}.")
    return radius


def _table(value: Any) -> str | None:
    return qualified_name(value) if value else None


@attrs.frozen(eq=False, slots=False, repr=False)
class LocationArea(FromPoints):
    """The area of each point: what is near to it, nearer to it than to any other, or visible from it.

    Parameters
    ----------
    point_collection : str, default "sites"
        ``sites`` or ``cells`` in service on a day, or a table of points in WGS 84, whose schema is
        ``flowmachine`` unless named.
    date : str, date or datetime, optional
        For sites and cells: the day; today by default.
    method : {"radius", "voronois", "radius-voronois", "viewshed"}, default "voronois"
        ``radius``: what lies within the radius, measured on the ellipsoid. ``voronois``: what is nearer
        to the point than to any other, measured in degrees. ``radius-voronois``: what is both.
        ``viewshed``: the cells of a model of elevation that are visible from the point within the radius.
    envelope_table : str, optional, default "geography.admin0"
        A table whose geometries (``geom``, WGS 84) areas are cut to, such as a country; points whose
        area lies outside have no row. None or an empty text: areas are not cut, and those at the edge of
        a tessellation end somewhere beyond the points.
    radius : float, default 35
        In kilometres.
    dem : str, default "elevation.nasa_srtm1"
        For ``viewshed``: a table with a column ``rast`` of elevations in metres.
    band : int, default 1
        For ``viewshed``: the band of the raster.
    location_identifier, geometry_identifier : str, default "id" and "geom_point"
        The columns that identify points, and that hold them.
    above_ground_position : float, default 0
        For ``viewshed``: the height in metres above the ground from which one looks.

    Notes
    -----
    Columns: ``location_id`` (text), ``geom_point``, ``geom_<method>`` (geometries, WGS 84), with ``_`` for
    the ``-`` in the method. Points at one position have the same area. A single position has no
    tessellation: its area is the whole envelope, and without one it has no row.

    Raises
    ------
    NotImplementedError
        For ``radio-propagation``; for points that are not given by the name of a table.
    ValueError
        For another method, a radius that is not positive, a viewshed without elevations, or columns that
        there are not; when planned, for tables that there are not.
    """

    point_collection: str = attrs.field(default="sites", converter=point_collection)
    # mypy's plugin does not know converters that see the other fields.
    date: str | None = attrs.field(default=None, converter=attrs.Converter(day_of, takes_self=True))  # type: ignore[misc]
    method: str = attrs.field(default="voronois", converter=_method)
    envelope_table: str | None = attrs.field(default="geography.admin0", converter=_table)
    radius: float = attrs.field(default=35.0, converter=_radius)
    dem: str | None = attrs.field(default="elevation.nasa_srtm1", converter=_table)
    band: int = attrs.field(default=1, validator=[attrs.validators.instance_of(int), attrs.validators.ge(1)])
    location_identifier: str = "id"
    geometry_identifier: str = "geom_point"
    above_ground_position: float = attrs.field(default=0.0, converter=float)

    def __attrs_post_init__(self) -> None:
        self.check_points()
        if self.method == "viewshed" and self.dem is None:
            raise ValueError("A viewshed needs a table of elevations (dem).")

    @property
    def geometry_column(self) -> str:
        """The areas."""
        return f"geom_{self.method.replace('-', '_')}"

    @property
    def feature_id_column(self) -> str:
        """The id of the point."""
        return "location_id"

    @cached_property
    def slopes(self) -> ViewshedSlopes | None:
        """The lines of sight, for a viewshed."""
        if self.method != "viewshed" or self.dem is None:
            return None
        return ViewshedSlopes(
            point_collection=self.point_collection,
            date=self.date,
            radius=self.radius,
            dem=self.dem,
            band=self.band,
            location_identifier=self.location_identifier,
            geometry_identifier=self.geometry_identifier,
            above_ground_position=self.above_ground_position,
        )

    @cached_property
    def dependencies(self) -> tuple[Query, ...]:
        """The lines of sight for a viewshed, else the sites or cells."""
        return (self.slopes,) if self.slopes is not None else super().dependencies

    @property
    def tables(self) -> tuple[str, ...]:
        """The table of points, if it is one's own, and the envelope."""
        return (*super().tables, *((self.envelope_table,) if self.envelope_table else ()))

    def check(self, facts: Facts) -> None:
        """Refuse tables that do not exist or lack a column."""
        super().check(facts)
        if self.envelope_table:
            facts.require_columns(self.envelope_table, "geom")

    def _envelope(self) -> FromClause | None:
        if self.envelope_table is None:
            return None
        areas = sql.qualified_table(self.envelope_table, sa.column("geom", sql.Geometry()))
        return sa.select(shapes.union(sql.as_wgs84(areas.c.geom)).label("geom")).cte()

    def select(self, using: Compilation) -> Select[Any]:
        """Draw the areas, and cut them to the envelope."""
        envelope = self._envelope()
        areas = self._areas(using, envelope).subquery("areas")
        if envelope is None:
            return sa.select(
                areas.c.location_id, areas.c.geom_point, areas.c.shape.label(self.geometry_column)
            )
        cut = shapes.intersection(areas.c.shape, envelope.c.geom).label(self.geometry_column)
        return sa.select(areas.c.location_id, areas.c.geom_point, cut).select_from(
            areas.join(envelope, shapes.meets(areas.c.shape, envelope.c.geom))
        )

    def _areas(self, using: Compilation, envelope: FromClause | None) -> Select[Any]:
        """Select ``location_id``, ``geom_point`` and ``shape``."""
        if self.slopes is not None:
            return visible_cells(using(self.slopes))
        points = self.points(using).cte()
        around: ColumnElement[Any] = shapes.buffer(points.c.geom_point, 1000 * self.radius)
        if self.method == "radius":
            return sa.select(points.c.location_id, points.c.geom_point, around.label("shape"))
        cells = self._tessellation(points, envelope).cte()
        nearest: ColumnElement[Any] = cells.c.cell
        source = points.join(cells, shapes.inside(points.c.geom_point, cells.c.cell), isouter=True)
        if envelope is not None:
            source = source.join(envelope, sa.true())
            nearest = sa.func.coalesce(nearest, envelope.c.geom, type_=sql.Geometry())
        shape = nearest if self.method == "voronois" else shapes.intersection(around, nearest)
        return (
            sa.select(points.c.location_id, points.c.geom_point, shape.label("shape"))
            .select_from(source)
            .where(nearest.is_not(None))
        )

    @staticmethod
    def _tessellation(points: FromClause, envelope: FromClause | None) -> Select[Any]:
        together = sa.select(shapes.collection(points.c.geom_point).label("geom")).subquery("together")
        if envelope is None:
            return sa.select(shapes.parts(shapes.tessellation(together.c.geom)).label("cell"))
        cells = shapes.tessellation(together.c.geom, envelope.c.geom)
        return sa.select(shapes.parts(cells).label("cell")).select_from(together.join(envelope, sa.true()))

    def area(self) -> "pd.DataFrame":
        """Return the areas with their size, as a frame.

        Returns
        -------
        pandas.DataFrame
            With the columns of this query, and ``area`` (square metres on the ellipsoid).

        Raises
        ------
        flowmachine.core.errors.NotConnectedError
            Before :func:`flowmachine.connect`.
        """
        return LocationAreaSize(self).get_dataframe()


@attrs.frozen(eq=False, slots=False, repr=False)
class LocationAreaSize(Query):
    """The areas of points with the size of each; see :meth:`LocationArea.area`."""

    areas: LocationArea = attrs.field(validator=attrs.validators.instance_of(LocationArea))

    @property
    def geometry_column(self) -> str:
        """The areas."""
        return self.areas.geometry_column

    def select(self, using: Compilation) -> Select[Any]:
        """Measure the areas."""
        rows = using(self.areas)
        return sa.select(*rows.c, shapes.area(rows.c[self.geometry_column]).label("area"))
