"""Distances between the ends of rows, each computed once however many rows have the same ends."""

from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core import sql

LENGTH_UNITS = ("km", "m")
ENDS = ("lon_from", "lat_from", "lon_to", "lat_to")


def length_unit_field() -> Any:
    """Make a field for the unit of a length, kilometres by default."""
    return attrs.field(default="km", validator=_length_unit)


def _length_unit(_: Any, field: "attrs.Attribute[Any]", value: Any) -> None:
    if value not in LENGTH_UNITS:
        raise ValueError(f"{field.name} must be 'km' or 'm', not {value!r}.")


def in_unit(metres: sa.ColumnElement[Any], unit: str) -> sa.ColumnElement[Any]:
    """Return a length given in metres in a unit."""
    return metres / 1000.0 if unit == "km" else metres


def between_ends(rows: sa.CTE, unit: str, *kept: str) -> Select[Any]:
    """Select how far the two ends of each row are from each other along the WGS 84 ellipsoid.

    Parameters
    ----------
    rows : CTE
        With the columns ``lon_from``, ``lat_from``, ``lon_to``, ``lat_to`` in degrees.
    unit : {"km", "m"}
    kept : str
        Other columns to keep.

    Returns
    -------
    Select
        Columns: those kept, ``value``. Where an end is not known, the distance counts as 0.
    """
    pairs = sa.select(*(rows.c[name] for name in ENDS)).distinct().subquery("pairs")
    origin = sql.point(pairs.c.lon_from, pairs.c.lat_from)
    destination = sql.point(pairs.c.lon_to, pairs.c.lat_to)
    known = sa.select(*pairs.c, sql.distance(origin, destination).label("metres")).subquery("known")
    same = sa.and_(*(rows.c[name] == known.c[name] for name in ENDS))
    value = sa.func.coalesce(in_unit(known.c.metres, unit), 0.0, type_=sa.Double())
    columns = [rows.c[name] for name in kept]
    return sa.select(*columns, value.label("value")).select_from(rows.outerjoin(known, same))
