"""Sums over the pixels of rasters, such as of people."""

from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import FromClause, Select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from flowmachine.core import rasters, shapes, sql
from flowmachine.core.compilation import Compilation
from flowmachine.core.deriving import require_columns
from flowmachine.core.facts import Facts
from flowmachine.core.query import Query
from flowmachine.core.table import qualified_name


def _statistic(value: Any) -> str:
    if value != "sum":
        raise NotImplementedError(f"The only statistic of rasters is 'sum', not {value!r}.")
    return "sum"


def _vector(instance: Any, attribute: Any, value: Any) -> None:
    if value is not None and not isinstance(value, Query):
        raise ValueError(f"The geometries must be a query, not a {type(value).__name__}.")


@attrs.frozen(eq=False, slots=False, repr=False)
class RasterStatistics(Query):
    """Sum of the pixels of a raster: of each of its tiles, or in each of some groups of geometries.

    Pixels without data do not count. A pixel belongs to a geometry that its centre lies in. Where
    geometries of one group overlap, pixels count once for each.

    Parameters
    ----------
    raster : str
        A table with a column ``rast``, such as ``population.people``; the schema is ``flowmachine``
        unless named.
    band : int, default 1
        The band of the raster.
    vector : Query, optional
        With geometries, which are brought into the coordinate reference system of the raster.
    vector_property : str, default "geom"
        The column with the geometries.
    grouping_element : str, optional
        The column by whose values geometries are grouped; needed with them.
    statistic : {"sum"}

    Notes
    -----
    Columns: ``statistic`` (double precision) for each tile; with geometries, the grouping column, then
    ``statistic`` for each group that the raster covers in part.

    Raises
    ------
    NotImplementedError
        For another statistic.
    ValueError
        For geometries without groups, or that are no query, or that lack a column; when planned, if
        there is no such table.
    """

    raster: str = attrs.field(converter=qualified_name)
    band: int = attrs.field(default=1, validator=[attrs.validators.instance_of(int), attrs.validators.ge(1)])
    vector: Query | None = attrs.field(default=None, validator=_vector)
    vector_property: str = "geom"
    grouping_element: str | None = None
    statistic: str = attrs.field(default="sum", converter=_statistic)

    def __attrs_post_init__(self) -> None:
        if self.vector is not None:
            if self.grouping_element is None:
                raise ValueError("With geometries, a grouping element is needed.")
            require_columns(self.vector, self.vector_property, self.grouping_element)

    @property
    def tables(self) -> tuple[str, ...]:
        """The raster."""
        return (self.raster,)

    def check(self, facts: Facts) -> None:
        """Refuse a table that does not exist or is no raster."""
        facts.require_columns(self.raster, "rast")

    def select(self, using: Compilation) -> Select[Any]:
        """Sum up tiles, or the parts of tiles in geometries."""
        tiles = sql.qualified_table(self.raster, sa.column("rast")).alias("tiles")
        if self.vector is None or self.grouping_element is None:
            return sa.select(rasters.tile_sum(tiles.c.rast, self.band).label("statistic"))
        return self._in_groups(tiles, using(self.vector), self.grouping_element)

    def _in_groups(self, tiles: FromClause, vector: FromClause, group: str) -> Select[Any]:
        geometry = shapes.in_system_of(tiles.c.rast, shapes.as_geometry(vector.c[self.vector_property]))
        parts = (
            sa.select(vector.c[group], rasters.tile_sum(tiles.c.rast, self.band, geometry).label("part"))
            .select_from(vector.join(tiles, rasters.overlap(tiles.c.rast, geometry)))
            .subquery("parts")
        )
        # In order, because a sum of floating point numbers depends on it.
        total = sa.func.sum(aggregate_order_by(parts.c.part, parts.c.part), type_=sa.Double())
        return (
            sa.select(parts.c[group], total.label("statistic"))
            .where(parts.c.part.is_not(None))
            .group_by(parts.c[group])
        )
