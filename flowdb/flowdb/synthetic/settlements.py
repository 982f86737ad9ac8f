"""Where people live: a capital, regional centres, towns and the country between them."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Geometry

from flowdb.geography.divide import Floats, shares

KM_PER_DEGREE = 111.2
CAPITAL, CENTRE, TOWN, COUNTRY = 0, 1, 2, 3
# Share of all people, and how far a place of the kind spreads (km).
_PEOPLE = {CAPITAL: 0.14, CENTRE: 0.26, TOWN: 0.30, COUNTRY: 0.30}
_SPREAD = {CAPITAL: 9.0, CENTRE: 5.0, TOWN: 3.0}
# Masts follow people, but less than in proportion: empty land is covered too.
_SITES_EXPONENT = 0.7


@dataclass(frozen=True)
class Settlements:
    """The places people live at, one town and the surrounding country for each region.

    Attributes
    ----------
    kind
        One of the kinds of this module.
    people
        Share of the population.
    middle
        Longitude and latitude.
    region
        Index of the region.
    """

    kind: NDArray[np.int64]
    people: Floats
    middle: Floats
    region: NDArray[np.int64]


def settle(regions: NDArray[np.object_], rng: np.random.Generator) -> Settlements:
    """Place a town in every region: the one nearest the middle is the capital, some far apart are centres."""
    count = len(regions)
    towns = np.vstack([points_inside(region, 1, rng) for region in regions])
    areas = shapely.area(regions)
    squeezed = flat(towns)
    capital = int(np.argmin(np.linalg.norm(squeezed - np.average(squeezed, axis=0, weights=areas), axis=1)))
    chosen = [capital]
    for _ in range(min(max(round(count / 15), 1), 8, count - 1)):
        gap = np.min(np.linalg.norm(squeezed[:, None] - squeezed[chosen][None], axis=2), axis=1)
        chosen.append(int(np.argmax(gap * rng.uniform(0.8, 1.0, count))))
    kind = np.full(2 * count, TOWN)
    kind[chosen] = CENTRE
    kind[capital] = CAPITAL
    kind[count:] = COUNTRY
    weight = rng.lognormal(0, 0.5, 2 * count)
    weight[count:] *= areas
    people = np.zeros(2 * count)
    for each, share in _PEOPLE.items():
        own = kind == each
        if own.any():
            people[own] = share * weight[own] / weight[own].sum()
    middle = np.vstack([towns, towns])
    return Settlements(kind, people / people.sum(), middle, np.tile(np.arange(count), 2))


def place_sites(
    settlements: Settlements, regions: NDArray[np.object_], count: int, rng: np.random.Generator
) -> Floats:
    """Return the positions of sites: more where more people live."""
    sizes = settlements.people**_SITES_EXPONENT
    least = 1 if count >= 2 * len(sizes) else 0
    return points_of(settlements, regions, np.array(shares(sizes, count, least)), rng)


def points_of(
    settlements: Settlements,
    regions: NDArray[np.object_],
    counts: NDArray[np.int64],
    rng: np.random.Generator,
) -> Floats:
    """Return points in each settlement, as many as asked for, ordered by settlement."""
    points = [np.empty((0, 2))]
    for number, count in enumerate(counts):
        region, kind = regions[settlements.region[number]], int(settlements.kind[number])
        if kind == COUNTRY:
            points.append(points_inside(region, int(count), rng))
        else:
            middle = settlements.middle[number]
            points.append(_points_around(middle, _SPREAD[kind], region, int(count), rng))
    return np.vstack(points)


def points_inside(area: Geometry, count: int, rng: np.random.Generator) -> Floats:
    """Return points spread evenly over an area."""
    west, south, east, north = shapely.bounds(area)
    found = np.empty((0, 2))
    while len(found) < count:
        drawn = rng.uniform((west, south), (east, north), size=(4 * count + 16, 2))
        found = np.vstack([found, drawn[shapely.contains_xy(area, drawn[:, 0], drawn[:, 1])]])
    return found[:count]


def _points_around(
    middle: Floats, spread: float, area: Geometry, count: int, rng: np.random.Generator
) -> Floats:
    """Return points around a middle that lie in an area, closer ones more often."""
    degrees = np.array([spread / KM_PER_DEGREE / np.cos(np.radians(middle[1])), spread / KM_PER_DEGREE])
    found = np.empty((0, 2))
    while len(found) < count:
        drawn = middle + degrees * rng.normal(0, 1, size=(4 * count + 16, 2))
        found = np.vstack([found, drawn[shapely.contains_xy(area, drawn[:, 0], drawn[:, 1])]])
        degrees = degrees * 0.8
    return found[:count]


def flat(points: Floats, latitude: float | None = None) -> Floats:
    """Return longitudes and latitudes as kilometres on a plane, good enough within a country.

    Points to be compared need the same `latitude`, which is the mean of the points unless given.
    """
    squeeze = np.cos(np.radians(points[:, 1].mean() if latitude is None else latitude))
    return np.asarray(points * (KM_PER_DEGREE * squeeze, KM_PER_DEGREE))
