"""Spatial units of the network's own places: cells and sites, by version."""

from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core import cells as cells_of
from flowmachine.core import sql
from flowmachine.core.compilation import Compilation
from flowmachine.core.errors import InvalidSpatialUnitError
from flowmachine.core.facts import Facts
from flowmachine.core.geom_unit import PointSpatialUnit

CELLS = "infrastructure.cells"


@attrs.frozen(eq=False, slots=False, repr=False)
class VersionedCellSpatialUnit(PointSpatialUnit):
    """Cells by ``location_id`` and ``version``, with the position of each: ``lon`` and ``lat`` (degrees).

    Notes
    -----
    Columns: ``location_id``, ``date_of_first_service``, ``date_of_last_service``, ``version``
    (integer), ``lon``, ``lat``.

    Raises
    ------
    InvalidSpatialUnitError
        When planned, if FlowDB locates events by a table other than ``infrastructure.cells``.
    """

    @property
    def location_id_columns(self) -> tuple[str, ...]:
        """The version of a cell, and where it is."""
        return ("location_id", "version", "lon", "lat")

    @property
    def canonical_name(self) -> str:
        """The name of the unit in specs, scopes and replies."""
        return "versioned-cell"

    def check(self, facts: Facts) -> None:
        """Refuse a FlowDB that locates events by something else than cells."""
        if facts.location_table != CELLS:
            raise InvalidSpatialUnitError(
                f"'versioned-cell' needs events that are located by {CELLS}, not by {facts.location_table}."
            )

    def select(self, using: Compilation) -> Select[Any]:
        """Return the days of each version, and where it is."""
        cells = cells_of.versions_in_service(using, "version")
        return sa.select(
            cells.c.location_id,
            cells.c.date_of_first_service,
            cells.c.date_of_last_service,
            cells.c.version,
            sql.longitude(cells.c.geom_point).label("lon"),
            sql.latitude(cells.c.geom_point).label("lat"),
        ).where(cells.c.geom_point.is_not(None))


@attrs.frozen(eq=False, slots=False, repr=False)
class VersionedSiteSpatialUnit(PointSpatialUnit):
    """Sites by ``site_id`` and ``version``, with the position of each: ``lon`` and ``lat`` (degrees).

    A cell belongs, on the days when it and its site are in service, to the version of the site that is.

    Notes
    -----
    Columns: ``location_id``, ``date_of_first_service``, ``date_of_last_service``, ``site_id``,
    ``version`` (integer), ``lon``, ``lat``.
    """

    @property
    def location_id_columns(self) -> tuple[str, ...]:
        """The version of a site, and where it is."""
        return ("site_id", "version", "lon", "lat")

    @property
    def canonical_name(self) -> str:
        """The name of the unit in specs, scopes and replies."""
        return "versioned-site"

    def select(self, using: Compilation) -> Select[Any]:
        """Return the days on which each cell belongs to a version of its site."""
        cells = cells_of.versions_in_service(using, "site_id")
        sites = cells_of.versions_in_service(using, "version", table=cells_of.SITES)
        first = sa.func.greatest(cells.c.date_of_first_service, sites.c.date_of_first_service, type_=sa.Date)
        last = sa.func.least(cells.c.date_of_last_service, sites.c.date_of_last_service, type_=sa.Date)
        return (
            sa.select(
                cells.c.location_id,
                first.label("date_of_first_service"),
                last.label("date_of_last_service"),
                cells.c.site_id,
                sites.c.version,
                sql.longitude(sites.c.geom_point).label("lon"),
                sql.latitude(sites.c.geom_point).label("lat"),
            )
            .select_from(cells.join(sites, cells.c.site_id == sites.c.location_id))
            # A comparison with null, an open end, is not false.
            .where(sites.c.geom_point.is_not(None), sa.func.coalesce(first <= last, sa.true()))
        )
