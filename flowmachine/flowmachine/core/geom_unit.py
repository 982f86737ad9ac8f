"""What spatial units have in common: their names, what they can do, which cell lies in which place."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, TypeAlias

import attrs
import sqlalchemy as sa
from sqlalchemy import ColumnElement, Select

from flowmachine.core import sql
from flowmachine.core.compilation import Compilation
from flowmachine.core.errors import InvalidSpatialUnitError
from flowmachine.core.facts import Facts
from flowmachine.core.query import Query

CRITERIA = ("has_geography", "has_lon_lat_columns", "is_network_object", "is_polygon")

Locations: TypeAlias = "str | tuple[float, float] | Mapping[str, Any] | Iterable[Any]"
"""One or several places: by the first location column, by several columns, or by position."""


class SpatialUnitMixin:
    """What every spatial unit has, cells among them."""

    has_geography: ClassVar[bool] = False
    """Whether the places have geometries."""
    has_lon_lat_columns: ClassVar[bool] = False
    """Whether the columns ``lon`` and ``lat`` are among the location columns."""
    is_polygon: ClassVar[bool] = False

    @property
    def canonical_name(self) -> str:
        """The name of the unit in specs, scopes and replies."""
        raise NotImplementedError

    @property
    def location_id_columns(self) -> tuple[str, ...]:
        """The columns that identify a place."""
        raise NotImplementedError

    @property
    def is_network_object(self) -> bool:
        """Whether the places are cells or sites."""
        return not {"location_id", "site_id"}.isdisjoint(self.location_id_columns)

    def verify_criterion(self, criterion: str, negate: bool = False) -> None:
        """Raise unless the unit is as asked, or with ``negate`` if it is.

        Parameters
        ----------
        criterion : {"has_geography", "has_lon_lat_columns", "is_network_object", "is_polygon"}

        Raises
        ------
        InvalidSpatialUnitError
            If it is not.
        ValueError
            For another criterion.
        """
        if criterion not in CRITERIA:
            raise ValueError(f"Unknown criterion {criterion!r}; known are {', '.join(CRITERIA)}.")
        if getattr(self, criterion) == negate:
            state = "has" if negate else "does not have"
            raise InvalidSpatialUnitError(
                f"The spatial unit '{self.canonical_name}' {state} the property '{criterion}'."
            )

    def location_condition(
        self, columns: Mapping[str, ColumnElement[Any]], locations: Locations, check_column_names: bool = True
    ) -> ColumnElement[bool]:
        """Return the condition that keeps the rows of some places.

        Parameters
        ----------
        columns : mapping of str to column
            The columns of the rows by name.
        locations : str, mapping, pair of float, or iterable of these
            A text is a value of the first location column; a mapping gives several columns; a pair
            is a longitude and latitude, for units of positions.
        check_column_names : bool, default True
            Refuse columns that the unit does not have.

        Raises
        ------
        ValueError
            For a column that the unit does not have, or positions where it has none.
        """
        if isinstance(locations, str):
            return columns[self.location_id_columns[0]] == sa.literal(locations, sa.Text)
        if isinstance(locations, Mapping) or _is_position(locations):
            return self._place(columns, locations, check_column_names)
        several = list(locations)
        if all(isinstance(location, str) for location in several):
            return columns[self.location_id_columns[0]].in_([sa.literal(v, sa.Text) for v in several])
        places = [
            self.location_condition(columns, location, check_column_names).self_group()
            for location in several
        ]
        return sa.or_(*places)

    def location_subset_clause(self, locations: Locations, check_column_names: bool = True) -> str:
        """Return :meth:`location_condition` as SQL, from ``WHERE`` on, every value in it quoted."""
        columns: dict[str, ColumnElement[Any]] = {
            name: sa.column(name) for name in self._known_columns(locations)
        }
        condition = self.location_condition(columns, locations, check_column_names)
        return " ".join(("WHERE", sql.render(condition)))

    def _known_columns(self, locations: Locations) -> set[str]:
        names = set(self.location_id_columns)
        for location in [locations] if isinstance(locations, str | Mapping) else locations:
            if isinstance(location, Mapping):
                names.update(location)
        return names

    def _place(
        self, columns: Mapping[str, ColumnElement[Any]], location: Any, check_column_names: bool
    ) -> ColumnElement[bool]:
        if not isinstance(location, Mapping):
            self.verify_criterion("has_lon_lat_columns")
            location = dict(zip(("lon", "lat"), location, strict=True))
        unknown = sorted(set(location).difference(self.location_id_columns))
        if unknown and check_column_names:
            known = ", ".join(self.location_id_columns)
            raise ValueError(f"'{self.canonical_name}' has no column {', '.join(unknown)}; it has {known}.")
        others = dict(location)
        conditions: list[ColumnElement[bool]] = []
        if self.has_lon_lat_columns and {"lon", "lat"} <= others.keys():
            position = [sa.literal(float(others.pop(name)), sa.Double) for name in ("lon", "lat")]
            conditions.append(sql.point(columns["lon"], columns["lat"]) == sql.point(*position))
        # As text, which PostgreSQL reads as what the column is.
        conditions += [columns[name] == sa.literal(str(value), sa.Text) for name, value in others.items()]
        return sa.and_(*conditions)


def _is_position(value: Any) -> bool:
    return isinstance(value, tuple) and len(value) == 2 and all(isinstance(v, int | float) for v in value)


@attrs.frozen
class CellSpatialUnit(SpatialUnitMixin):
    """The cells themselves, by the id that the events carry; no geography is needed."""

    @property
    def location_id_columns(self) -> tuple[str, ...]:
        """The cell's id."""
        return ("location_id",)

    @property
    def canonical_name(self) -> str:
        """The name of the unit in specs, scopes and replies."""
        return "cell"


class GeomSpatialUnit(SpatialUnitMixin, Query):
    """Base of units with geography: queries that map cells to places.

    Columns: ``location_id`` (text), ``date_of_first_service`` and ``date_of_last_service`` (dates,
    both included, null = unbounded), then the unit's other ``location_id_columns``. A cell is in at
    most one version of itself on a day, so that no event is counted twice.
    """

    worth_storing = True
    has_geography: ClassVar[bool] = True

    def geometries(self, using: Compilation) -> Select[Any]:
        """Return the places: the ``location_id_columns`` and ``geom``."""
        raise NotImplementedError

    def described(self, using: Compilation) -> Select[Any]:
        """Return the places with what people know them by between their ids and ``geom``."""
        return self.geometries(using)

    def get_geom_query(self) -> str:
        """Return the SQL of the places: the location columns and ``geom``."""
        return sql.render(self.geometries(Compilation(Facts())))


class PointSpatialUnit(GeomSpatialUnit):
    """Base of units whose places are positions, with ``lon`` and ``lat`` among their columns."""

    has_lon_lat_columns: ClassVar[bool] = True

    def geometries(self, using: Compilation) -> Select[Any]:
        """Return each position once, with its point as ``geom``."""
        mapped = using(self)
        places = (
            sa.select(*(mapped.c[name] for name in self.location_id_columns)).distinct().subquery("places")
        )
        return sa.select(*places.c, sql.point(places.c.lon, places.c.lat).label("geom"))
