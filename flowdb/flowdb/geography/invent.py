"""How the bundled regions of Nepal and The Gambia were made, from their outlines and fixed seeds.

``python -m flowdb.geography.invent DIRECTORY`` makes the files again. They are what is bundled, since other
releases of the libraries may make others.
"""

import json
import sys
from importlib.resources import as_file, files
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from flowdb.geography.divide import Ints, Tiles, cut, grow, outline, shares
from flowdb.geography.nepal import COUNTS, ISO_NUMERIC

_SEED = 524
_TILES = 9000
_GAMBIAN_SEED = 270
_GAMBIAN_TILES = 1500
_GAMBIAN_DISTRICTS = 37
_GAMBIAN_STEMS = (
    *("Banta", "Kerewa", "Sinchu", "Jarra", "Tuman", "Fula", "Kossem", "Badari", "Wulen", "Madina"),
)
_GAMBIAN_ENDS = ("Ba", "Ding", "Koto", "Kunda")

_FIRST = ("Suryakhand", "Madhyakhand", "Himkhand", "Vanakhand", "Nadikhand")
_STEMS = (
    *("Aru", "Bela", "Chani", "Deura", "Goma", "Hira", "Jala", "Kesa", "Lali", "Mohi", "Nira", "Ojha"),
    *("Pipa", "Rasu", "Seta", "Tiro", "Ujja", "Vima", "Yama", "Bhoja", "Dhuna", "Gaja", "Khara", "Phula"),
)
_ENDINGS = ("kot", "pur", "gaun", "danda", "besi", "tar", "nagar", "khet", "ghat", "bari")


def _country(name: str) -> shapely.Geometry:
    with as_file(files("flowdb") / "data" / name) as path:
        return gpd.read_file(path).geometry.iloc[0]


def districts_of_the_gambia() -> gpd.GeoDataFrame:
    """Return regions of a second country, from the mouth of its river upwards."""
    rng = np.random.default_rng(_GAMBIAN_SEED)
    tiles = cut(_country("gambia.geojson"), _GAMBIAN_TILES, rng)
    everything = np.arange(len(tiles.points))
    owner = grow(tiles, everything, _GAMBIAN_DISTRICTS, rng)
    parts = [everything[owner == region] for region in range(_GAMBIAN_DISTRICTS)]
    parts.sort(key=lambda part: float(tiles.points[part, 0].mean()))
    rows = [
        {
            "district_n": f"{_GAMBIAN_STEMS[number // 4]} {_GAMBIAN_ENDS[number % 4]}",
            "district_c": f"GMB{number + 1:02}",
            "geometry": outline(tiles.polygons[members]),
        }
        for number, members in enumerate(parts)
    ]
    return gpd.GeoDataFrame(pd.DataFrame(rows), geometry="geometry", crs="EPSG:4326")


def invented_regions() -> gpd.GeoDataFrame:
    """Return the regions of Nepal of the lowest level, with codes and names of all levels."""
    country = _country("nepal.geojson")
    rng = np.random.default_rng(_SEED)
    tiles = cut(country, _TILES, rng)
    everything = np.arange(len(tiles.points))
    first = _subdivide(tiles, [everything], [COUNTS[1]], rng)
    second = _subdivide(tiles, first, _counts(tiles, first, COUNTS[2], 2), rng)
    third = _subdivide(tiles, second, _counts(tiles, second, COUNTS[3], 3), rng)
    return _named(tiles, (first, second, third), rng)


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


def _features(regions: gpd.GeoDataFrame) -> str:
    """Return regions as GeoJSON, one a line."""
    lines = [
        json.dumps(
            {
                "type": "Feature",
                "properties": row.drop("geometry").to_dict(),
                "geometry": json.loads(shapely.to_geojson(row.geometry)),
            },
            separators=(",", ":"),
        )
        for _, row in regions.iterrows()
    ]
    return '{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n"


if __name__ == "__main__":
    for name, made in (
        ("nepal-regions", invented_regions()),
        ("gambia-districts", districts_of_the_gambia()),
    ):
        (Path(sys.argv[1]) / f"{name}.geojson").write_text(_features(made), encoding="utf-8")
