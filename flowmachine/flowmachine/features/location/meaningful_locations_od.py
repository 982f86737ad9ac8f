"""How many subscribers have a place of one kind here, and one of another kind, or at another time, there."""

from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause, Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.disclosure import CONTRIBUTORS, Aggregate
from flowmachine.core.spatial_unit import GeomSpatialUnit
from flowmachine.features.location.flow_like import FlowLike
from flowmachine.features.location.placed_clusters import placed_clusters, polygon_unit
from flowmachine.features.subscriber.meaningful_locations import MeaningfulLocations

_locations = attrs.validators.instance_of(MeaningfulLocations)


@attrs.frozen(eq=False, slots=False, repr=False, kw_only=True)
class MeaningfulLocationsOD(FlowLike, Aggregate):
    """Number of subscribers for each pair of places with their meaningful locations, such as home and work.

    A subscriber with several clusters counts as one altogether: each pair of their clusters has an
    equal part. Who has clusters of one kind only does not count.

    Parameters
    ----------
    meaningful_locations_a, meaningful_locations_b : MeaningfulLocations
        From where, and to where.
    spatial_unit : SpatialUnit, default admin 3
        One of areas. A cluster belongs to the area that it lies in; of areas that overlap, to each.

    Notes
    -----
    Columns: ``label_from``, ``label_to`` (text), then each of the unit's location columns with the
    suffix ``_from`` and with ``_to`` (null for clusters that lie in no place), ``value`` (double
    precision, subscribers). The contributors of a row are the different subscribers with a pair of
    clusters there, each counted in full.

    Raises
    ------
    InvalidSpatialUnitError
        If the places of the unit are no areas.
    """

    meaningful_locations_a: MeaningfulLocations = attrs.field(validator=_locations)
    meaningful_locations_b: MeaningfulLocations = attrs.field(validator=_locations)
    areas: GeomSpatialUnit = attrs.field(default=None, converter=polygon_unit, alias="spatial_unit")

    @property
    def spatial_unit(self) -> GeomSpatialUnit:
        """The spatial unit of both ends."""
        return self.areas

    def _pairs(
        self, using: Compilation
    ) -> tuple[FromClause, FromClause, FromClause, list[sa.Label[Any]], ColumnElement[Any]]:
        """Return both sides, their pairs, the columns of both ends, and a subscriber's number of pairs."""
        one, other = (
            placed_clusters(locations, self.spatial_unit, using).subquery()
            for locations in (self.meaningful_locations_a, self.meaningful_locations_b)
        )
        keys = [
            side.c[name].label(f"{name}_{end}")
            for name in ("label", *self.spatial_unit.location_id_columns)
            for side, end in ((one, "from"), (other, "to"))
        ]
        joined = one.join(other, one.c.subscriber == other.c.subscriber)
        return one, other, joined, keys, one.c.n_clusters * other.c.n_clusters

    def select_movements(self, using: Compilation) -> Select[Any]:
        """Select each subscriber's pairs of places, with the part that each has of the subscriber."""
        one, other, joined, keys, pairs = self._pairs(using)
        weight = sa.cast(one.c.clusters * other.c.clusters, sa.Numeric) / pairs
        return sa.select(one.c.subscriber, *keys, weight.label("weight")).select_from(joined)

    def value_of(self, movements: FromClause) -> ColumnElement[Any]:
        """Return the number of subscribers whose parts a group of movements adds up."""
        return sa.cast(sa.func.sum(movements.c.weight), sa.Double)

    def select_with_contributors(self, using: Compilation) -> Select[Any]:
        """Pair the places of each subscriber, and add up the parts as for the aggregate by place."""
        one, other, joined, keys, pairs = self._pairs(using)
        parts = sa.cast(sa.func.sum(one.c.clusters * other.c.clusters), sa.Numeric) / pairs
        # A subscriber has one number of pairs, and one row for each pair of places.
        equal = (
            sa.select(*keys, parts.label("value"), sa.func.count().label(CONTRIBUTORS))
            .select_from(joined)
            .group_by(*(key.element for key in keys), pairs)
            .subquery("equal")
        )
        names = [equal.c[key.name] for key in keys]
        return sa.select(
            *names,
            sa.cast(sa.func.sum(equal.c.value), sa.Double).label("value"),
            sa.cast(sa.func.sum(equal.c[CONTRIBUTORS]), sa.BigInteger).label(CONTRIBUTORS),
        ).group_by(*names)
