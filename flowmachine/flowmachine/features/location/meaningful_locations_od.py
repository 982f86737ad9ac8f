"""How many subscribers have a place of one kind here, and one of another kind, or at another time, there."""

from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.disclosure import CONTRIBUTORS, Aggregate
from flowmachine.core.mixins import GraphMixin
from flowmachine.core.spatial_unit import GeomSpatialUnit
from flowmachine.features.location.placed_clusters import placed_clusters, polygon_unit
from flowmachine.features.subscriber.meaningful_locations import MeaningfulLocations

_locations = attrs.validators.instance_of(MeaningfulLocations)


@attrs.frozen(eq=False, slots=False, repr=False, kw_only=True)
class MeaningfulLocationsOD(GraphMixin, Aggregate):
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
    spatial_unit: GeomSpatialUnit = attrs.field(default=None, converter=polygon_unit)

    @property
    def index_columns(self) -> list[tuple[str, ...]]:
        """Index by both ends."""
        names = self.spatial_unit.location_id_columns
        return [tuple(f"{name}_{side}" for name in names) for side in ("from", "to")]

    def select_with_contributors(self, using: Compilation) -> Select[Any]:
        """Pair the places of each subscriber, and add up the parts as for the aggregate by place."""
        one, other = (
            placed_clusters(locations, self.spatial_unit, using).subquery(name)
            for locations, name in (
                (self.meaningful_locations_a, "origin"),
                (self.meaningful_locations_b, "aim"),
            )
        )
        keys = [
            side.c[name].label(f"{name}_{end}")
            for name in ("label", *self.spatial_unit.location_id_columns)
            for side, end in ((one, "from"), (other, "to"))
        ]
        pairs = one.c.n_clusters * other.c.n_clusters
        parts = sa.cast(sa.func.sum(one.c.clusters * other.c.clusters), sa.Numeric) / pairs
        # A subscriber has one number of pairs, and one row for each pair of places.
        equal = (
            sa.select(*keys, parts.label("value"), sa.func.count().label(CONTRIBUTORS))
            .select_from(one.join(other, one.c.subscriber == other.c.subscriber))
            .group_by(*(key.element for key in keys), pairs)
            .subquery("equal")
        )
        names = [equal.c[key.name] for key in keys]
        return sa.select(
            *names,
            sa.cast(sa.func.sum(equal.c.value), sa.Double).label("value"),
            sa.cast(sa.func.sum(equal.c[CONTRIBUTORS]), sa.BigInteger).label(CONTRIBUTORS),
        ).group_by(*names)
