"""Spatial units: the places by which results are given, and which cell lies in which place.

A unit with geography is a query that maps every cell to a place for the days on which that holds.
It is small, computed once and stored, so that geometry work is done per cell and never per event.
"""

from typing import Any, ClassVar, Literal, TypeAlias

import attrs
import sqlalchemy as sa
from sqlalchemy import FromClause, Select

from flowmachine.core import cells as cells_of
from flowmachine.core import sql
from flowmachine.core.compilation import Compilation
from flowmachine.core.errors import InvalidSpatialUnitError
from flowmachine.core.facts import Facts
from flowmachine.core.query import Query


@attrs.frozen
class CellSpatialUnit:
    """The cells themselves, by the id that the events carry; no geography is needed."""

    canonical_name: ClassVar[str] = "cell"
    location_id_columns: ClassVar[tuple[str, ...]] = ("location_id",)
    has_geography: ClassVar[bool] = False
    has_lon_lat_columns: ClassVar[bool] = False
    is_network_object: ClassVar[bool] = True
    is_polygon: ClassVar[bool] = False


class GeomSpatialUnit(Query):
    """Base of units with geography: queries that map cells to places.

    Columns: ``location_id`` (text), ``date_of_first_service`` and ``date_of_last_service`` (dates,
    both included, null = unbounded), then the unit's ``location_id_columns``.
    """

    worth_storing = True
    has_geography: ClassVar[bool] = True
    has_lon_lat_columns: ClassVar[bool] = False
    is_network_object: ClassVar[bool] = False
    is_polygon: ClassVar[bool] = False
    location_id_columns: ClassVar[tuple[str, ...]]

    @property
    def canonical_name(self) -> str:
        """The name of the unit in specs, scopes and replies."""
        raise NotImplementedError

    def geometries(self, using: Compilation) -> Select[Any]:
        """Return the places: the ``location_id_columns`` and ``geom``."""
        raise NotImplementedError

    def described(self, using: Compilation) -> Select[Any]:
        """Return the places with what people know them by between their ids and ``geom``."""
        return self.geometries(using)


@attrs.frozen(eq=False, slots=False, repr=False)
class LonLatSpatialUnit(GeomSpatialUnit):
    """Positions: ``lon`` and ``lat`` in degrees (WGS 84), those of the cells unless tables are given.

    Parameters
    ----------
    mapping_table : str, optional
        A table with the columns ``id`` (of cells) and ``geom_table_join_on``; cells not in it are left out.
    geom_table : str, optional
        A table with the columns ``geom_table_join_on`` and ``geom_point``, which gives the positions.
    geom_table_join_on : str, optional
        All three are given, or none.
    """

    mapping_table: str | None = attrs.field(default=None, converter=cells_of.table_name)
    geom_table: str | None = attrs.field(default=None, converter=cells_of.table_name)
    geom_table_join_on: str | None = None
    has_lon_lat_columns = True
    location_id_columns = ("lon", "lat")

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
        return tuple(table for table in (self.mapping_table, self.geom_table) if table)

    def check(self, facts: Facts) -> None:
        """Refuse tables that do not exist or lack a column."""
        if self.mapping_table and self.geom_table and self.geom_table_join_on:
            facts.require_columns(self.mapping_table, "id", self.geom_table_join_on)
            facts.require_columns(self.geom_table, self.geom_table_join_on, "geom_point")

    def select(self, using: Compilation) -> Select[Any]:
        """Map every version of every cell to its position."""
        cells = cells_of.versions_in_service(using)
        source, point = cells, cells.c.geom_point
        if self.mapping_table and self.geom_table and self.geom_table_join_on:
            join_on = self.geom_table_join_on
            mapping = cells_of.mapping(self.mapping_table, join_on)
            geometry = sql.qualified_table(
                self.geom_table, sa.column(join_on), sa.column("geom_point", sql.Geometry())
            ).alias("geometry")
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

    def geometries(self, using: Compilation) -> Select[Any]:
        """Return each position once, with its point as ``geom``."""
        places = sa.select(using(self).c.lon, using(self).c.lat).distinct().subquery("places")
        return sa.select(places.c.lon, places.c.lat, sql.point(places.c.lon, places.c.lat).label("geom"))


@attrs.frozen(eq=False, slots=False, repr=False)
class AdminSpatialUnit(GeomSpatialUnit):
    """The administrative regions of one level, by their ``pcod``.

    A cell belongs to the region that contains its point, or that the mapping table gives it; a cell
    that belongs nowhere is left out with its events.

    Parameters
    ----------
    level : int
        0 (country) to 3, the table ``geography.admin<level>``.
    mapping_table : str, optional
        A table with the columns ``id`` (of cells) and ``admin<level>pcod``.
    """

    level: int = attrs.field(validator=attrs.validators.instance_of(int))
    mapping_table: str | None = attrs.field(default=None, converter=cells_of.table_name)
    is_polygon = True
    location_id_columns = ("pcod",)

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
        return (self.mapping_table,) if self.mapping_table else ()

    def check(self, facts: Facts) -> None:
        """Refuse a mapping table that does not exist or lacks a column."""
        if self.mapping_table:
            facts.require_columns(self.mapping_table, "id", self._pcod)

    def _regions(self) -> FromClause:
        columns = (
            sa.column(self._pcod, sa.Text),
            sa.column(f"admin{self.level}name", sa.Text),
            sa.column("geom", sql.Geometry()),
        )
        return sql.qualified_table(f"geography.admin{self.level}", *columns).alias("regions")

    def select(self, using: Compilation) -> Select[Any]:
        """Map every version of every cell to its region."""
        cells, regions = cells_of.versions_in_service(using), self._regions()
        if self.mapping_table:
            mapping = cells_of.mapping(self.mapping_table, self._pcod)
            source = cells.join(mapping, cells.c.location_id == mapping.c.id).join(
                regions, mapping.c[self._pcod] == regions.c[self._pcod]
            )
        else:
            source = cells.join(regions, sql.within(cells.c.geom_point, regions.c.geom))
        return sa.select(
            cells.c.location_id,
            cells.c.date_of_first_service,
            cells.c.date_of_last_service,
            regions.c[self._pcod].label("pcod"),
        ).select_from(source)

    def geometries(self, using: Compilation) -> Select[Any]:
        """Return the regions' ``pcod`` and ``geom``."""
        regions = self._regions()
        return sa.select(regions.c[self._pcod].label("pcod"), regions.c.geom)

    def described(self, using: Compilation) -> Select[Any]:
        """Return the regions' ``pcod``, ``name`` and ``geom``."""
        regions = self._regions()
        name = regions.c[f"admin{self.level}name"].label("name")
        return sa.select(regions.c[self._pcod].label("pcod"), name, regions.c.geom)


SpatialUnit: TypeAlias = CellSpatialUnit | GeomSpatialUnit


def make_spatial_unit(
    spatial_unit_type: Literal["cell", "lon-lat", "admin"],
    *,
    level: int | None = None,
    mapping_table: str | None = None,
    geom_table: str | None = None,
    geom_table_join_on: str | None = None,
) -> SpatialUnit:
    """Make a spatial unit by name.

    Parameters
    ----------
    spatial_unit_type : {"cell", "lon-lat", "admin"}
    level : int, optional
        Required for ``admin``: 0 to 3.
    mapping_table : str, optional
        For ``lon-lat`` and ``admin``: a table that places cells, ``schema.table``; the schema is
        ``flowmachine`` unless named.
    geom_table, geom_table_join_on : str, optional
        For ``lon-lat`` with a mapping table: the table of positions and the column that joins it.

    Raises
    ------
    ValueError
        For an unknown type, ``admin`` without a level, or tables that do not go together.
    """
    match spatial_unit_type:
        case "cell":
            return CellSpatialUnit()
        case "lon-lat":
            return LonLatSpatialUnit(mapping_table, geom_table, geom_table_join_on)
        case "admin":
            if level is None:
                raise ValueError("The spatial unit 'admin' needs a level (0 to 3).")
            return AdminSpatialUnit(level, mapping_table)
    raise ValueError(f"Unknown spatial unit {spatial_unit_type!r}; known are 'cell', 'lon-lat' and 'admin'.")


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
