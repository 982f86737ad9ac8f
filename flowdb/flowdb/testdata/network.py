"""The sites, cells and phone models of the test data set."""

from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from flowdb.synthetic.draws import Draws, Ints
from flowdb.synthetic.infrastructure import FIRST_TAC, Row, away, beyond, identifier
from flowdb.synthetic.places import MICRO
from flowdb.synthetic.settlements import contains, place_sites, settle
from flowdb.testdata.plan import MOVES_ON, PARAMETERS, START

# The cells of each site. The first five sites have a second version: four move, the fifth stays.
_CELLS = (2, 2, 1, 1, 1, 6, 7, *(3,) * 4, *(2,) * 4, *(1,) * 15)
_MOVING, _UNMOVED = 4, 4
_OUTSIDE = 11
_ON_ELEVATION = 7
_IN_ELEVATION_TILE = (82_882_200, 28_413_100)
_MOVED_BY = (20_000, 40_000)
SELF_CALLED_CELL, ELEVATION_SITE = "JxDglNVk", "o9yyxY"
_BRANDS = (("Sony", 8), ("Nokia", 4), ("Samsung", 3), ("Apple", 3), ("Oppo", 2))


def site_rows_and_cell_rows(regions: NDArray[np.object_]) -> tuple[list[Row], list[Row]]:
    """Return 35 rows of 30 sites and 62 rows of 55 cells.

    Five sites and their seven cells have a second version from 2016-01-06: four of these sites move to
    another region, one changes version without moving. One site with two cells lies outside every region.
    """
    draws = Draws("test data", PARAMETERS.cells_seed)
    points = place_sites(settle(regions, draws), regions, PARAMETERS.sites, draws)
    points[_OUTSIDE] = beyond(regions, np.array([_OUTSIDE]), draws)[0]
    points[_ON_ELEVATION] = _IN_ELEVATION_TILE
    sites: list[Row] = []
    cells: list[Row] = []
    for number, point in enumerate(points):
        site_id = ELEVATION_SITE if number == _ON_ELEVATION else identifier("test site", number, length=6)
        for version, first, last, place in _versions(number, point, regions, draws):
            where = (int(place[0]) / MICRO, int(place[1]) / MICRO)
            sites.append(
                (site_id, version, f"Site {number + 1:02}", "tower", "active", False, first, last, *where)
            )
            for sector in range(_CELLS[number]):
                cell_id = identifier("test cell", number, sector, length=8)
                if (number, sector) == (_ON_ELEVATION, 0):
                    cell_id = SELF_CALLED_CELL
                azimuth = sector % 3 * 120
                cells.append((cell_id, version, site_id, "3G", "active", azimuth, first, last, *where))
    return sites, cells


def _versions(
    number: int, point: Ints, regions: NDArray[np.object_], draws: Draws
) -> list[tuple[int, date, date | None, Ints]]:
    if number >= _MOVING and number != _UNMOVED:
        return [(0, START, None, point)]
    there = point if number == _UNMOVED else _elsewhere(number, point, regions, draws)
    return [(0, START, MOVES_ON - timedelta(days=1), point), (1, MOVES_ON, None, there)]


def _elsewhere(number: int, point: Ints, regions: NDArray[np.object_], draws: Draws) -> Ints:
    """Return a point in another region."""
    before = [bool(contains(region, point[None])[0]) for region in regions]
    attempt = 0
    while True:
        there = away(point, f"move {number} {attempt}", _MOVED_BY, draws)
        after = [bool(contains(region, there[None])[0]) for region in regions]
        if any(after) and after != before:
            return there
        attempt += 1


def phone_models() -> list[Row]:
    """Return 20 phone models: id, brand, model, kind, sizes of the phone and of its display."""
    brands = [brand for brand, count in _BRANDS for _ in range(count)]
    numbers = np.arange(len(brands))
    draws = Draws("test data", "tacs")
    sizes = [
        draws.below(name, numbers, high - low) + low
        for name, low, high in (
            *(("width", 45, 80), ("height", 100, 160), ("depth", 7, 18), ("weight", 80, 190)),
            *(("display width", 128, 1081), ("display height", 160, 1921)),
        )
    ]
    return [
        (
            *(FIRST_TAC + number, brand, f"{brand} {number + 1}", "Smart" if number % 2 else "Feature"),
            *(int(size[number]) for size in sizes),
        )
        for number, brand in enumerate(brands)
    ]
