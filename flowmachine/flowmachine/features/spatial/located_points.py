"""Positions to begin with: those of sites, of cells, or of a table of one's own."""

from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy import FromClause, Select

from flowmachine.core import sql
from flowmachine.core.compilation import Compilation
from flowmachine.core.facts import Facts
from flowmachine.core.query import Query
from flowmachine.core.table import qualified_name
from flowmachine.features.spatial.versioned_infrastructure import (
    TABLES,
    VersionedInfrastructure,
    service_day,
)


def point_collection(value: Any) -> str:
    """Return ``sites``, ``cells``, or the name of a table with its schema.

    Raises
    ------
    NotImplementedError
        For anything but text.
    """
    if not isinstance(value, str):
        raise NotImplementedError(f"Points come from a table given by its name, not from {value!r}.")
    return value if value in TABLES else qualified_name(value)


def day_of(value: Any, query: Any) -> str | None:
    """Return the day on which sites or cells are taken, today by default; other tables have none."""
    return service_day(value) if query.point_collection in TABLES else None


class FromPoints(Query):
    """Base of queries over positions, whose parameters are described where they are used."""

    point_collection: str
    date: str | None
    location_identifier: str
    geometry_identifier: str

    @cached_property
    def infrastructure(self) -> VersionedInfrastructure | None:
        """The sites or cells, if the points are theirs."""
        if self.point_collection not in TABLES:
            return None
        return VersionedInfrastructure(self.point_collection, self.date)

    @cached_property
    def dependencies(self) -> tuple[Query, ...]:
        """The sites or cells, if the points are theirs."""
        return (self.infrastructure,) if self.infrastructure is not None else ()

    @property
    def tables(self) -> tuple[str, ...]:
        """The table of points, if it is one's own."""
        return () if self.point_collection in TABLES else (self.point_collection,)

    def check_points(self) -> None:
        """Raise unless sites or cells have the columns named.

        Raises
        ------
        ValueError
            Naming the columns that there are.
        """
        for name in (self.location_identifier, self.geometry_identifier):
            if self.point_collection in TABLES and name not in TABLES[self.point_collection]:
                known = ", ".join(TABLES[self.point_collection])
                raise ValueError(f"{self.point_collection} have no column {name!r}; they have {known}.")

    def check(self, facts: Facts) -> None:
        """Refuse a table of one's own that does not exist or lacks a column."""
        if self.point_collection not in TABLES:
            facts.require_columns(self.point_collection, self.location_identifier, self.geometry_identifier)

    def points(self, using: Compilation) -> Select[Any]:
        """Select the points that are known: ``location_id`` and ``geom_point`` (WGS 84)."""
        rows: FromClause
        if self.infrastructure is not None:
            rows = using(self.infrastructure)
        else:
            geometry: sa.ColumnClause[Any] = sa.column(self.geometry_identifier, sql.Geometry())
            rows = sql.qualified_table(
                self.point_collection, sa.column(self.location_identifier, sa.Text), geometry
            )
        point = rows.c[self.geometry_identifier]
        return sa.select(
            rows.c[self.location_identifier].label("location_id"), point.label("geom_point")
        ).where(point.is_not(None))
