"""The sites or cells that were in service on a day."""

import datetime as dt
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core import sql
from flowmachine.core.cells import in_service
from flowmachine.core.compilation import Compilation
from flowmachine.core.dates import parse_date
from flowmachine.core.query import Query

_SERVICE: dict[str, Any] = {
    "date_of_first_service": sa.Date(),
    "date_of_last_service": sa.Date(),
    "geom_point": sql.Geometry(),
    "geom_polygon": sql.Geometry(),
}
TABLES: dict[str, dict[str, Any]] = {
    "sites": {
        "site_id": sa.BigInteger(),
        "id": sa.Text(),
        "version": sa.Integer(),
        "name": sa.Text(),
        "type": sa.Text(),
        "status": sa.Text(),
        "structure_type": sa.Text(),
        "is_cow": sa.Boolean(),
        **_SERVICE,
    },
    "cells": {
        "cell_id": sa.BigInteger(),
        "id": sa.Text(),
        "version": sa.Integer(),
        "site_id": sa.Text(),
        **dict.fromkeys(("name", "type", "msc", "bsc_rnc", "antenna_type", "status", "lac"), sa.Text()),
        **dict.fromkeys(("height", "azimuth"), sa.Numeric()),
        "transmitter": sa.Text(),
        **dict.fromkeys(("max_range", "min_range", "electrical_tilt", "mechanical_downtilt"), sa.Numeric()),
        **_SERVICE,
    },
}
"""FlowDB's tables of infrastructure, and their columns."""


def service_day(value: Any) -> str:
    """Return the day of a date as ``YYYY-MM-DD``; None stands for today, in UTC."""
    return (parse_date(value).date() if value is not None else dt.datetime.now(dt.UTC).date()).isoformat()


@attrs.frozen(eq=False, slots=False, repr=False)
class VersionedInfrastructure(Query):
    """The versions of sites or cells that are in service on a day.

    Parameters
    ----------
    table : {"sites", "cells"}, default "sites"
    date : str, date or datetime, optional
        The day; today (UTC) where the object is made, if none is given.

    Notes
    -----
    Columns: those of ``infrastructure.sites`` or ``infrastructure.cells``. The first and the last day of
    service count, and a version without one of them has no beginning or end, as wherever FlowMachine
    places events.

    Raises
    ------
    ValueError
        For another table.
    """

    table: str = attrs.field(default="sites", validator=attrs.validators.in_(tuple(TABLES)))
    date: str = attrs.field(default=None, converter=service_day)

    @property
    def geometry_column(self) -> str:
        """The positions."""
        return "geom_point"

    def select(self, using: Compilation) -> Select[Any]:
        """Keep the rows that are in service."""
        columns = [sa.column(name, type_) for name, type_ in TABLES[self.table].items()]
        rows = sql.qualified_table(f"infrastructure.{self.table}", *columns)
        return sa.select(*rows.c).where(
            in_service(rows, sa.literal(dt.date.fromisoformat(self.date), sa.Date))
        )
