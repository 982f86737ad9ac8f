"""Which sites, cells or other points are near each other."""

from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import ColumnElement, Select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from flowmachine.core import shapes, sql
from flowmachine.core.compilation import Compilation
from flowmachine.features.spatial.located_points import FromPoints, day_of, point_collection

METHODS = ("kmeans", "dbscan", "area")


def _positive(instance: Any, attribute: Any, value: Any) -> None:
    if not value > 0:
        raise ValueError(f"{attribute.name} must be more than 0, not {value!r}.")


@attrs.frozen(eq=False, slots=False, repr=False)
class LocationCluster(FromPoints):
    """The cluster of each point.

    Parameters
    ----------
    point_collection : str, default "sites"
        ``sites`` or ``cells`` in service on a day, or a table of points in WGS 84, whose schema is
        ``flowmachine`` unless named.
    location_identifier, geometry_identifier : str, default "id" and "geom_point"
        The columns that identify points, and that hold them.
    method : {"kmeans", "dbscan", "area"}, default "kmeans"
        ``kmeans`` makes a number of clusters that are as compact as can be; ``dbscan`` takes points with
        enough others near them, and what is near those; ``area`` puts any two points into one cluster
        that are not too far from each other, or linked by others.
    distance_tolerance : float, default 1
        In kilometres, for ``dbscan`` and ``area``: how far points may be. Taken as degrees of latitude,
        which are longer than those of longitude away from the equator.
    density_tolerance : int, default 5
        For ``dbscan``: how many points, itself among them, a point must have near it.
    number_of_clusters : int, default 5
        For ``kmeans``; no more than there are points.
    date : str, date or datetime, optional
        For sites and cells: the day; today by default.
    aggregate : bool, default False
        Give a row for each cluster, not for each point.
    return_no_cluster : bool, default True
        Keep points that belong to no cluster, as ``dbscan`` finds them; together in one row if aggregated.

    Notes
    -----
    Columns: ``location_id`` (text), ``cluster_id`` (integer, from 1 for ``area``, else from 0), ``geom``
    (the point). Aggregated: ``cluster_id``, ``location_id_members`` (array, in order), ``geom_cluster``
    (geometry, the convex hull of its points), ``geom`` (its centroid). Clusters are numbered by their
    first point in the order of ids, but for ``kmeans``.

    Methods: S. Lloyd, *Least squares quantization in PCM* (IEEE Trans. Inf. Theory 28, 1982); M. Ester et
    al., *A density-based algorithm for discovering clusters* (KDD 1996).

    Raises
    ------
    ValueError
        For another method, a tolerance that is not positive, or columns that there are not.
    NotImplementedError
        For points that are not given by the name of a table.
    """

    point_collection: str = attrs.field(default="sites", converter=point_collection)
    location_identifier: str = "id"
    geometry_identifier: str = "geom_point"
    method: str = attrs.field(default="kmeans", validator=attrs.validators.in_(METHODS))
    distance_tolerance: float = attrs.field(default=1, converter=float, validator=_positive)
    density_tolerance: int = attrs.field(default=5, converter=int, validator=_positive)
    number_of_clusters: int = attrs.field(default=5, converter=int, validator=_positive)
    # mypy's plugin does not know converters that see the other fields.
    date: str | None = attrs.field(default=None, converter=attrs.Converter(day_of, takes_self=True))  # type: ignore[misc]
    aggregate: bool = attrs.field(default=False, converter=bool)
    return_no_cluster: bool = attrs.field(default=True, converter=bool)

    def __attrs_post_init__(self) -> None:
        self.check_points()

    @property
    def feature_id_column(self) -> str:
        """The id of the cluster or of the point."""
        return "cluster_id" if self.aggregate else "location_id"

    def _cluster(self, point: ColumnElement[Any], location_id: ColumnElement[Any]) -> ColumnElement[Any]:
        # Points in an order of their own, so that clusters have the same numbers each time.
        order = (location_id, sql.longitude(point), sql.latitude(point))
        degrees = self.distance_tolerance * 1000 / shapes.METRES_PER_DEGREE
        match self.method:
            case "kmeans":
                return shapes.kmeans(point, self.number_of_clusters, *order)
            case "dbscan":
                return shapes.dbscan(point, degrees, self.density_tolerance, *order)
        return shapes.dbscan(point, degrees, 1, *order) + 1

    def select(self, using: Compilation) -> Select[Any]:
        """Give each point the number of its cluster, and put those of one number together if asked for."""
        points = self.points(using).subquery("points")
        cluster = self._cluster(points.c.geom_point, points.c.location_id).label("cluster_id")
        clustered = sa.select(points.c.location_id, cluster, points.c.geom_point.label("geom"))
        rows = clustered.subquery("clustered")
        kept = [] if self.return_no_cluster else [rows.c.cluster_id.is_not(None)]
        if not self.aggregate:
            return sa.select(*rows.c).where(*kept)
        hull = shapes.hull(shapes.collection(rows.c.geom))
        members = sa.func.array_agg(aggregate_order_by(rows.c.location_id, rows.c.location_id))
        return (
            sa.select(
                rows.c.cluster_id,
                sa.cast(members, sa.ARRAY(sa.Text)).label("location_id_members"),
                hull.label("geom_cluster"),
                sql.centroid(hull).label("geom"),
            )
            .where(*kept)
            .group_by(rows.c.cluster_id)
        )
