"""Distances between positions."""

import sqlalchemy as sa

from flowmachine.core import sql


def get_dist_query_string(*, lon1: str, lat1: str, lon2: str, lat2: str) -> str:
    """Return SQL for the distance in metres between two positions, given by the names of their columns.

    Examples
    --------
    >>> get_dist_query_string(lon1="lon_from", lat1="lat_from", lon2="lon_to", lat2="lat_to")[:11]
    'ST_Distance'
    """
    points = [sql.point(sa.column(lon), sa.column(lat)) for lon, lat in ((lon1, lat1), (lon2, lat2))]
    return sql.render(sql.distance(*points))
