"""What is visible from points over a model of elevation.

Lines of sight lead from a point to every cell at the edge of the square around it, and through those
cells of the model that are nearest to each line; every cell of the square is on one of them. A cell is
visible if it stands at a steeper angle than all cells before it on a line (FlowDB's function ``viewshed``
decides the same of a table). The cell that the point lies in is visible, and hides nothing.

The method is the R2 of W. R. Franklin and C. K. Ray, *Higher isn't necessarily better: visibility
algorithms and experiments* (Advances in GIS Research, 1994).
"""

from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause, Select

from flowmachine.core import rasters, shapes, sql
from flowmachine.core.compilation import Compilation
from flowmachine.core.facts import Facts
from flowmachine.features.spatial.located_points import FromPoints

STEEPEST = sa.cast(sa.literal("-Infinity", sa.Text), sa.Double)


@attrs.frozen(eq=False, slots=False, repr=False, kw_only=True)
class ViewshedSlopes(FromPoints):
    """The cells on each line of sight, with the slope at which each is seen.

    Parameters
    ----------
    point_collection, date, radius, dem, band, location_identifier, geometry_identifier, above_ground_position
        As for :class:`~flowmachine.features.spatial.location_area.LocationArea`.

    Notes
    -----
    Columns: ``location_id``, ``geom_point``, ``od_line_identifier`` (text), ``geom`` (the cell, WGS 84),
    ``distance`` (metres on the ellipsoid, from the point to the cell's centre), ``slope`` (metres of
    height per metre; null for the cell that the point lies in).
    """

    point_collection: str
    date: str | None
    radius: float
    dem: str
    band: int
    location_identifier: str
    geometry_identifier: str
    above_ground_position: float

    @property
    def tables(self) -> tuple[str, ...]:
        """The table of points, if it is one's own, and the elevations."""
        return (*super().tables, self.dem)

    def check(self, facts: Facts) -> None:
        """Refuse tables that do not exist or lack a column."""
        super().check(facts)
        facts.require_columns(self.dem, "rast")

    def select(self, using: Compilation) -> Select[Any]:
        """Put the cells around each point into a grid, and follow the lines through it."""
        cells = self._cells(using).cte()
        own = cells.alias("own")
        here = (cells.c.place == own.c.place) & (own.c.across == 0) & (own.c.down == 0)
        away = sql.distance(cells.c.geom_point, sql.centroid(cells.c.geom))
        eye = own.c.height + self.above_ground_position
        is_own = (cells.c.across == 0) & (cells.c.down == 0)
        slope = sa.case((is_own, None), else_=(cells.c.height - eye) / sa.func.nullif(away, 0))
        seen = (
            sa.select(*cells.c, away.label("distance"), sa.cast(slope, sa.Double).label("slope"))
            .select_from(cells.join(own, here))
            .cte()
        )
        lines = self._lines(seen).subquery("lines")
        on_line = (
            (seen.c.place == lines.c.place)
            & (seen.c.across == lines.c.across)
            & (seen.c.down == lines.c.down)
        )
        line = sa.func.concat_ws("-", lines.c.place, lines.c.line, type_=sa.Text)
        return sa.select(
            seen.c.location_id,
            seen.c.geom_point,
            line.label("od_line_identifier"),
            seen.c.geom,
            seen.c.distance,
            seen.c.slope,
        ).select_from(lines.join(seen, on_line))

    def _cells(self, using: Compilation) -> Select[Any]:
        """Select the cells around each point by their place in the grid, the point's own being 0, 0."""
        points = self.points(using).subquery("points")
        place = sa.func.row_number().over(
            order_by=(
                points.c.location_id,
                sql.longitude(points.c.geom_point),
                sql.latitude(points.c.geom_point),
            )
        )
        numbered = sa.select(*points.c, place.label("place")).cte()
        around = shapes.buffer(numbered.c.geom_point, 1000 * self.radius)
        tiles = sql.qualified_table(self.dem, sa.column("rast")).alias("tiles")
        shape = shapes.in_system_of(tiles.c.rast, around)
        pixels = rasters.pixels(rasters.clipped(tiles.c.rast, self.band, shape))
        at = shapes.in_system_of(tiles.c.rast, numbered.c.geom_point)
        found = (
            sa.select(
                *numbered.c,
                pixels.c.geom,
                pixels.c.val.label("height"),
                rasters.columns_away(tiles.c.rast, pixels.c.geom, at).label("across"),
                rasters.rows_away(tiles.c.rast, pixels.c.geom, at).label("down"),
            )
            .select_from(numbered.join(tiles, rasters.overlap(tiles.c.rast, shape)).join(pixels, sa.true()))
            .where(pixels.c.val.is_not(None))
            .subquery("found")
        )
        columns = [c for c in found.c if c.name != "geom"]
        # Where tiles overlap, the highest of the cells at one place.
        return sql.first_per(
            [found.c.place, found.c.across, found.c.down],
            [sa.desc(found.c.height)],
            [*columns, shapes.in_wgs84(found.c.geom).label("geom")],
        )

    @staticmethod
    def _lines(seen: FromClause) -> Select[Any]:
        """Select the steps of every line from the middle of a square to a cell at its edge."""
        farthest = sa.func.max(sa.func.greatest(sa.func.abs(seen.c.across), sa.func.abs(seen.c.down)))
        squares = (
            sa.select(seen.c.place, sa.cast(farthest, sa.Integer).label("half"))
            .group_by(seen.c.place)
            .subquery("squares")
        )
        half = squares.c.half
        offset = sa.func.generate_series(-half, half).table_valued("along").render_derived("edge")
        side = sa.func.generate_series(1, 4).table_valued("number").render_derived("sides")
        step = sa.func.generate_series(0, half).table_valued("number").render_derived("steps")
        along, number, steps = offset.c.along, side.c.number, step.c.number

        def towards(end: ColumnElement[Any]) -> ColumnElement[Any]:
            share = sa.cast(end * steps, sa.Numeric) / sa.func.greatest(half, 1)
            return sa.cast(sa.func.round(share), sa.Integer)

        end_across = sa.case((number == 1, -half), (number == 2, half), else_=along)
        end_down = sa.case((number == 3, -half), (number == 4, half), else_=along)
        return sa.select(
            squares.c.place,
            sa.func.concat_ws("-", number, along, type_=sa.Text).label("line"),
            towards(end_across).label("across"),
            towards(end_down).label("down"),
        ).select_from(squares.join(side, sa.true()).join(offset, sa.true()).join(step, sa.true()))


def visible_cells(slopes: FromClause) -> Select[Any]:
    """Select what is visible from each point: ``location_id``, ``geom_point``, ``shape``."""
    before = sa.func.max(slopes.c.slope).over(
        partition_by=slopes.c.od_line_identifier,
        order_by=(
            slopes.c.distance,
            sql.longitude(sql.centroid(slopes.c.geom)),
            sql.latitude(sql.centroid(slopes.c.geom)),
        ),
        rows=(None, -1),
    )
    visible = slopes.c.slope.is_(None) | (slopes.c.slope > sa.func.coalesce(before, STEEPEST))
    judged = sa.select(*slopes.c, visible.label("visible")).subquery("judged")
    each = (
        sa.select(judged.c.location_id, judged.c.geom_point, judged.c.geom)
        .where(judged.c.visible)
        .distinct()
        .subquery("each")
    )
    return sa.select(
        each.c.location_id, each.c.geom_point, shapes.union(each.c.geom).label("shape")
    ).group_by(each.c.location_id, each.c.geom_point)
