"""Making the sites, cells and phone models of a synthetic country."""

import hashlib
from datetime import date, timedelta

import numpy as np
import shapely
from numpy.typing import NDArray
from psycopg2.extensions import connection as Connection  # noqa: N812
from psycopg2.extras import execute_values
from shapely import Geometry

from flowdb.geography.divide import Floats, Ints, shares
from flowdb.synthetic.parameters import Parameters
from flowdb.synthetic.settlements import place_sites, settle

_OUTSIDE_SHARE = 0.01
_MOVING_SHARE = 0.02
_MOVED_AFTER_DAYS = 4
_MOVED_BY_DEGREES = (0.03, 0.15)
_OUTSIDE_BY_DEGREES = (0.03, 0.10)
_SECTORS = 3
_GENERATIONS = ("2G", "3G", "4G")
_BRANDS = ("Alpha", "Birch", "Cirrus", "Delta", "Ember", "Fjord", "Gale", "Harbour", "Iris")
_HANDSETS = ("Smart", "Feature", "Basic")
FIRST_TAC = 35_000_000


def identifier(*parts: object, length: int) -> str:
    """Return a hexadecimal id that depends on the parts only."""
    return hashlib.sha256(":".join(map(str, parts)).encode()).hexdigest()[:length]


def make_infrastructure(connection: Connection, regions: NDArray[np.object_], parameters: Parameters) -> None:
    """Fill the tables of sites, cells and phone models, in the caller's transaction.

    About one site in a hundred lies beyond the border, outside every region. About one in fifty
    moves with its cells: its first version ends on the fourth day, its second begins the day after.
    """
    rng = np.random.default_rng(parameters.cells_seed)
    settlements = settle(regions, rng)
    points = place_sites(settlements, regions, parameters.sites, rng)
    outside = _chosen(parameters.sites, _OUTSIDE_SHARE, rng)
    country = shapely.union_all(regions)
    points[outside] = _beyond(country, len(outside), rng)
    moving = np.setdiff1d(_chosen(parameters.sites, _MOVING_SHARE, rng), outside)
    # Cells go where sites are close to others: that is where people are.
    crowding = 1 / (0.02 + _distance_to_next(points))
    cells = shares(crowding, parameters.cells, 1)
    _write(connection, parameters, points, np.array(cells), moving, rng)


def _chosen(count: int, share: float, rng: np.random.Generator) -> Ints:
    return np.sort(rng.choice(count, size=min(count, max(2, round(share * count))), replace=False))


def _beyond(country: Geometry, count: int, rng: np.random.Generator) -> Floats:
    """Return points a little outside a country."""
    edge = shapely.boundary(country)
    found: list[Floats] = []
    while len(found) < count:
        on_edge = shapely.get_coordinates(
            shapely.line_interpolate_point(edge, rng.uniform(), normalized=True)
        )
        angle, far = rng.uniform(0, 2 * np.pi), rng.uniform(*_OUTSIDE_BY_DEGREES)
        point = on_edge[0] + far * np.array([np.cos(angle), np.sin(angle)])
        if not shapely.intersects_xy(country, *point):
            found.append(point)
    return np.array(found)


def _distance_to_next(points: Floats) -> Floats:
    gaps = np.linalg.norm(points[:, None] - points[None], axis=2)
    np.fill_diagonal(gaps, np.inf)
    return np.asarray(gaps.min(axis=1))


def _write(
    connection: Connection,
    parameters: Parameters,
    points: Floats,
    cells: Ints,
    moving: Ints,
    rng: np.random.Generator,
) -> None:
    site_rows, cell_rows = [], []
    for number, point in enumerate(np.round(points, 6)):
        site_id = identifier("site", parameters.cells_seed, number, length=6) + f"{number:04x}"
        opened = parameters.start - timedelta(days=int(rng.integers(1, 1500)))
        versions: list[tuple[int, date, date | None, Floats]] = [(0, opened, None, point)]
        if number in moving:
            last = parameters.start + timedelta(days=_MOVED_AFTER_DAYS - 1)
            angle, far = rng.uniform(0, 2 * np.pi), rng.uniform(*_MOVED_BY_DEGREES)
            there = np.round(point + far * np.array([np.cos(angle), np.sin(angle)]), 6)
            versions = [(0, opened, last, point), (1, last + timedelta(days=1), None, there)]
        for version, first, last_day, at in versions:
            where = (float(at[0]), float(at[1]))
            name = f"Site {number + 1:04}"
            site_rows.append((site_id, version, name, "tower", "active", False, first, last_day, *where))
            for sector in range(int(cells[number])):
                cell_id = identifier("cell", parameters.cells_seed, number, sector, length=8)
                azimuth = sector % _SECTORS * 360 // _SECTORS
                kind = _GENERATIONS[sector % len(_GENERATIONS)]
                cell_rows.append(
                    (cell_id, version, site_id, kind, "active", azimuth, first, last_day, *where)
                )
    with connection.cursor() as cursor:
        execute_values(
            cursor,
            "INSERT INTO infrastructure.sites (id, version, name, type, status, is_cow, "
            "date_of_first_service, date_of_last_service, geom_point) VALUES %s",
            site_rows,
            template="(%s, %s, %s, %s, %s, %s, %s, %s, ST_SetSRID(ST_MakePoint(%s, %s), 4326))",
        )
        execute_values(
            cursor,
            "INSERT INTO infrastructure.cells (id, version, site_id, type, status, azimuth, "
            "date_of_first_service, date_of_last_service, geom_point) VALUES %s",
            cell_rows,
            template="(%s, %s, %s, %s, %s, %s, %s, %s, ST_SetSRID(ST_MakePoint(%s, %s), 4326))",
        )
        execute_values(
            cursor,
            "INSERT INTO infrastructure.tacs (id, brand, model, hnd_type) VALUES %s "
            "ON CONFLICT (id) DO NOTHING",
            [
                (
                    FIRST_TAC + number,
                    _BRANDS[number % len(_BRANDS)],
                    f"{_BRANDS[number % len(_BRANDS)]} {number // len(_BRANDS) + 1}",
                    _HANDSETS[int(rng.choice(3, p=(0.6, 0.25, 0.15)))],
                )
                for number in range(parameters.tacs)
            ],
        )
        cursor.execute("ANALYZE infrastructure.sites, infrastructure.cells, infrastructure.tacs")
