"""In which places the clusters of subscribers lie."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core import shapes
from flowmachine.core.compilation import Compilation
from flowmachine.core.spatial_unit import GeomSpatialUnit, require_geography
from flowmachine.features.subscriber.meaningful_locations import MeaningfulLocations
from flowmachine.features.utilities import fields


def polygon_unit(value: Any) -> GeomSpatialUnit:
    """Return a spatial unit whose places are areas; None stands for admin 3.

    Raises
    ------
    InvalidSpatialUnitError
        For units of cells or positions.
    """
    unit = fields.unit_or(value, fields.admin3())
    unit.verify_criterion("is_polygon")
    return require_geography(unit)


def placed_clusters(locations: MeaningfulLocations, unit: GeomSpatialUnit, using: Compilation) -> Select[Any]:
    """Select how many clusters each subscriber has in each place.

    Every shape of a cluster is looked for in the places once, however many subscribers have it: most
    clusters are one site.

    Columns: ``subscriber``, ``label``, ``n_clusters``, the unit's location columns (null for clusters
    that lie in no place), ``clusters``.
    """
    found, names = using(locations), unit.location_id_columns
    shape = shapes.as_geometry(found.c.cluster)
    each = sa.select(shape.label("shape")).distinct().subquery("each")
    areas = unit.geometries(using).subquery("areas")
    placed = (
        sa.select(each.c.shape, *(areas.c[name] for name in names))
        .select_from(each.join(areas, shapes.inside(each.c.shape, areas.c.geom)))
        .subquery("placed")
    )
    keys = [found.c.subscriber, found.c.label, found.c.n_clusters, *(placed.c[name] for name in names)]
    return (
        sa.select(*keys, sa.func.count().label("clusters"))
        .select_from(found.outerjoin(placed, shape == placed.c.shape))
        .group_by(*keys)
    )
