"""Regions on a plane: what both maps and the page are drawn on."""

from typing import Any

import geopandas as gpd
import pandas as pd

SQUARE_METRES_IN_100_KM2 = 100 * 1000 * 1000


def regions_from_geojson(collection: dict[str, Any]) -> gpd.GeoDataFrame:
    """Return the regions of a geography answer, on an equal-area plane centred on them.

    Parameters
    ----------
    collection
        A GeoJSON FeatureCollection in longitude and latitude whose features have the property ``pcod``.

    Returns
    -------
    GeoDataFrame
        Indexed by ``pcod``; ``name``, or the ``pcod`` again where a region has none; ``geometry`` in
        metres; ``area`` in units of 100 km².
    """
    frame = gpd.GeoDataFrame.from_features(collection["features"], crs="EPSG:4326")
    west, south, east, north = frame.total_bounds
    plane = (
        f"+proj=laea +lat_0={(south + north) / 2:.4f} +lon_0={(west + east) / 2:.4f} +datum=WGS84 +units=m"
    )
    frame["name"] = frame["name"].fillna(frame["pcod"]) if "name" in frame else frame["pcod"]
    projected = frame[["pcod", "name", "geometry"]].to_crs(plane).set_index("pcod").sort_index()
    projected["area"] = projected.geometry.area / SQUARE_METRES_IN_100_KM2
    return projected


def with_names(table: pd.DataFrame, regions: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return a table with the name of each region beside its ``pcod``."""
    named = table.copy()
    for column in [name for name in table.columns if name.startswith("pcod")]:
        names = table[column].map(regions["name"])
        named.insert(list(named.columns).index(column) + 1, column.replace("pcod", "name"), names)
    return named
