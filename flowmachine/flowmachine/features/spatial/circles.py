"""Circles on the ground."""

from collections.abc import Iterable
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core import shapes, sql
from flowmachine.core.compilation import Compilation
from flowmachine.core.query import Query
from flowmachine.features.raster.raster_statistics import RasterStatistics


def _number(value: Any) -> Any:
    number = float(value)
    if not abs(number) < float("inf"):
        raise ValueError(f"A circle needs numbers, not {value!r}.")
    return value


def _radius(instance: Any, attribute: Any, value: Any) -> None:
    if not float(value) > 0:
        raise ValueError(f"The radius of a circle must be more than 0 metres, not {value!r}.")


@attrs.frozen(repr=False)
class Circle:
    """A circle around a position.

    Parameters
    ----------
    lon, lat : float
        The position in degrees, WGS 84.
    radius : float
        In metres.
    name : str

    Raises
    ------
    ValueError
        For anything but numbers, or a radius that is not positive.

    Examples
    --------
    >>> Circle(85.3, 27.7, 500, "temple")
    Circle(lon=85.3,lat=27.7,radius=500,name=temple)
    """

    lon: float = attrs.field(converter=_number)
    lat: float = attrs.field(converter=_number)
    radius: float = attrs.field(converter=_number, validator=_radius)
    name: str = attrs.field(converter=str)

    @property
    def point(self) -> sa.ColumnElement[Any]:
        """The position as an expression."""
        return sql.point(*(sa.literal(float(number), sa.Double) for number in (self.lon, self.lat)))

    @property
    def point_sql(self) -> str:
        """The position as SQL."""
        return sql.render(self.point)

    def __repr__(self) -> str:
        return f"Circle(lon={self.lon},lat={self.lat},radius={self.radius},name={self.name})"


def _circles(value: Iterable[Any]) -> tuple[tuple[Any, ...], ...]:
    given = [circle if isinstance(circle, Circle) else Circle(*circle) for circle in value]
    if not given:
        raise ValueError("At least one circle is needed.")
    return tuple(sorted((float(c.lon), float(c.lat), float(c.radius), c.name) for c in given))


@attrs.frozen(eq=False, slots=False, repr=False)
class CircleGeometries(Query):
    """The areas of circles, measured on the ellipsoid.

    Parameters
    ----------
    circles : list of Circle
        At least one. Their order does not matter.

    Notes
    -----
    Columns: ``geom`` (geometry, WGS 84: a polygon of 32 corners), ``name`` (text).

    Raises
    ------
    ValueError
        Without any circle.
    """

    circles: tuple[tuple[Any, ...], ...] = attrs.field(converter=_circles)

    def select(self, using: Compilation) -> Select[Any]:
        """Draw each circle."""
        drawn = [
            sa.select(
                shapes.buffer(circle.point, float(circle.radius)).label("geom"),
                sa.literal(circle.name, sa.Text).label("name"),
            )
            for circle in (Circle(*described) for described in self.circles)
        ]
        if len(drawn) == 1:
            return drawn[0]
        stacked = sa.union_all(*drawn).subquery("drawn")
        return sa.select(*stacked.c)

    def raster_sum(self, raster: str) -> RasterStatistics:
        """Return the sum of a raster's pixels in each circle; circles of one name count together.

        Parameters
        ----------
        raster : str
            As for :class:`~flowmachine.features.raster.raster_statistics.RasterStatistics`.
        """
        return RasterStatistics(raster, vector=self, grouping_element="name")
