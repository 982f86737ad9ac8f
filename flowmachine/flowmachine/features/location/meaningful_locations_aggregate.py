"""How many subscribers have a place of some kind, such as their home, where."""

from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.disclosure import CONTRIBUTORS, Aggregate
from flowmachine.core.spatial_unit import GeomSpatialUnit
from flowmachine.features.location.placed_clusters import placed_clusters, polygon_unit
from flowmachine.features.subscriber.meaningful_locations import MeaningfulLocations


@attrs.frozen(eq=False, slots=False, repr=False, kw_only=True)
class MeaningfulLocationsAggregate(Aggregate):
    """Number of subscribers by where their meaningful locations are.

    A subscriber with several counts as one altogether: each of their clusters has an equal part.

    Parameters
    ----------
    meaningful_locations : MeaningfulLocations
    spatial_unit : SpatialUnit, default admin 3
        One of areas. A cluster belongs to the area that it lies in; of areas that overlap, to each.

    Notes
    -----
    Columns: ``label`` (text), the unit's location columns (null for clusters that lie in no place),
    ``value`` (double precision, subscribers). The contributors of a row are the different subscribers
    with a cluster there, each counted in full: a value may be far smaller than their number.

    Raises
    ------
    InvalidSpatialUnitError
        If the places of the unit are no areas.
    """

    meaningful_locations: MeaningfulLocations = attrs.field(
        validator=attrs.validators.instance_of(MeaningfulLocations)
    )
    spatial_unit: GeomSpatialUnit = attrs.field(default=None, converter=polygon_unit)

    def select_with_contributors(self, using: Compilation) -> Select[Any]:
        """Add up the parts, of those with equally many clusters first, so that equal parts make wholes."""
        placed = placed_clusters(self.meaningful_locations, self.spatial_unit, using).subquery("clusters_of")
        names = ("label", *self.spatial_unit.location_id_columns)
        keys = [placed.c[name] for name in names]
        parts = sa.cast(sa.func.sum(placed.c.clusters), sa.Numeric) / placed.c.n_clusters
        # A subscriber has one number of clusters, and one row for each place.
        equal = (
            sa.select(*keys, parts.label("value"), sa.func.count().label(CONTRIBUTORS))
            .group_by(*keys, placed.c.n_clusters)
            .subquery("equal")
        )
        keys = [equal.c[name] for name in names]
        return sa.select(
            *keys,
            sa.cast(sa.func.sum(equal.c.value), sa.Double).label("value"),
            sa.cast(sa.func.sum(equal.c[CONTRIBUTORS]), sa.BigInteger).label(CONTRIBUTORS),
        ).group_by(*keys)
