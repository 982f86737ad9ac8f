"""A country of four squares, and a fifth region with a hole."""

from typing import Any

import geopandas as gpd
import pytest

from flowclient.maps import regions_from_geojson


def square(west: float, south: float, size: float = 1) -> list[list[float]]:
    corners = [(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]
    return [[west + x * size, south + y * size] for x, y in corners]


def feature(code: str, *rings: list[list[float]], **properties: str) -> dict[str, Any]:
    geometry = {"type": "MultiPolygon", "coordinates": [list(rings)]}
    return {"type": "Feature", "properties": {"pcod": code, **properties}, "geometry": geometry}


@pytest.fixture
def geography() -> dict[str, Any]:
    return {
        "type": "FeatureCollection",
        "features": [
            feature("A", square(80, 27), name="Upper & <Valley>"),
            feature("B", square(81, 27)),
            feature("C", square(80, 28)),
            feature("D", square(81, 28)),
            feature("E", square(82, 27), square(82.3, 27.3, 0.4)),
        ],
    }


@pytest.fixture
def regions(geography: dict[str, Any]) -> gpd.GeoDataFrame:
    return regions_from_geojson(geography)
