"""Regions on a plane: what maps are drawn on."""

from collections.abc import Mapping
from typing import Any

import geopandas as gpd

SQUARE_METRES_IN_100_KM2 = 100 * 1000 * 1000


def regions_from_geojson(collection: Mapping[str, Any]) -> gpd.GeoDataFrame:
    """Return the regions of a geography answer, on an equal-area plane centred on them.

    Parameters
    ----------
    collection
        What `flowclient.get_geography` returns: a GeoJSON FeatureCollection in longitude and latitude
        whose features are polygons with the property ``pcod``.

    Returns
    -------
    GeoDataFrame
        Indexed by ``pcod``; ``name``, or the ``pcod`` again where a region has none; ``geometry`` in
        metres; ``area`` in units of 100 km².

    Raises
    ------
    ValueError
        If there are no features, one has no ``pcod``, or they are points.
    """
    features = collection["features"]
    if not features or any("pcod" not in feature["properties"] for feature in features):
        raise ValueError("A map needs regions: GeoJSON features that have the property 'pcod'.")
    frame = gpd.GeoDataFrame.from_features(features, crs="EPSG:4326")
    if not frame.geom_type.isin(["Polygon", "MultiPolygon"]).all():
        raise ValueError("A map needs regions that are polygons, such as those of admin3.")
    west, south, east, north = frame.total_bounds
    plane = (
        f"+proj=laea +lat_0={(south + north) / 2:.4f} +lon_0={(west + east) / 2:.4f} +datum=WGS84 +units=m"
    )
    frame["name"] = frame["name"].fillna(frame["pcod"]) if "name" in frame else frame["pcod"]
    projected = frame[["pcod", "name", "geometry"]].to_crs(plane).set_index("pcod").sort_index()
    projected["area"] = projected.geometry.area / SQUARE_METRES_IN_100_KM2
    return projected


def as_regions(regions: gpd.GeoDataFrame | Mapping[str, Any]) -> gpd.GeoDataFrame:
    """Return regions on a plane, whether they are already or come from the server."""
    return regions if isinstance(regions, gpd.GeoDataFrame) else regions_from_geojson(regions)
