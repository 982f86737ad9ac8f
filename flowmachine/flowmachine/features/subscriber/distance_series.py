"""How far from a place each subscriber's events are, over time."""

from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause, Select

from flowmachine.core import moments
from flowmachine.core.compilation import Compilation
from flowmachine.core.deriving import require_columns
from flowmachine.core.query import Query
from flowmachine.core.spatial_unit import GeomSpatialUnit, require_geography
from flowmachine.core.statistic_types import Statistic
from flowmachine.features.subscriber.metaclasses import SubscriberFeature
from flowmachine.features.utilities import fields
from flowmachine.features.utilities.distances import between_ends
from flowmachine.features.utilities.locating import BaseLocation
from flowmachine.features.utilities.subscriber_locations import visits_of
from flowmachine.features.utilities.visits import NUMBER_OF_EVENTS
from flowmachine.features.utilities.weighted import weighted


def _located(value: Any) -> Query:
    if not isinstance(value, Query) or not hasattr(value, "spatial_unit"):
        raise ValueError(
            f"subscriber_locations must have a spatial unit, as SubscriberLocations have; not {value!r}."
        )
    require_columns(value, "subscriber", "time")
    require_geography(value.spatial_unit).verify_criterion("has_lon_lat_columns")
    return value


def _reference(value: Any) -> BaseLocation | tuple[float, float]:
    if isinstance(value, BaseLocation):
        return value
    if not (isinstance(value, tuple) and len(value) == 2 and all(isinstance(v, int | float) for v in value)):
        raise ValueError(
            "reference_location must be a pair of longitude and latitude, or place subscribers as "
            f"daily_location does; not {value!r}."
        )
    return float(value[0]), float(value[1])


def _bucket(value: Any) -> str:
    name = str(value).lower()
    if name not in moments.BUCKETS:
        raise ValueError(f"time_bucket must be one of {', '.join(moments.BUCKETS)}, not {value!r}.")
    return name


@attrs.frozen(eq=False, slots=False, repr=False, kw_only=True)
class DistanceSeries(SubscriberFeature):
    """Statistic of the distances of each subscriber's events from a place, in each bucket of time.

    Distances are along the WGS 84 ellipsoid; where the reference location has no position, the
    distance counts as 0.

    Parameters
    ----------
    subscriber_locations : SubscriberLocations
        The events, placed by a unit with positions: lon-lat, versioned-cell or versioned-site.
    reference_location : pair of float or BaseLocation, default (0, 0)
        A longitude and latitude in degrees for all, or where each subscriber is measured from, by the
        same unit; subscribers whom it does not have are left out.
    statistic : Statistic or str, default "avg"
        Over events: one in the same place twice counts twice.
    time_bucket : str, default "day"
        second, minute, hour, day, week (from Monday), month, quarter, year or century, in UTC.

    Notes
    -----
    Columns: ``subscriber`` (text), ``datetime`` (the start of the bucket: timestamp with time zone up to
    hours, date from days on), ``value`` (double precision, kilometres, for ``variance`` in their square;
    for ``count`` bigint, events). Buckets without an event have no row; :class:`ImputedDistanceSeries`
    has them.

    Raises
    ------
    InvalidSpatialUnitError
        If the unit has no positions.
    ValueError
        For another bucket or reference, or if the reference is of another unit.
    """

    subscriber_locations: Query = attrs.field(converter=_located)
    reference_location: BaseLocation | tuple[float, float] = attrs.field(
        default=(0.0, 0.0), converter=_reference
    )
    statistic: Statistic = fields.statistic_field(Statistic.AVG)
    time_bucket: str = attrs.field(default="day", converter=_bucket)

    def __attrs_post_init__(self) -> None:
        reference = self.reference_location
        if isinstance(reference, BaseLocation) and reference.spatial_unit != self.spatial_unit:
            raise ValueError("reference_location must have the spatial unit of subscriber_locations.")

    @property
    def spatial_unit(self) -> GeomSpatialUnit:
        """The unit by which events are placed."""
        unit: GeomSpatialUnit = self.subscriber_locations.spatial_unit  # type: ignore[attr-defined]
        return unit

    @property
    def start(self) -> str:
        """Start of the window."""
        return str(self.subscriber_locations.start)  # type: ignore[attr-defined]

    @property
    def stop(self) -> str:
        """End of the window, not included."""
        return str(self.subscriber_locations.stop)  # type: ignore[attr-defined]

    def _bucket_of(self, moment: ColumnElement[Any]) -> ColumnElement[Any]:
        return moments.bucket_of(self.time_bucket, moment)

    def select(self, using: Compilation) -> Select[Any]:
        """Count the events of each position and bucket, and weigh its distance by them."""
        visits = visits_of(
            self.subscriber_locations,
            using,
            {"weight": NUMBER_OF_EVENTS},
            buckets={"bucket": self._bucket_of},
        ).subquery("visits")
        kept = [visits.c.subscriber, visits.c.bucket.label("datetime"), visits.c.weight]
        there = [visits.c.lon.label("lon_to"), visits.c.lat.label("lat_to")]
        if isinstance(self.reference_location, BaseLocation):
            reference = using(self.reference_location)
            here: list[ColumnElement[Any]] = [reference.c.lon, reference.c.lat]
            source: FromClause = visits.join(reference, visits.c.subscriber == reference.c.subscriber)
        else:
            here = [sa.literal(degrees, sa.Double) for degrees in self.reference_location]
            source = visits
        ends = [here[0].label("lon_from"), here[1].label("lat_from"), *there]
        journeys = sa.select(*kept, *ends).select_from(source).cte(f"journeys_{self.query_id[:8]}")
        distances = between_ends(journeys, "km", "subscriber", "datetime", "weight").subquery("distances")
        return weighted(self.statistic, distances, "subscriber", "datetime")
