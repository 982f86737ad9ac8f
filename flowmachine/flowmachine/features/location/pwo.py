"""How many people go from where to where, as population-weighted opportunities predict it."""

import warnings
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any, get_args

import attrs
import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause, Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.dates import DateLike, list_of_dates, standardise_date
from flowmachine.core.query import Query
from flowmachine.core.spatial_unit import (
    GeomSpatialUnit,
    SpatialUnit,
    VersionedSiteSpatialUnit,
    require_geography,
)
from flowmachine.core.subset import SubscriberSubset
from flowmachine.features.location.spatial_aggregate import SpatialAggregate
from flowmachine.features.spatial.distance_matrix import DistanceMatrix
from flowmachine.features.subscriber.daily_location import Method, daily_location
from flowmachine.features.subscriber.modal_location import ModalLocation
from flowmachine.features.utilities import fields
from flowmachine.features.utilities.events import EventTables
from flowmachine.features.utilities.hours import Hours

if TYPE_CHECKING:
    import pandas as pd

RATE = "rate"

Rates = tuple[tuple[Any, ...], ...]
"""For each place: the values of the unit's location columns, then its rate."""


def _unit(value: Any) -> GeomSpatialUnit:
    unit = require_geography(fields.unit_or(value, VersionedSiteSpatialUnit()))
    unit.verify_criterion("has_lon_lat_columns")
    return unit


def _plain(value: Any) -> Any:
    """Return a value of a frame as Python's own."""
    return value.item() if hasattr(value, "item") else value


def _rates(value: Any, query: Any) -> "float | Rates":
    if isinstance(value, tuple):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    # Here, because only frames need it and its import takes long.
    import pandas as pd

    if not isinstance(value, pd.DataFrame):
        raise TypeError(f"departure_rate is a number or a DataFrame, not a {type(value).__name__}.")
    columns = (*query.spatial_unit.location_id_columns, RATE)
    if sorted(map(str, value.columns)) != sorted(columns) or value.empty:
        raise ValueError(f"Departure rates need the columns {', '.join(columns)}, and at least one row.")
    rows = value[list(columns)].itertuples(index=False)
    return tuple(sorted((tuple(map(_plain, row)) for row in rows), key=repr))


class _Pairs(Query):
    """Base of queries with a row for each pair of places."""

    spatial_unit: GeomSpatialUnit

    @property
    def index_columns(self) -> list[tuple[str, ...]]:
        """Index by both ends."""
        return [tuple(f"{name}_{end}" for name in self.names) for end in ("from", "to")]

    @property
    def names(self) -> tuple[str, ...]:
        """The location columns of the unit."""
        return self.spatial_unit.location_id_columns

    def ends(self, rows: FromClause, end: str) -> list[ColumnElement[Any]]:
        """Return the columns of one end of the pairs."""
        return [rows.c[f"{name}_{end}"] for name in self.names]


@attrs.frozen(eq=False, slots=False, repr=False)
class _PopulationBuffer(_Pairs):
    """How many people live around a destination, as far away as the origin is.

    Columns: the unit's location columns with the suffix ``_from``, then with ``_to``,
    ``buffer_population`` (numeric: those of places no farther from the destination than the origin, the
    destination's own among them, the origin's not), ``src_pop``, ``sink_pop`` (bigint).
    """

    population: SpatialAggregate

    @property
    def spatial_unit(self) -> GeomSpatialUnit:  # type: ignore[override]
        """The unit of the places where people live."""
        return require_geography(self.population.spatial_unit)

    @cached_property
    def distances(self) -> DistanceMatrix:
        """How far places are from each other."""
        return DistanceMatrix(self.spatial_unit)

    @cached_property
    def dependencies(self) -> tuple[Query, ...]:
        """Where people live, and how far places are from each other."""
        return (self.population, self.distances)

    def select(self, using: Compilation) -> Select[Any]:
        """Add up people by distance from each destination; places equally far away count together."""
        people, distances = using(self.population), using(self.distances)
        source, sink = people.alias("source"), people.alias("sink")
        at = [
            sa.and_(*(column == place.c[name] for name, column in zip(self.names, columns, strict=True)))
            for place, columns in ((source, self.ends(distances, "from")), (sink, self.ends(distances, "to")))
        ]
        ends = [*self.ends(distances, "from"), *self.ends(distances, "to")]
        within = sa.func.sum(source.c.value).over(
            partition_by=self.ends(distances, "to"), order_by=distances.c.value
        )
        apart = sa.or_(*(source.c[name] != sink.c[name] for name in self.names))
        return (
            sa.select(
                *ends,
                (within + sink.c.value - source.c.value).label("buffer_population"),
                source.c.value.label("src_pop"),
                sink.c.value.label("sink_pop"),
            )
            .select_from(distances.join(source, at[0]).join(sink, at[1]))
            .where(apart)
        )


@attrs.frozen(eq=False, slots=False, repr=False, init=False)
class PopulationWeightedOpportunities(_Pairs):
    """Predicted number of people who go from each place to each other place; an experiment.

    People live where they are on most days. A place attracts them by its own population, and the less
    the more people live around it, up to the distance that they come from.

    Parameters
    ----------
    start, stop : str, date or datetime
        The first and the last day, both included, of the days on which people are located.
    spatial_unit : SpatialUnit, default versioned-site
        One with positions.
    departure_rate : float or pandas.DataFrame, default 0.1
        Which part of the people of a place leave it. A frame with the unit's location columns and
        ``rate`` gives it for each place; places not in it are no origins.
    hours, method, table, subscriber_identifier, subscriber_subset
        As for :func:`~flowmachine.features.subscriber.daily_location.daily_location`.

    Notes
    -----
    Columns: the unit's location columns with the suffix ``_from``, then with ``_to``, ``prediction``
    (double precision, people), ``probability`` (double precision, that one who leaves goes there; 0
    where nobody leaves).

    The method: X.-Y. Yan et al., *Universal predictability of mobility patterns in cities* (J. R. Soc.
    Interface 11, 2014).

    Raises
    ------
    TypeError
        If the rate is neither a number nor a frame.
    ValueError
        If a frame has other columns, or for another parameter that cannot be used.
    InvalidSpatialUnitError
        If the unit's places have no positions.
    MissingDateError
        When planned, if one of the days has not been loaded.

    Warns
    -----
    UserWarning
        Always, since this is an experiment.
    """

    start: str = fields.date_field()
    stop: str = fields.date_field()
    spatial_unit: GeomSpatialUnit = attrs.field(kw_only=True, converter=_unit)
    departure_rate: float | Rates = attrs.field(
        kw_only=True,
        # mypy's plugin does not know converters that see the other fields.
        converter=attrs.Converter(_rates, takes_self=True),  # type: ignore[misc]
    )
    hours: Hours = fields.hours_field(kw_only=True)
    method: Method = attrs.field(kw_only=True, validator=attrs.validators.in_(get_args(Method)))
    table: EventTables = fields.table_field(kw_only=True)
    subscriber_identifier: str = fields.identifier_field(kw_only=True)
    subscriber_subset: SubscriberSubset = fields.subset_field()

    def __init__(
        self,
        start: DateLike,
        stop: DateLike,
        *,
        spatial_unit: SpatialUnit | None = None,
        departure_rate: "float | pd.DataFrame" = 0.1,
        hours: Any = "all",
        method: Method = "last",
        table: Any = "all",
        subscriber_identifier: str = "msisdn",
        subscriber_subset: Any = None,
    ) -> None:
        warnings.warn("Population-weighted opportunities are an experiment.", stacklevel=2)
        self.__attrs_init__(
            standardise_date(start),
            standardise_date(stop),
            spatial_unit=spatial_unit,
            departure_rate=departure_rate,
            hours=hours,
            method=method,
            table=table,
            subscriber_identifier=subscriber_identifier,
            subscriber_subset=subscriber_subset,
        )

    @cached_property
    def population(self) -> SpatialAggregate:
        """How many people live where."""
        days: Iterable[str] = list_of_dates(self.start, self.stop)
        return ModalLocation(
            *(
                daily_location(
                    day,
                    spatial_unit=self.spatial_unit,
                    hours=self.hours,
                    method=self.method,
                    table=self.table,
                    subscriber_identifier=self.subscriber_identifier,
                    subscriber_subset=self.subscriber_subset,
                )
                for day in days
            )
        ).aggregate()

    @cached_property
    def surroundings(self) -> _PopulationBuffer:
        """How many people live around each destination."""
        return _PopulationBuffer(self.population)

    @cached_property
    def dependencies(self) -> tuple[Query, ...]:
        """Where people live, and who lives around them."""
        return (self.population, self.surroundings)

    def _origins(self, pairs: FromClause) -> tuple[FromClause, ColumnElement[Any]]:
        """Return the pairs that begin at an origin, with the rate of each."""
        if isinstance(self.departure_rate, float):
            return pairs, sa.literal(self.departure_rate, sa.Double)
        types = dict(self.spatial_unit.columns)
        columns = [sa.column(name, types[name]) for name in self.names]
        rates = sa.values(*columns, sa.column(RATE, sa.Double), name="rates").data(list(self.departure_rate))
        same = sa.and_(
            *(
                column == sa.cast(rates.c[name], types[name])
                for name, column in zip(self.names, self.ends(pairs, "from"), strict=True)
            )
        )
        return pairs.join(rates, same), sa.cast(rates.c[RATE], sa.Double)

    def select(self, using: Compilation) -> Select[Any]:
        """Share out those who leave each place among the others."""
        pairs, people = using(self.surroundings), using(self.population)
        source, rate = self._origins(pairs)
        everybody = sa.cast(sa.select(sa.func.sum(people.c.value)).scalar_subquery(), sa.Double)
        around, attracts = (sa.cast(pairs.c[name], sa.Double) for name in ("buffer_population", "sink_pop"))
        weight = attracts * (1.0 / around - 1.0 / everybody)
        leaving = sa.cast(pairs.c.src_pop, sa.Double) * rate
        ends = [*self.ends(pairs, "from"), *self.ends(pairs, "to")]
        weighted = (
            sa.select(*ends, weight.label("weight"), leaving.label("leaving"))
            .select_from(source)
            .subquery("weighted")
        )
        # In order, because a sum of floating point numbers depends on it.
        together = sa.func.sum(weighted.c.weight).over(
            partition_by=self.ends(weighted, "from"), order_by=self.ends(weighted, "to"), rows=(None, None)
        )
        prediction = weighted.c.leaving * weighted.c.weight / together
        probability = sa.func.coalesce(prediction / sa.func.nullif(weighted.c.leaving, 0), 0.0)
        return sa.select(
            *(weighted.c[column.name] for column in ends),
            prediction.label("prediction"),
            sa.cast(probability, sa.Double).label("probability"),
        )
