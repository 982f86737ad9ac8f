"""Named pieces of SQL: what only PostgreSQL or PostGIS has, and how a statement becomes text.

The query classes keep to constructs that SQLAlchemy renders for any engine; what needs PostgreSQL's
or PostGIS's own functions is here under a name that says what it means, so that another engine has
one module to provide.
"""

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause, Select
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.dialects.postgresql.base import PGDialect, PGIdentifierPreparer
from sqlalchemy.types import UserDefinedType


class _Preparer(PGIdentifierPreparer):
    """Quotes identifiers; SQLAlchemy's own leaves the new line at the end of one unquoted."""

    legal_characters = re.compile(r"^[A-Z0-9_$]+\Z", re.IGNORECASE)


class _Dialect(PGDialect):
    preparer = _Preparer


# Not the driver's own dialect, which doubles percent signs: statements are handed over without parameters.
DIALECT = _Dialect(paramstyle="named")
_IMPOSSIBLE = re.compile("[\0\ud800-\udfff]")
UTC = "UTC"
WGS84 = 4326
WEB_MERCATOR = 3857


class Geometry(UserDefinedType[Any]):
    """A PostGIS geometry, passed through untouched."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """Name the type in SQL."""
        return "geometry"


class Geography(UserDefinedType[Any]):
    """A PostGIS geography, whose distances are in metres."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """Name the type in SQL."""
        return "geography"


def render(statement: sa.ClauseElement) -> str:
    """Return the text of a statement, every value in it written by SQLAlchemy as a literal.

    Raises
    ------
    ValueError
        If a value or name has a character that no text in PostgreSQL can have.
    """
    text = str(statement.compile(dialect=DIALECT, compile_kwargs={"literal_binds": True}))
    if _IMPOSSIBLE.search(text):
        raise ValueError("Values and names must not contain NUL characters or halves of surrogate pairs.")
    return text


def qualified_table(name: str, *columns: sa.ColumnClause[Any]) -> sa.TableClause:
    """Return the table of a ``schema.table`` name, each part quoted as an identifier."""
    schema, _, table = name.rpartition(".")
    return sa.table(table, *columns, schema=schema or None)


def instant(moment: dt.datetime) -> ColumnElement[Any]:
    """Return a moment in UTC as a constant, which partitions are pruned by."""
    return sa.cast(sa.literal(f"{moment}+00", sa.Text), sa.TIMESTAMP(timezone=True))


def utc(moment: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the wall-clock time of an instant in UTC, whatever the session's time zone."""
    return sa.func.timezone(UTC, moment, type_=sa.TIMESTAMP())


def _part(name: str, moment: ColumnElement[Any]) -> ColumnElement[Any]:
    # Per event, so it counts that this is no arithmetic with numeric, as EXTRACT would be.
    return sa.cast(sa.func.date_part(name, utc(moment)), sa.Integer)


def utc_hour(moment: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the hour of the day (0 to 23) of an instant in UTC."""
    return _part("hour", moment)


def utc_minute(moment: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the minute of the hour (0 to 59) of an instant in UTC."""
    return _part("minute", moment)


def seconds_between(earlier: ColumnElement[Any], later: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the seconds from one instant to another, exactly."""
    passed = sa.type_coerce(later - earlier, sa.Interval())
    return sa.cast(sa.extract("epoch", passed), sa.Numeric)


def whole_steps(earlier: ColumnElement[Any], later: ColumnElement[Any], seconds: int) -> ColumnElement[Any]:
    """Return how many whole steps of so many seconds there are from one instant to another."""
    # As a double, which is faster than a numeric and exact to the microsecond over centuries.
    passed: ColumnElement[Any] = sa.func.date_part("epoch", later - earlier, type_=sa.Double())
    return sa.cast(sa.func.floor(passed / sa.literal(seconds, sa.Double)), sa.Integer)


def as_interval(seconds: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a number of seconds as a length of time, to the microsecond."""
    second = sa.cast(sa.literal("1 second", sa.Text), sa.Interval)
    return sa.type_coerce(sa.cast(seconds, sa.Double) * second, sa.Interval())


def wall_clock(moment: dt.datetime) -> ColumnElement[Any]:
    """Return a moment in UTC as a constant without a time zone."""
    return sa.cast(sa.literal(str(moment), sa.Text), sa.TIMESTAMP)


def ascending(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Aggregate values into one array, the smallest first."""
    return sa.func.array_agg(aggregate_order_by(column, column), type_=postgresql.ARRAY(column.type))


def first_per(keys: Sequence[Any], order: Sequence[Any], columns: Sequence[Any]) -> Select[Any]:
    """Select the first row of each group of equal ``keys``, in the given order."""
    return sa.select(*columns).ext(postgresql.distinct_on(*keys)).order_by(*keys, *order)


def longitude(point: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the x of a point in degrees."""
    return sa.func.ST_X(point, type_=sa.Double())


def latitude(point: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the y of a point in degrees."""
    return sa.func.ST_Y(point, type_=sa.Double())


def within(point: ColumnElement[Any], area: ColumnElement[Any]) -> ColumnElement[bool]:
    """Tell whether a point lies inside an area, both read as WGS 84."""
    return sa.func.ST_Within(point, as_wgs84(area), type_=sa.Boolean())


def as_wgs84(geometry: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a geometry read as WGS 84, whatever it says of itself."""
    return sa.func.ST_SetSRID(geometry, WGS84, type_=Geometry())


def point(lon: ColumnElement[Any], lat: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the WGS 84 point at a longitude and latitude in degrees."""
    return sa.func.ST_SetSRID(sa.func.ST_MakePoint(lon, lat), WGS84, type_=Geometry())


def mercator_extent(geometry: ColumnElement[Any]) -> ColumnElement[Any]:
    """Aggregate geometries in WGS 84 into the box around them, in metres of the web Mercator projection."""
    box = sa.cast(sa.func.ST_Extent(geometry), Geometry())
    return sa.func.ST_Transform(sa.func.ST_SetSRID(box, WGS84), WEB_MERCATOR, type_=Geometry())


def square_grid(side: float, box: ColumnElement[Any]) -> FromClause:
    """Return the squares that cover a box as ``geom``, with their column ``i`` and row ``j``."""
    columns = (sa.column("geom", Geometry()), sa.column("i", sa.Integer), sa.column("j", sa.Integer))
    return sa.func.ST_SquareGrid(side, box).table_valued(*columns)


def from_mercator(geometry: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a geometry of the web Mercator projection in WGS 84."""
    return sa.func.ST_Transform(geometry, WGS84, type_=Geometry())


def distance(one: ColumnElement[Any], other: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the distance of two geometries in WGS 84, in metres along the ellipsoid."""
    places = [sa.cast(geometry, Geography()) for geometry in (one, other)]
    return sa.func.ST_Distance(*places, type_=sa.Double())


def geojson(geometry: ColumnElement[Any], crs: "int | str | None" = None) -> ColumnElement[Any]:
    """Return a geometry as a GeoJSON object in WGS 84, or in another system by EPSG number or proj4 text."""
    if crs is None:
        return sa.cast(sa.func.ST_AsGeoJSON(sa.func.ST_Transform(geometry, WGS84)), sa.JSON)
    # Without the options PostGIS names the system in every geometry.
    return sa.cast(sa.func.ST_AsGeoJSON(sa.func.ST_Transform(geometry, crs), 9, 0), sa.JSON)


def centroid(geometry: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the centre of mass of a geometry."""
    return sa.func.ST_Centroid(geometry, type_=Geometry())


def json_object(**members: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a JSON object of the given members, in their order."""
    flat = [part for name, value in members.items() for part in (sa.literal(name, sa.Text), value)]
    return sa.func.json_build_object(*flat, type_=sa.JSON)


def as_objects(rows: Select[Any]) -> Select[Any]:
    """Return each row of a select as the text of one JSON object."""
    source = rows.subquery("objects")
    return sa.select(sa.cast(json_object(**{column.name: column for column in source.c}), sa.Text))


def json_map(
    key: ColumnElement[Any], value: ColumnElement[Any], where: ColumnElement[bool]
) -> ColumnElement[Any]:
    """Aggregate rows into one JSON object of key to value, ordered by key; empty where no row is left."""
    pairs = sa.func.json_object_agg(key, aggregate_order_by(value, key)).filter(where)
    return sa.func.coalesce(pairs, sa.cast(sa.literal("{}", sa.Text), sa.JSON), type_=sa.JSON)


def array_of(value: ColumnElement[Any], order: Sequence[ColumnElement[Any]]) -> ColumnElement[Any]:
    """Aggregate values into one array, nulls among them, in the given order (nulls last)."""
    return sa.func.array_agg(aggregate_order_by(value, *order), type_=postgresql.ARRAY(value.type))


def whole_numbers(first: int, last: int) -> FromClause:
    """Return the whole numbers from the first to the last, both included, as ``number``."""
    series = sa.func.generate_series(sa.literal(first), sa.literal(last))
    return series.table_valued(sa.column("number", sa.Integer), name="numbers").render_derived()


def position_among(
    value: ColumnElement[Any], edges: ColumnElement[Any], order: ColumnElement[Any]
) -> ColumnElement[Any]:
    """Return how many of a relation's ``edges``, in ascending ``order``, are not above a value."""
    listed = sa.select(sa.func.array_agg(aggregate_order_by(edges, order))).scalar_subquery()
    return sa.func.width_bucket(value, listed, type_=sa.Integer())


def infinity(sign: str = "") -> ColumnElement[Any]:
    """Return the day after every day, or with ``-`` the day before every day."""
    return sa.cast(sa.literal(f"{sign}infinity", sa.Text), sa.Date)


def row_text(rows: FromClause) -> ColumnElement[Any]:
    """Return each row's values as one text, the same for the same values only."""
    return sa.cast(sa.func.row(*rows.c), sa.Text)
