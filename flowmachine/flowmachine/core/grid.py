"""A grid of squares over a country."""

from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core import cells as cells_of
from flowmachine.core import sql
from flowmachine.core.compilation import Compilation
from flowmachine.core.facts import Facts
from flowmachine.core.query import Query


def grid_size(value: Any) -> float:
    """Return the side of a square in kilometres, whole numbers as such.

    Raises
    ------
    ValueError
        Unless it is a positive number.
    """
    try:
        size = float(value)
    except (TypeError, ValueError):
        size = 0.0
    if not 0 < size < float("inf"):
        raise ValueError(
            f"The size of a grid's squares must be a positive number of kilometres, not {value!r}."
        )
    return int(size) if size == int(size) else size


@attrs.frozen(eq=False, slots=False, repr=False)
class Grid(Query):
    """The squares that cover the extent of a country, or of the geometries of another table.

    Squares are cut in the web Mercator projection, whose kilometres are shorter than real ones away
    from the equator. Their corners lie on multiples of the side, so that the same square has the
    same place in a larger country.

    Parameters
    ----------
    size : float
        Side of a square in kilometres.
    geom : str, default "geography.admin0"
        A table with a column ``geom`` in WGS 84.

    Notes
    -----
    Columns: ``grid_id`` (text: the size with ``_`` for the point, ``_``, and the square's number from
    1 by longitude and latitude, such as ``50_6``), ``geom_square`` and ``geom_point`` (geometries in
    WGS 84: the square and its centre), ``longitude``, ``latitude`` (degrees, of the centre).

    Raises
    ------
    ValueError
        For a size that is no positive number; when planned, if there is no such table.
    """

    size: float = attrs.field(converter=grid_size)
    geom: str = attrs.field(default="geography.admin0", converter=cells_of.table_name)
    worth_storing = True

    @property
    def tables(self) -> tuple[str, ...]:
        """The table whose extent is covered."""
        return (self.geom,)

    @property
    def geometry_column(self) -> str:
        """The squares."""
        return "geom_square"

    def check(self, facts: Facts) -> None:
        """Refuse a table that does not exist or has no geometry."""
        facts.require_columns(self.geom, "geom")

    def select(self, using: Compilation) -> Select[Any]:
        """Cut the extent into squares and number them."""
        areas = sql.qualified_table(self.geom, sa.column("geom", sql.Geometry()))
        extent = sa.select(sql.mercator_extent(areas.c.geom).label("box")).subquery("extent")
        squares = sql.square_grid(1000 * self.size, extent.c.box).alias("squares")
        centre = sql.from_mercator(sql.centroid(squares.c.geom))
        number = sa.func.row_number().over(order_by=(squares.c.i, squares.c.j))
        size = sa.literal(f"{self.size}".replace(".", "_"), sa.Text)
        return sa.select(
            sa.func.concat(size, sa.literal("_", sa.Text), number, type_=sa.Text).label("grid_id"),
            sql.from_mercator(squares.c.geom).label("geom_square"),
            centre.label("geom_point"),
            sql.longitude(centre).label("longitude"),
            sql.latitude(centre).label("latitude"),
        ).select_from(extent.join(squares, sa.true()))
