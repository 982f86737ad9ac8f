"""Where people live: a capital, regional centres, towns and the country between them."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Geometry

from flowdb.synthetic.draws import BELL_UNIT, Draws, Ints, divided
from flowdb.synthetic.places import MICRO, mean_latitude, metres, micro, squared_distances

CAPITAL, CENTRE, TOWN, COUNTRY = 0, 1, 2, 3
# People of a kind of place in a million, and how far a place of the kind spreads (m).
_PEOPLE = {CAPITAL: 140_000, CENTRE: 260_000, TOWN: 300_000, COUNTRY: 300_000}
_SPREAD = {CAPITAL: 9_000, CENTRE: 5_000, TOWN: 3_000}
# How much more people than usual live in a place, in hundredths: sixteen steps of a log-normal distribution.
_SIZES = np.array([39, 52, 60, 68, 75, 82, 89, 96, 104, 113, 122, 134, 147, 166, 193, 254])
# Areas are compared in parts of this size (square degrees): what is left out is where libraries differ.
_AREA_UNIT = 1e-6
_ATTEMPTS = 1000


@dataclass(frozen=True)
class Settlements:
    """The places people live at, one town and the surrounding country for each region.

    Attributes
    ----------
    kind
        One of the kinds of this module.
    people
        The people of each, in a million.
    middle
        Longitude and latitude in millionths of a degree.
    region
        Index of the region.
    """

    kind: Ints
    people: Ints
    middle: Ints
    region: Ints


def settle(regions: NDArray[np.object_], draws: Draws) -> Settlements:
    """Place a town in every region: the one nearest the middle is the capital, some far apart are centres."""
    count = len(regions)
    numbers = np.arange(count)
    towns = np.vstack(
        [points_inside(regions[number], numbers[[number]], draws, "town") for number in numbers]
    )
    areas = np.maximum(np.rint(shapely.area(regions) / _AREA_UNIT).astype(np.int64), 1)
    plane = metres(towns, mean_latitude(towns))
    middle = (plane * areas[:, None]).sum(axis=0) // areas.sum()
    capital = int(np.argmin(squared_distances(plane, middle)))
    chosen = [capital]
    for turn in range(min(max(round(count / 15), 1), 8, count - 1)):
        gap = np.min([squared_distances(plane, plane[centre]) for centre in chosen], axis=0)
        chosen.append(int(np.argmax(gap // 1000 * (640 + draws.below(f"centre {turn}", numbers, 361)))))
    kind = np.full(2 * count, TOWN)
    kind[chosen] = CENTRE
    kind[capital] = CAPITAL
    kind[count:] = COUNTRY
    weight = _SIZES[draws.below("size", np.arange(2 * count), len(_SIZES))]
    weight[count:] *= areas
    people = np.zeros(2 * count, dtype=np.int64)
    there = [each for each in _PEOPLE if (kind == each).any()]
    for each, share in zip(there, divided(np.array([_PEOPLE[each] for each in there]), MICRO), strict=True):
        people[kind == each] = divided(weight[kind == each], int(share))
    return Settlements(kind, people, np.vstack([towns, towns]), np.tile(numbers, 2))


def place_sites(settlements: Settlements, regions: NDArray[np.object_], count: int, draws: Draws) -> Ints:
    """Return the positions of sites: more where more people live, but empty land is covered too."""
    # The power of three quarters. Of the functions of its kind the square root alone is exact everywhere.
    root = np.sqrt(settlements.people)
    sizes = (1000 * root * np.sqrt(root)).astype(np.int64)
    least = 1 if count >= 2 * len(sizes) else 0
    where = np.repeat(np.arange(len(sizes)), divided(sizes, count, least))
    return points_of(settlements, regions, where, draws, "site")


def points_of(
    settlements: Settlements, regions: NDArray[np.object_], where: Ints, draws: Draws, name: str
) -> Ints:
    """Return a point in each of the settlements that `where` lists."""
    points = np.empty((len(where), 2), dtype=np.int64)
    order = np.argsort(where, kind="stable")
    ends = np.cumsum(np.bincount(where, minlength=len(settlements.kind)))
    for number, own in enumerate(np.split(order, ends[:-1])):
        region, kind = regions[settlements.region[number]], int(settlements.kind[number])
        if kind == COUNTRY:
            points[own] = points_inside(region, own, draws, name)
        elif len(own):
            middle = settlements.middle[number]
            points[own] = _points_around(middle, _SPREAD[kind], region, own, draws, name)
    return points


def contains(area: Geometry, points: Ints) -> NDArray[np.bool_]:
    """Say which points lie inside an area."""
    degrees = points / MICRO
    return np.asarray(shapely.contains_xy(area, degrees[:, 0], degrees[:, 1]))


def points_inside(area: Geometry, numbers: Ints, draws: Draws, name: str) -> Ints:
    """Return points spread evenly over an area, one for each number."""
    west, south, east, north = (int(np.floor(edge * MICRO)) for edge in shapely.bounds(area))
    shapely.prepare(area)
    middle = shapely.get_coordinates(shapely.point_on_surface(area))[0]
    points = np.tile(np.rint(middle * MICRO).astype(np.int64), (len(numbers), 1))
    missing = np.arange(len(numbers))
    for attempt in range(_ATTEMPTS):
        if not len(missing):
            break
        who = numbers[missing]
        drawn = np.stack(
            [
                west + draws.below(f"{name} east {attempt}", who, east - west + 1),
                south + draws.below(f"{name} north {attempt}", who, north - south + 1),
            ],
            axis=1,
        )
        inside = contains(area, drawn)
        points[missing[inside]] = drawn[inside]
        missing = missing[~inside]
    return points


def _points_around(middle: Ints, spread: int, area: Geometry, numbers: Ints, draws: Draws, name: str) -> Ints:
    """Return points around a middle that lie in an area, closer ones more often, one for each number."""
    reach = np.array(micro(spread, int(middle[1])))
    shapely.prepare(area)
    points = np.tile(middle, (len(numbers), 1))
    missing = np.arange(len(numbers))
    for attempt in range(_ATTEMPTS):
        if not len(missing):
            break
        who = numbers[missing]
        bells = [draws.bell(f"{name} {way} {attempt}", who) for way in ("east", "north")]
        drawn = middle + np.stack(bells, axis=1) * reach // BELL_UNIT
        inside = contains(area, drawn)
        points[missing[inside]] = drawn[inside]
        missing = missing[~inside]
        reach = reach * 4 // 5
    return points
