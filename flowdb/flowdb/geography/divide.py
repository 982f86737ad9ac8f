"""Dividing an area into nested regions with borders that look grown, not ruled.

The area is cut into thousands of small tiles; regions grow over them from seeds, cheaply through
open land and dearly over ridges, so that borders follow the ridges. Every region is connected and
every border is made of the same tile edges on both sides.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.csgraph import dijkstra
from shapely import Geometry

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
# Coordinates are kept on this grid (about a metre), so that tiles meet exactly.
_GRID = 1e-5
_POLYGON = 3


@dataclass(frozen=True)
class Tiles:
    """An area in small pieces.

    Attributes
    ----------
    points
        One point of each tile, as longitude and latitude, shape (n, 2).
    polygons
        The tiles.
    costs
        The cost of growing from one tile into a neighbour, as a sparse symmetric matrix.
    areas
        Area of each tile in square degrees of the middle latitude.
    """

    points: Floats
    polygons: NDArray[np.object_]
    costs: csr_matrix
    areas: Floats


def cut(area: Geometry, count: int, rng: np.random.Generator) -> Tiles:
    """Cut an area of longitudes and latitudes into about `count` tiles."""
    west, south, east, north = shapely.bounds(area)
    squeeze = float(np.cos(np.radians((south + north) / 2)))
    share = shapely.area(area) / ((east - west) * (north - south))
    candidates = rng.uniform((west, south), (east, north), size=(int(count / share), 2))
    points = np.round(candidates[shapely.contains_xy(area, candidates[:, 0], candidates[:, 1])], 5)
    flat = points * (squeeze, 1.0)
    # The diagram is that of the flat plane, so that tiles are not stretched.
    flat = points * (squeeze, 1.0)
    (left, lower), (right, upper) = flat.min(axis=0) - 1, flat.max(axis=0) + 1
    diagram = shapely.voronoi_polygons(
        shapely.multipoints(flat), extend_to=shapely.box(left, lower, right, upper)
    )
    cells = shapely.transform(shapely.get_parts(diagram), lambda xy: xy / (squeeze, 1.0))
    # A tile that the outline cuts in two is two tiles: otherwise a region could lie apart from itself.
    clipped = shapely.get_parts(shapely.intersection(cells, area))
    polygons = shapely.transform(
        clipped[shapely.get_type_id(clipped) == _POLYGON], lambda xy: np.round(xy, 5)
    )
    polygons = polygons[shapely.is_valid(polygons) & (shapely.area(polygons) > 0)]
    middles = shapely.get_coordinates(shapely.point_on_surface(polygons))
    polygons = polygons[np.lexsort((middles[:, 1], middles[:, 0]))]
    middles = shapely.get_coordinates(shapely.point_on_surface(polygons))
    costs = _growth_costs(polygons, middles * (squeeze, 1.0), rng)
    return Tiles(middles, polygons, costs, shapely.area(polygons) * squeeze)


def _growth_costs(polygons: NDArray[np.object_], flat: Floats, rng: np.random.Generator) -> csr_matrix:
    """Return the cost of every step between tiles that share an edge."""
    first, second = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    first, second = first[first < second], second[first < second]
    edge = shapely.length(shapely.intersection(polygons[first], polygons[second])) > _GRID
    first, second = first[edge], second[edge]
    order = np.lexsort((second, first))
    first, second = first[order], second[order]
    lengths = np.linalg.norm(flat[first] - flat[second], axis=1)
    ridge = _ridges((flat[first] + flat[second]) / 2, rng)
    cost = lengths * np.exp(2.2 * ridge) * rng.lognormal(0, 0.35, len(first))
    upper = coo_matrix((cost, (first, second)), shape=(len(flat), len(flat)))
    return (upper + upper.T).tocsr()


def _ridges(at: Floats, rng: np.random.Generator) -> Floats:
    """Return a landscape between 0 and 1 whose crests are thin and winding."""
    height = np.zeros(len(at))
    for octave in range(4):
        for _ in range(6):
            angle, phase = rng.uniform(0, 2 * np.pi, 2)
            wave = rng.uniform(3.0, 7.0) * 2**octave
            height += 2.0**-octave * np.sin(wave * (at @ (np.cos(angle), np.sin(angle))) + phase)
    return np.asarray(np.exp(-np.abs(height) / 0.5))


def grow(tiles: Tiles, members: Ints, regions: int, rng: np.random.Generator) -> Ints:
    """Share out connected tiles among a number of connected regions of similar size.

    Parameters
    ----------
    tiles
        All tiles.
    members
        The indices of the tiles to share out.
    regions
        How many regions to make.
    rng
        The source of chance.

    Returns
    -------
    Ints
        For each member the number of its region, from 0.
    """
    costs = tiles.costs[members][:, members]
    points, areas = tiles.points[members], tiles.areas[members]
    seeds = [int(rng.integers(len(members)))]
    while len(seeds) < regions:
        distance = np.min(np.linalg.norm(points[:, None] - points[seeds][None], axis=2), axis=1)
        chance = np.where(np.isfinite(distance), distance, 0) ** 3
        seeds.append(int(rng.choice(len(members), p=chance / chance.sum())))
    for _ in range(6):
        owner = _reach(costs, seeds)
        # Each seed moves to the middle of what it reached, which evens out the sizes.
        for region in range(regions):
            own = np.flatnonzero(owner == region)
            middle = np.average(points[own], axis=0, weights=areas[own])
            seeds[region] = int(own[np.argmin(np.linalg.norm(points[own] - middle, axis=1))])
    return _reach(costs, seeds)


def _reach(costs: csr_matrix, seeds: list[int]) -> Ints:
    _, _, sources = dijkstra(costs, directed=False, indices=seeds, min_only=True, return_predecessors=True)
    number = {seed: region for region, seed in enumerate(seeds)}
    return np.array([number.get(int(source), -1) for source in sources])


def shares(sizes: Floats, total: int, least: int) -> list[int]:
    """Share out a total in proportion to sizes, each getting at least `least` (largest remainders)."""
    spare = total - least * len(sizes)
    exact = sizes / sizes.sum() * spare
    whole = np.floor(exact).astype(int)
    for index in np.argsort(whole - exact)[: spare - int(whole.sum())]:
        whole[index] += 1
    return [int(count) + least for count in whole]


def outline(polygons: NDArray[np.object_]) -> Geometry:
    """Join tiles or regions, which meet exactly, into one multipolygon."""
    joined = shapely.coverage_union_all(polygons)
    return shapely.multipolygons(shapely.get_parts(joined))
