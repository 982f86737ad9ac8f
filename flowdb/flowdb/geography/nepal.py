"""The bundled geography: the outline of Nepal, divided into regions that exist only here.

The outline is that of Natural Earth (1:10m, public domain). The regions, their names and their
codes are synthetic: they are made from a fixed seed, for demonstrations and tests.
"""

from functools import cache
from importlib.resources import as_file, files

import geopandas as gpd
import numpy as np
import pandas as pd

from flowdb.geography.divide import Ints, Tiles, cut, grow, outline, shares

ISO_NUMERIC = "524"
_SEED = 524
_TILES = 9000
COUNTS = (1, 5, 14, 75)
"""How many regions each level has."""

_FIRST = ("Suryakhand", "Madhyakhand", "Himkhand", "Vanakhand", "Nadikhand")
_STEMS = (
    *("Aru", "Bela", "Chani", "Deura", "Goma", "Hira", "Jala", "Kesa", "Lali", "Mohi", "Nira", "Ojha"),
    *("Pipa", "Rasu", "Seta", "Tiro", "Ujja", "Vima", "Yama", "Bhoja", "Dhuna", "Gaja", "Khara", "Phula"),
)
_ENDINGS = ("kot", "pur", "gaun", "danda", "besi", "tar", "nagar", "khet", "ghat", "bari")


@cache
def bundled_levels() -> tuple[gpd.GeoDataFrame, ...]:
    """Return the regions of levels 0 to 3.

    Returns
    -------
    tuple of GeoDataFrame
        One per level; columns ``admin{n}pcod`` and ``admin{n}name`` of the level and of those above
        it, and ``geometry``, in EPSG:4326.
    """
    with as_file(files("flowdb") / "data" / "nepal.geojson") as path:
        country = gpd.read_file(path).geometry.iloc[0]
    rng = np.random.default_rng(_SEED)
    tiles = cut(country, _TILES, rng)
    everything = np.arange(len(tiles.points))
    first = _subdivide(tiles, [everything], [COUNTS[1]], rng)
    second = _subdivide(tiles, first, _counts(tiles, first, COUNTS[2], 2), rng)
    third = _subdivide(tiles, second, _counts(tiles, second, COUNTS[3], 3), rng)
    regions = _named(tiles, (first, second, third), rng)
    return tuple(_level(regions, level) for level in range(len(COUNTS)))


def _counts(tiles: Tiles, parents: list[Ints], total: int, least: int) -> list[int]:
    return shares(np.array([tiles.areas[members].sum() for members in parents]), total, least)


def _subdivide(tiles: Tiles, parents: list[Ints], counts: list[int], rng: np.random.Generator) -> list[Ints]:
    """Divide each parent, and return the children of each from east to west, parent after parent."""
    children = []
    for members, count in zip(parents, counts, strict=True):
        owner = grow(tiles, members, count, rng)
        parts = [members[owner == region] for region in range(count)]
        children += sorted(parts, key=lambda part: -float(tiles.points[part, 0].mean()))
    return children


def _named(tiles: Tiles, levels: tuple[list[Ints], ...], rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Return the regions of the lowest level with codes and names of all levels."""
    owners = [np.empty(len(tiles.points), dtype=int) for _ in levels]
    for owner, parts in zip(owners, levels, strict=True):
        for number, members in enumerate(parts):
            owner[members] = number
    names = [f"{stem}{ending}" for stem in _STEMS for ending in _ENDINGS]
    rng.shuffle(names)
    rows = []
    for number, members in enumerate(levels[2]):
        one, two = int(owners[0][members[0]]), int(owners[1][members[0]])
        rows.append(
            {
                "admin0pcod": ISO_NUMERIC,
                "admin0name": "Nepal",
                "admin1pcod": f"{ISO_NUMERIC} {one + 1}",
                "admin1name": _FIRST[one],
                "admin2pcod": f"{ISO_NUMERIC} {one + 1} {two + 1:02}",
                "admin2name": f"{_STEMS[two]}nchal",
                "admin3pcod": f"{ISO_NUMERIC} {one + 1} {two + 1:02} {number + 1:02}",
                "admin3name": names[number],
                "geometry": outline(tiles.polygons[members]),
            }
        )
    return gpd.GeoDataFrame(pd.DataFrame(rows), geometry="geometry", crs="EPSG:4326")


def _level(regions: gpd.GeoDataFrame, level: int) -> gpd.GeoDataFrame:
    columns = [f"admin{above}{kind}" for above in range(level + 1) for kind in ("pcod", "name")]
    rows = [
        {**group[columns].iloc[0], "geometry": outline(group.geometry.to_numpy())}
        for _, group in regions.groupby(f"admin{level}pcod", sort=True)
    ]
    return gpd.GeoDataFrame(pd.DataFrame(rows), geometry="geometry", crs="EPSG:4326")
