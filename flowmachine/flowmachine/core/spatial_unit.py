"""Spatial units: the places by which results are given, and which cell lies in which place.

A unit with geography is a query that maps every cell to a place for the days on which that holds.
It is small, computed once and stored, so that geometry work is done per cell and never per event.
"""

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias, get_args

import attrs
import sqlalchemy as sa
from sqlalchemy import FromClause, Select

from flowmachine.core import cells as cells_of
from flowmachine.core import sql
from flowmachine.core.area_units import GridSpatialUnit, PolygonSpatialUnit, renamed_columns
from flowmachine.core.compilation import Compilation
from flowmachine.core.errors import InvalidSpatialUnitError
from flowmachine.core.facts import Facts
from flowmachine.core.geom_unit import CellSpatialUnit, GeomSpatialUnit, PointSpatialUnit, SpatialUnitMixin
from flowmachine.core.identity import ADDED_LATER
from flowmachine.core.network_units import VersionedCellSpatialUnit, VersionedSiteSpatialUnit
from flowmachine.core.query import Query

__all__ = [
    "AdminSpatialUnit",
    "CellSpatialUnit",
    "GeomSpatialUnit",
    "GridSpatialUnit",
    "LonLatSpatialUnit",
    "PointSpatialUnit",
    "PolygonSpatialUnit",
    "SpatialUnit",
    "SpatialUnitMixin",
    "VersionedCellSpatialUnit",
    "VersionedSiteSpatialUnit",
    "make_spatial_unit",
    "require_geography",
]


@attrs.frozen(eq=False, slots=False, repr=False)
class LonLatSpatialUnit(PointSpatialUnit):
    """Positions: ``lon`` and ``lat`` in degrees (WGS 84), those of the cells unless tables are given.

    Parameters
    ----------
    mapping_table : str or Query, optional
        A table with the columns ``id`` (of cells) and ``geom_table_join_on``; cells not in it are left out.
    geom_table : str or Query, optional
        A table with the columns ``geom_table_join_on`` and ``geom_point``, which gives the positions.
    geom_table_join_on : str, optional
        All three are given, or none.
    """

    mapping_table: str | Query | None = attrs.field(default=None, converter=cells_of.table_name)
    geom_table: str | Query | None = attrs.field(default=None, converter=cells_of.table_name)
    geom_table_join_on: str | None = None

    @property
    def location_id_columns(self) -> tuple[str, ...]:
        """The position."""
        return ("lon", "lat")

    def __attrs_post_init__(self) -> None:
        given = [self.mapping_table, self.geom_table, self.geom_table_join_on]
        if any(given) and not all(given):
            raise ValueError(
                "mapping_table, geom_table and geom_table_join_column are given together or not at all."
            )

    @property
    def canonical_name(self) -> str:
        """The name of the unit in specs, scopes and replies."""
        return "lon-lat"

    @property
    def tables(self) -> tuple[str, ...]:
        """The mapping and geometry tables, if given."""
        return cells_of.names_of(self.mapping_table, self.geom_table)

    def check(self, facts: Facts) -> None:
        """Refuse tables that do not exist or lack a column."""
        if self.mapping_table and self.geom_table and self.geom_table_join_on:
            cells_of.require_columns(facts, self.mapping_table, "id", self.geom_table_join_on)
            cells_of.require_columns(facts, self.geom_table, self.geom_table_join_on, "geom_point")

    def select(self, using: Compilation) -> Select[Any]:
        """Map every version of every cell to its position."""
        cells = cells_of.versions_in_service(using)
        source, point = cells, cells.c.geom_point
        if self.mapping_table and self.geom_table and self.geom_table_join_on:
            join_on = self.geom_table_join_on
            mapping = cells_of.mapping(self.mapping_table, join_on, using)
            columns: tuple[sa.ColumnClause[Any], ...] = (
                sa.column(join_on),
                sa.column("geom_point", sql.Geometry()),
            )
            geometry = cells_of.brought(self.geom_table, using, "geometry", *columns)
            source = cells.join(mapping, cells.c.location_id == mapping.c.id).join(
                geometry, mapping.c[join_on] == geometry.c[join_on]
            )
            point = geometry.c.geom_point
        return (
            sa.select(
                cells.c.location_id,
                cells.c.date_of_first_service,
                cells.c.date_of_last_service,
                sql.longitude(point).label("lon"),
                sql.latitude(point).label("lat"),
            )
            .select_from(source)
            .where(point.is_not(None))
        )


@attrs.frozen(eq=False, slots=False, repr=False)
class AdminSpatialUnit(GeomSpatialUnit):
    """The administrative regions of one level, by their ``pcod`` unless other columns are named.

    A cell belongs to the region that contains its point, or that the mapping table gives it; a cell
    that belongs nowhere is left out with its events.

    Parameters
    ----------
    level : int
        0 (country) to 3, the table ``geography.admin<level>``.
    mapping_table : str or Query, optional
        A table with the columns ``id`` (of cells) and ``admin<level>pcod``.
    region_id_column_name : str or list of str, optional
        Columns of ``geography.admin<level>`` that identify regions instead, such as ``admin3name``;
        ``name AS other`` renames one.
    """

    level: int = attrs.field(validator=attrs.validators.instance_of(int))
    mapping_table: str | Query | None = attrs.field(default=None, converter=cells_of.table_name)
    region_id_column_name: tuple[tuple[str, str], ...] | None = attrs.field(
        default=None, converter=attrs.converters.optional(renamed_columns), metadata=ADDED_LATER
    )
    is_polygon = True

    @property
    def location_id_columns(self) -> tuple[str, ...]:
        """What identifies the regions."""
        return tuple(alias for _, alias in self._ids)

    @property
    def _ids(self) -> tuple[tuple[str, str], ...]:
        return self.region_id_column_name or ((self._pcod, "pcod"),)

    @property
    def canonical_name(self) -> str:
        """The name of the unit in specs, scopes and replies."""
        return f"admin{self.level}"

    @property
    def _pcod(self) -> str:
        return f"admin{self.level}pcod"

    @property
    def tables(self) -> tuple[str, ...]:
        """The mapping table, if given."""
        named = (f"geography.admin{self.level}",) if self.region_id_column_name else ()
        return (*cells_of.names_of(self.mapping_table), *named)

    def check(self, facts: Facts) -> None:
        """Refuse a mapping table, or a column of regions, that does not exist."""
        cells_of.require_columns(facts, self.mapping_table, "id", self._pcod)
        for column, _ in self.region_id_column_name or ():
            facts.require_columns(f"geography.admin{self.level}", column)

    def _regions(self) -> FromClause:
        columns: tuple[sa.ColumnClause[Any], ...] = (
            sa.column(self._pcod, sa.Text),
            sa.column(f"admin{self.level}name", sa.Text),
            sa.column("geom", sql.Geometry()),
        )
        others = {column for column, _ in self._ids}.difference(column.name for column in columns)
        columns += tuple(sa.column(column) for column in sorted(others))
        return sql.qualified_table(f"geography.admin{self.level}", *columns).alias("regions")

    def select(self, using: Compilation) -> Select[Any]:
        """Map every version of every cell to its region."""
        cells, regions = cells_of.versions_in_service(using), self._regions()
        if self.mapping_table:
            mapping = cells_of.mapping(self.mapping_table, self._pcod, using)
            source = cells.join(mapping, cells.c.location_id == mapping.c.id).join(
                regions, mapping.c[self._pcod] == regions.c[self._pcod]
            )
        else:
            source = cells.join(regions, sql.within(cells.c.geom_point, regions.c.geom))
        return sa.select(
            cells.c.location_id,
            cells.c.date_of_first_service,
            cells.c.date_of_last_service,
            *self._labelled(regions),
        ).select_from(source)

    def _labelled(self, regions: FromClause) -> list[sa.Label[Any]]:
        return [regions.c[column].label(alias) for column, alias in self._ids]

    def geometries(self, using: Compilation) -> Select[Any]:
        """Return the regions' ``pcod``, or what else identifies them, and ``geom``."""
        regions = self._regions()
        return sa.select(*self._labelled(regions), regions.c.geom)

    def described(self, using: Compilation) -> Select[Any]:
        """Return the regions' ``pcod``, ``name`` and ``geom``."""
        regions = self._regions()
        name = regions.c[f"admin{self.level}name"].label("name")
        return sa.select(*self._labelled(regions), name, regions.c.geom)


SpatialUnit: TypeAlias = CellSpatialUnit | GeomSpatialUnit
UnitType = Literal["cell", "lon-lat", "versioned-cell", "versioned-site", "admin", "grid", "polygon"]


def make_spatial_unit(
    spatial_unit_type: UnitType,
    *,
    level: int | None = None,
    region_id_column_name: str | Sequence[str] | None = None,
    size: float | None = None,
    geom_table: str | Query | None = None,
    geom_column: str = "geom",
    mapping_table: str | Query | None = None,
    geom_table_join_on: str | None = None,
) -> SpatialUnit:
    """Make a spatial unit by name; parameters that its type does not have are ignored.

    Parameters
    ----------
    spatial_unit_type : {"cell", "lon-lat", "versioned-cell", "versioned-site", "admin", "grid", "polygon"}
    level : int, optional
        Required for ``admin``: 0 to 3.
    region_id_column_name : str or list of str, optional
        What identifies polygons, required for ``polygon``; for ``admin``, instead of the pcod.
    size : float, optional
        Required for ``grid``: the side of a square in kilometres.
    geom_table : str or Query, optional
        Required for ``polygon``: the table of polygons. For ``lon-lat`` with a mapping table: the table
        of positions.
    geom_column : str, default "geom"
        For ``polygon``: the column of ``geom_table`` with the geometry.
    mapping_table : str or Query, optional
        For ``lon-lat``, ``admin``, ``grid`` and ``polygon``: a table that places cells by their ``id``;
        the schema is ``flowmachine`` unless named.
    geom_table_join_on : str, optional
        For ``lon-lat`` and ``polygon`` with a mapping table: the column that joins it to ``geom_table``.

    Raises
    ------
    ValueError
        For an unknown type, a required parameter that is missing, or tables that do not go together.

    Examples
    --------
    >>> make_spatial_unit("admin", level=3).canonical_name
    'admin3'
    """
    match spatial_unit_type:
        case "cell":
            return CellSpatialUnit()
        case "versioned-cell":
            return VersionedCellSpatialUnit()
        case "versioned-site":
            return VersionedSiteSpatialUnit()
        case "lon-lat":
            return LonLatSpatialUnit(mapping_table, geom_table, geom_table_join_on)
        case "admin":
            if level is None:
                raise ValueError("The spatial unit 'admin' needs a level (0 to 3).")
            named = region_id_column_name and renamed_columns(region_id_column_name)
            usual = ((f"admin{level}pcod",) * 2,)
            return AdminSpatialUnit(level, mapping_table, None if named == usual else named or None)
        case "grid":
            if size is None:
                raise ValueError("The spatial unit 'grid' needs a size (in km).")
            return GridSpatialUnit(size, mapping_table)
        case "polygon":
            if geom_table is None or region_id_column_name is None:
                raise ValueError("The spatial unit 'polygon' needs a geom_table and a region_id_column_name.")
            return PolygonSpatialUnit(
                geom_table, region_id_column_name, geom_column, mapping_table, geom_table_join_on
            )
    known = ", ".join(repr(name) for name in get_args(UnitType))
    raise ValueError(f"Unknown spatial unit {spatial_unit_type!r}; known are {known}.")


def require_geography(unit: SpatialUnit) -> GeomSpatialUnit:
    """Return the unit if its places have geometries.

    Raises
    ------
    InvalidSpatialUnitError
        For cells.
    """
    if not isinstance(unit, GeomSpatialUnit):
        raise InvalidSpatialUnitError(f"The spatial unit '{unit.canonical_name}' has no geography.")
    return unit
