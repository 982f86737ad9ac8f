"""The bundled geography: the outline of Nepal, divided into regions that exist only here.

The outline is that of Natural Earth (1:10m, public domain). The regions, their names and their
codes are synthetic: :mod:`flowdb.geography.invent` made them, for demonstrations and tests.
"""

from functools import cache
from importlib.resources import as_file, files

import geopandas as gpd
import pandas as pd
import shapely

ISO_NUMERIC = "524"
COUNTS = (1, 5, 14, 75)
"""How many regions each level has."""


@cache
def bundled_levels() -> tuple[gpd.GeoDataFrame, ...]:
    """Return the regions of levels 0 to 3.

    Returns
    -------
    tuple of GeoDataFrame
        One per level; columns ``admin{n}pcod`` and ``admin{n}name`` of the level and of those above
        it, and ``geometry``, in EPSG:4326.
    """
    with as_file(files("flowdb") / "data" / "nepal-regions.geojson") as path:
        regions = gpd.read_file(path)
    return tuple(_level(regions, level) for level in range(len(COUNTS)))


def _level(regions: gpd.GeoDataFrame, level: int) -> gpd.GeoDataFrame:
    columns = [f"admin{above}{kind}" for above in range(level + 1) for kind in ("pcod", "name")]
    rows = [
        {**group[columns].iloc[0], "geometry": _joined(group.geometry.to_numpy())}
        for _, group in regions.groupby(f"admin{level}pcod", sort=True)
    ]
    return gpd.GeoDataFrame(pd.DataFrame(rows), geometry="geometry", crs="EPSG:4326")


def _joined(regions: "list[shapely.Geometry]") -> shapely.MultiPolygon:
    """Join regions, which meet exactly, into one multipolygon that is written the same way everywhere."""
    if len(regions) == 1:
        return regions[0]
    joined = shapely.coverage_union_all(regions)
    return shapely.normalize(shapely.multipolygons(shapely.get_parts(joined)))
