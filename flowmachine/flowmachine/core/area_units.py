"""Spatial units of areas that users bring: polygons of a table, and the squares of a grid."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import FromClause, Select

from flowmachine.core import cells as cells_of
from flowmachine.core import sql
from flowmachine.core.compilation import Compilation
from flowmachine.core.deriving import columns_given
from flowmachine.core.facts import Facts
from flowmachine.core.geom_unit import GeomSpatialUnit
from flowmachine.core.grid import Grid, grid_size
from flowmachine.core.names import get_name_and_alias
from flowmachine.core.query import Query


def renamed_columns(value: Any) -> tuple[tuple[str, str], ...]:
    """Return the columns that identify places, each with the name that it has in results.

    Parameters
    ----------
    value : str or list of str
        Such as ``"admin3name"`` or ``"admin3name AS region"``.

    Raises
    ------
    ValueError
        Without a column; for one name twice; for ``location_id``, which is the cell's.
    """
    if isinstance(value, tuple) and all(isinstance(pair, tuple) for pair in value):
        pairs = value
    else:
        pairs = tuple(get_name_and_alias(name) for name in columns_given(value))
    aliases = [alias for _, alias in pairs]
    if not pairs or len(set(aliases)) < len(aliases):
        raise ValueError(f"Places need columns with different names, not {aliases}.")
    if "location_id" in aliases:
        raise ValueError("Places cannot be called location_id, as cells are; rename the column with AS.")
    return pairs


def map_cells(
    using: Compilation,
    areas: FromClause,
    geom_column: str,
    ids: Sequence[tuple[str, str]],
    mapping_table: str | Query | None,
    join_on: str | None,
) -> Select[Any]:
    """Map every version of every cell to the area that contains it, or that a mapping table gives it."""
    cells = cells_of.versions_in_service(using)
    if mapping_table is not None and join_on is not None:
        mapping = cells_of.mapping(mapping_table, join_on, using)
        source = cells.join(mapping, cells.c.location_id == mapping.c.id).join(
            areas, mapping.c[join_on] == areas.c[join_on]
        )
    else:
        source = cells.join(areas, sql.within(cells.c.geom_point, areas.c[geom_column]))
    return sa.select(
        cells.c.location_id,
        cells.c.date_of_first_service,
        cells.c.date_of_last_service,
        *(areas.c[column].label(alias) for column, alias in ids),
    ).select_from(source)


@attrs.frozen(eq=False, slots=False, repr=False)
class PolygonSpatialUnit(GeomSpatialUnit):
    """The polygons of a table, such as catchments or districts of one's own.

    A cell belongs to the polygon that contains its point, or that the mapping table gives it; a cell
    that belongs nowhere is left out with its events. Of polygons that overlap, it belongs to each.

    Parameters
    ----------
    geom_table : str or Query
        The polygons, read as WGS 84.
    region_id_column_name : str or list of str
        The columns that identify them; ``name AS other`` renames one.
    geom_column : str, default "geom"
    mapping_table : str or Query, optional
        A table with the columns ``id`` (of cells) and ``geom_table_join_on``; cells not in it are left out.
    geom_table_join_on : str, optional
        The column of both tables that joins them; given with a mapping table.

    Notes
    -----
    Columns: ``location_id``, ``date_of_first_service``, ``date_of_last_service``, then those that
    identify polygons.

    Raises
    ------
    ValueError
        For tables or columns that cannot be used; when planned, if they do not exist.
    """

    geom_table: str | Query = attrs.field(converter=cells_of.table_name)
    region_id_column_name: tuple[tuple[str, str], ...] = attrs.field(converter=renamed_columns)
    geom_column: str = "geom"
    mapping_table: str | Query | None = attrs.field(default=None, converter=cells_of.table_name)
    geom_table_join_on: str | None = None
    is_polygon = True

    def __attrs_post_init__(self) -> None:
        if (self.mapping_table is None) != (self.geom_table_join_on is None):
            raise ValueError("mapping_table and geom_table_join_on are given together or not at all.")
        self._require(Facts(), queries_only=True)

    @property
    def canonical_name(self) -> str:
        """The name of the unit in specs, scopes and replies."""
        return "polygon"

    @property
    def location_id_columns(self) -> tuple[str, ...]:
        """What identifies the polygons."""
        return tuple(alias for _, alias in self.region_id_column_name)

    @property
    def tables(self) -> tuple[str, ...]:
        """The table of polygons, and the mapping table if given."""
        return cells_of.names_of(self.geom_table, self.mapping_table)

    def _require(self, facts: Facts, *, queries_only: bool = False) -> None:
        join_on = (self.geom_table_join_on,) if self.geom_table_join_on else ()
        of_areas = (*(column for column, _ in self.region_id_column_name), self.geom_column, *join_on)
        for table, columns in ((self.geom_table, of_areas), (self.mapping_table, ("id", *join_on))):
            if not queries_only or isinstance(table, Query):
                cells_of.require_columns(facts, table, *columns)

    def check(self, facts: Facts) -> None:
        """Refuse tables that do not exist or lack a column."""
        self._require(facts)

    def _areas(self, using: Compilation) -> FromClause:
        names = {column for column, _ in self.region_id_column_name} | {
            self.geom_table_join_on or self.geom_column
        }
        columns: list[sa.ColumnClause[Any]] = [sa.column(name) for name in sorted(names - {self.geom_column})]
        geometry: sa.ColumnClause[Any] = sa.column(self.geom_column, sql.Geometry())
        return cells_of.brought(self.geom_table, using, "areas", *columns, geometry)

    def select(self, using: Compilation) -> Select[Any]:
        """Map every version of every cell to its polygon."""
        return map_cells(
            using,
            self._areas(using),
            self.geom_column,
            self.region_id_column_name,
            self.mapping_table,
            self.geom_table_join_on,
        )

    def geometries(self, using: Compilation) -> Select[Any]:
        """Return what identifies the polygons, and ``geom``."""
        areas = self._areas(using)
        ids = [areas.c[column].label(alias) for column, alias in self.region_id_column_name]
        return sa.select(*ids, sql.as_wgs84(areas.c[self.geom_column]).label("geom"))


@attrs.frozen(eq=False, slots=False, repr=False)
class GridSpatialUnit(GeomSpatialUnit):
    """The squares of a grid over the country, by their ``grid_id``; see :class:`~flowmachine.core.grid.Grid`.

    Parameters
    ----------
    size : float
        Side of a square in kilometres.
    mapping_table : str or Query, optional
        A table with the columns ``id`` (of cells) and ``grid_id``; cells not in it are left out.

    Notes
    -----
    Columns: ``location_id``, ``date_of_first_service``, ``date_of_last_service``, ``grid_id``.
    """

    size: float = attrs.field(converter=grid_size)
    mapping_table: str | Query | None = attrs.field(default=None, converter=cells_of.table_name)
    is_polygon = True

    @property
    def location_id_columns(self) -> tuple[str, ...]:
        """The id of a square."""
        return ("grid_id",)

    @property
    def canonical_name(self) -> str:
        """The name of the unit in specs, scopes and replies."""
        return "grid"

    @property
    def grid(self) -> Grid:
        """The squares."""
        return Grid(self.size)

    @cached_property
    def dependencies(self) -> tuple[Query, ...]:
        """The squares, and the mapping if a query stands for it."""
        return (self.grid, *(table for table in (self.mapping_table,) if isinstance(table, Query)))

    @property
    def tables(self) -> tuple[str, ...]:
        """The mapping table, if given."""
        return cells_of.names_of(self.mapping_table)

    def check(self, facts: Facts) -> None:
        """Refuse a mapping table that does not exist or lacks a column."""
        cells_of.require_columns(facts, self.mapping_table, "id", "grid_id")

    def select(self, using: Compilation) -> Select[Any]:
        """Map every version of every cell to its square."""
        squares, ids = using(self.grid), (("grid_id", "grid_id"),)
        return map_cells(using, squares, "geom_square", ids, self.mapping_table, "grid_id")

    def geometries(self, using: Compilation) -> Select[Any]:
        """Return the squares: ``grid_id`` and ``geom``."""
        squares = using(self.grid)
        return sa.select(squares.c.grid_id, squares.c.geom_square.label("geom"))
