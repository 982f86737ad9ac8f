"""Making the sites, cells and phone models of a synthetic country."""

import hashlib
from datetime import date, timedelta

import numpy as np
import shapely
from numpy.typing import NDArray
from psycopg2.extensions import connection as Connection  # noqa: N812
from psycopg2.extras import execute_values

from flowdb.synthetic.draws import Draws, Ints, divided
from flowdb.synthetic.parameters import Parameters
from flowdb.synthetic.places import MICRO, Finder, micro
from flowdb.synthetic.settlements import contains, place_sites, settle

_OUTSIDE_SHARE = 0.01
_MOVING_SHARE = 0.02
_MOVED_AFTER_DAYS = 4
# How far, in metres.
_MOVED_BY = (3_000, 15_000)
_OUTSIDE_BY = (3_000, 11_000)
# Sixteen winds as thousandths of a length eastwards and northwards.
_WINDS = np.array(
    [
        *((1000, 0), (924, 383), (707, 707), (383, 924), (0, 1000), (-383, 924), (-707, 707), (-924, 383)),
        *((-1000, 0), (-924, -383), (-707, -707), (-383, -924), (0, -1000), (383, -924), (707, -707)),
        (924, -383),
    ]
)
_OLDEST_DAYS = 1500
_SECTORS = 3
_GENERATIONS = ("2G", "3G", "4G")
_BRANDS = ("Alpha", "Birch", "Cirrus", "Delta", "Ember", "Fjord", "Gale", "Harbour", "Iris")
_HANDSETS = ("Smart", "Feature", "Basic")
_HANDSET_SHARES = np.cumsum([60, 25, 15])
FIRST_TAC = 35_000_000


def identifier(*parts: object, length: int) -> str:
    """Return a hexadecimal id that depends on the parts only."""
    return hashlib.sha256(":".join(map(str, parts)).encode()).hexdigest()[:length]


Row = tuple[object, ...]


def make_infrastructure(connection: Connection, regions: NDArray[np.object_], parameters: Parameters) -> None:
    """Fill the tables of sites, cells and phone models, in the caller's transaction."""
    write_network(connection, *network_rows(regions, parameters))
    write_tacs(connection, tac_rows(parameters))


def network_rows(regions: NDArray[np.object_], parameters: Parameters) -> tuple[list[Row], list[Row]]:
    """Return the rows of sites and of cells.

    About one site in a hundred lies beyond the border, outside every region. About one in fifty
    moves with its cells: its first version ends on the fourth day, its second begins the day after.
    """
    draws = Draws("cells", parameters.cells_seed)
    points = place_sites(settle(regions, draws), regions, parameters.sites, draws)
    outside = _chosen("outside", parameters.sites, _OUTSIDE_SHARE, draws)
    points[outside] = beyond(regions, outside, draws)
    moving = np.setdiff1d(_chosen("moving", parameters.sites, _MOVING_SHARE, draws), outside)
    cells = divided(_crowding(points), parameters.cells, 1)
    return _rows(parameters, points, cells, moving, draws)


def _chosen(name: str, count: int, share: float, draws: Draws) -> Ints:
    return np.sort(draws.order(name, count)[: max(2, round(share * count))])


def beyond(regions: NDArray[np.object_], numbers: Ints, draws: Draws) -> Ints:
    """Return points a little outside of all regions, one for each number."""
    # Sorted, since libraries differ in where a border begins.
    corners = np.unique(np.rint(shapely.get_coordinates(regions) * MICRO).astype(np.int64), axis=0)
    found = []
    for number in numbers:
        attempt = 0
        while True:
            name = f"beyond {number} {attempt}"
            corner = corners[draws.one(f"{name} corner", len(corners))]
            point = away(corner, name, _OUTSIDE_BY, draws)
            if not any(contains(region, point[None])[0] for region in regions):
                break
            attempt += 1
        found.append(point)
    return np.array(found, dtype=np.int64).reshape(-1, 2)


def away(point: Ints, name: str, distances: tuple[int, int], draws: Draws) -> Ints:
    """Return a point at a distance between two (m) in one of sixteen directions, of the name's drawing."""
    nearest, farthest = distances
    length = np.array(micro(nearest + draws.one(f"{name} far", farthest - nearest), int(point[1])))
    return np.asarray(point + length * _WINDS[draws.one(f"{name} wind", len(_WINDS))] // 1000)


def _crowding(points: Ints) -> Ints:
    """Return a weight for each site: cells go where sites are close to others, since people are there."""
    if len(points) == 1:
        return np.ones(1, dtype=np.int64)
    # Of the two nearest sites one is the site itself, unless others stand on the same spot.
    gap = np.sqrt(Finder(points).nearest(points, 2)[1][:, -1]).astype(np.int64)
    return np.asarray(1_000_000_000 // (2_000 + gap))


def _rows(
    parameters: Parameters, points: Ints, cells: Ints, moving: Ints, draws: Draws
) -> tuple[list[Row], list[Row]]:
    """Return the rows of sites and of cells."""
    site_rows: list[Row] = []
    cell_rows: list[Row] = []
    ages = draws.below("age", np.arange(len(points)), _OLDEST_DAYS) + 1
    for number, point in enumerate(points):
        site_id = identifier("site", parameters.cells_seed, number, length=6) + f"{number:04x}"
        opened = parameters.start - timedelta(days=int(ages[number]))
        versions: list[tuple[int, date, date | None, Ints]] = [(0, opened, None, point)]
        if number in moving:
            last = parameters.start + timedelta(days=_MOVED_AFTER_DAYS - 1)
            there = away(point, f"move {number}", _MOVED_BY, draws)
            versions = [(0, opened, last, point), (1, last + timedelta(days=1), None, there)]
        for version, first, last_day, at in versions:
            where = (int(at[0]) / MICRO, int(at[1]) / MICRO)
            name = f"Site {number + 1:04}"
            site_rows.append((site_id, version, name, "tower", "active", False, first, last_day, *where))
            for sector in range(int(cells[number])):
                cell_id = identifier("cell", parameters.cells_seed, number, sector, length=8)
                azimuth = sector % _SECTORS * 360 // _SECTORS
                kind = _GENERATIONS[sector % len(_GENERATIONS)]
                cell_rows.append(
                    (cell_id, version, site_id, kind, "active", azimuth, first, last_day, *where)
                )
    return site_rows, cell_rows


def write_network(connection: Connection, site_rows: list[Row], cell_rows: list[Row]) -> None:
    """Write sites and cells, in the caller's transaction."""
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
        cursor.execute("ANALYZE infrastructure.sites, infrastructure.cells")


def tac_rows(parameters: Parameters) -> list[Row]:
    """Return the rows of phone models."""
    numbers = np.arange(parameters.tacs)
    handsets = Draws("tacs", parameters.cells_seed).weighted("handset", numbers, _HANDSET_SHARES)
    brands = [_BRANDS[number % len(_BRANDS)] for number in range(parameters.tacs)]
    return [
        (FIRST_TAC + number, brand, f"{brand} {number // len(_BRANDS) + 1}", _HANDSETS[handset])
        for number, (brand, handset) in enumerate(zip(brands, handsets, strict=True))
    ]


def write_tacs(connection: Connection, rows: list[Row]) -> None:
    """Write phone models that are not there yet, in the caller's transaction."""
    with connection.cursor() as cursor:
        execute_values(
            cursor,
            "INSERT INTO infrastructure.tacs (id, brand, model, hnd_type) VALUES %s "
            "ON CONFLICT (id) DO NOTHING",
            rows,
        )
        cursor.execute("ANALYZE infrastructure.tacs")
