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
    clusters are one site. They are kept as a list beside it meanwhile, because a join that brings them
    back would be planned for the few rows that PostgreSQL expects of clusters.

    Columns: ``subscriber``, ``label``, ``n_clusters``, the unit's location columns (null for clusters
    that lie in no place), ``clusters``.
    """
    found = using(locations)
    shape = shapes.as_geometry(found.c.cluster)
    each = (
        sa.select(
            shape.label("shape"),
            found.c.label,
            sa.func.array_agg(found.c.subscriber).label("subscribers"),
            sa.func.array_agg(found.c.n_clusters).label("numbers"),
        )
        .group_by(shape, found.c.label)
        .subquery("each")
    )
    areas = unit.geometries(using).subquery("areas")
    people = (
        sa.func.unnest(each.c.subscribers, each.c.numbers)
        .table_valued(sa.column("subscriber", sa.Text), sa.column("n_clusters", sa.BigInteger))
        .render_derived("people")
    )
    place = [areas.c[name] for name in unit.location_id_columns]
    keys = [people.c.subscriber, each.c.label, people.c.n_clusters, *place]
    return (
        sa.select(*keys, sa.func.count().label("clusters"))
        .select_from(each.outerjoin(areas, shapes.inside(each.c.shape, areas.c.geom)).join(people, sa.true()))
        .group_by(*keys)
    )
