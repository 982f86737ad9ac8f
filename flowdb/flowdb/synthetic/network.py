"""The cells events happen at and the regions they lie in, as FlowDB knows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import shapely
from numpy.typing import NDArray
from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812

from flowdb.synthetic.draws import Ints
from flowdb.synthetic.parameters import ParameterError
from flowdb.synthetic.places import MICRO

_FINEST_LEVEL = 9


@dataclass(frozen=True)
class Network:
    """The cells events happen at, grouped by site.

    Attributes
    ----------
    cell_ids
        Ids of the cells as bytes, those of one site next to each other.
    first_cell, cell_count
        For each site its first cell and the number of its cells.
    points
        Longitude and latitude of each site, as it first was, in millionths of a degree.
    opened, closed
        First and last day on which each cell, in any of its versions, is in service, as ordinals.
    """

    cell_ids: NDArray[np.bytes_]
    first_cell: Ints
    cell_count: Ints
    points: Ints
    opened: Ints
    closed: Ints

    def serving(self, day: date) -> NDArray[np.bool_]:
        """Say which cells are in service on a day."""
        return (self.opened <= day.toordinal()) & (self.closed >= day.toordinal())


def read_regions(connection: Connection) -> NDArray[np.object_]:
    """Return the regions of the finest admin level of the database, in the order of their codes."""
    with connection.cursor() as cursor:
        for level in range(_FINEST_LEVEL, -1, -1):
            name = f"admin{level}"
            cursor.execute("SELECT to_regclass(%s) IS NOT NULL", (f"geography.{name}",))
            if cursor.fetchone() == (True,):
                cursor.execute(
                    sql.SQL('SELECT ST_AsBinary(geom) FROM {} ORDER BY {} COLLATE "C"').format(
                        sql.Identifier("geography", name), sql.Identifier(f"{name}pcod")
                    )
                )
                return np.array([shapely.from_wkb(bytes(row[0])) for row in cursor.fetchall()])
    raise ParameterError(
        "There are no regions for people to live in: load some with 'flowdb load-geography'."
    )


def read_network(connection: Connection) -> Network | None:
    """Return the network of the database as it first was, or None if there is none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT site, id, ST_X(geom_point), ST_Y(geom_point), opened, closed FROM ("
            "  SELECT DISTINCT ON (id) coalesce(site_id, id) AS site, id, geom_point,"
            "    nullif(min(coalesce(date_of_first_service, '-infinity')) OVER cell, '-infinity') AS opened,"
            "    nullif(max(coalesce(date_of_last_service, 'infinity')) OVER cell, 'infinity') AS closed"
            "  FROM infrastructure.cells WHERE geom_point IS NOT NULL "
            "  WINDOW cell AS (PARTITION BY id) ORDER BY id, version"
            ') AS first_versions ORDER BY site COLLATE "C", id COLLATE "C"'
        )
        rows = cursor.fetchall()
    return network_of(rows) if rows else None


def network_of(rows: Sequence[tuple[str, str, float, float, date | None, date | None]]) -> Network:
    """Return the network of some cells, sorted by site and id.

    A row is site, id, longitude, latitude and the first and last day of service, None if that is open.
    """
    sites = np.array([row[0] for row in rows])
    first = np.flatnonzero(np.r_[True, sites[1:] != sites[:-1]])
    return Network(
        cell_ids=np.array([row[1].encode() for row in rows]),
        first_cell=first,
        cell_count=np.diff(np.r_[first, len(rows)]),
        points=np.rint(np.array([row[2:4] for row in rows])[first] * MICRO).astype(np.int64),
        opened=np.array([(row[4] or date.min).toordinal() for row in rows]),
        closed=np.array([(row[5] or date.max).toordinal() for row in rows]),
    )
