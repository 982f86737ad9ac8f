"""Statistics of distances between pairs of positions."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core import sql
from flowmachine.core.statistic_types import Statistic


def select_distance_statistic(pairs: Select[Any], statistic: Statistic) -> Select[Any]:
    """Select ``subscriber`` and ``value``: a statistic of the distances in kilometres of their pairs.

    Positions recur, and a distance on the ellipsoid costs more than a look-up, so that of each two
    positions is computed once.

    Parameters
    ----------
    pairs : Select
        With the columns ``subscriber``, ``lon``, ``lat``, ``lon_other`` and ``lat_other`` (degrees).
    statistic : Statistic
    """
    each = pairs.cte("pairs")
    names = ("lon", "lat", "lon_other", "lat_other")
    routes = sa.select(*(each.c[name] for name in names)).distinct().subquery("routes")
    ends = [sql.point(routes.c.lon, routes.c.lat), sql.point(routes.c.lon_other, routes.c.lat_other)]
    known = sa.select(*routes.c, (sql.distance(*ends) / 1000.0).label("distance")).subquery("known")
    same = sa.and_(*(each.c[name] == known.c[name] for name in names))
    return (
        sa.select(each.c.subscriber, statistic.of(known.c.distance).label("value"))
        .select_from(each.join(known, same))
        .group_by(each.c.subscriber)
    )
