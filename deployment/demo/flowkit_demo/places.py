"""Regions on a plane: what both maps and the page are drawn on."""

from typing import Any

import geopandas as gpd

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
        Indexed by ``pcod``; ``geometry`` in metres; ``area`` in units of 100 km².
    """
    frame = gpd.GeoDataFrame.from_features(collection["features"], crs="EPSG:4326")
    west, south, east, north = frame.total_bounds
    plane = (
        f"+proj=laea +lat_0={(south + north) / 2:.4f} +lon_0={(west + east) / 2:.4f} +datum=WGS84 +units=m"
    )
    projected = frame[["pcod", "geometry"]].to_crs(plane).set_index("pcod").sort_index()
    projected["area"] = projected.geometry.area / SQUARE_METRES_IN_100_KM2
    return projected
