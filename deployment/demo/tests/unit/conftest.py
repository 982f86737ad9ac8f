"""A country of four squares, with answers about it."""

from datetime import date
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest

from flowclient.maps import regions_from_geojson
from flowkit_demo import Answers

CODES = ("A", "B", "C", "D")


def square(west: float, south: float) -> dict[str, Any]:
    corners = [(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]
    ring = [[west + x, south + y] for x, y in corners]
    return {"type": "MultiPolygon", "coordinates": [[ring]]}


@pytest.fixture
def geography() -> dict[str, Any]:
    places = zip(CODES, [(80, 27), (81, 27), (80, 28), (81, 28)], strict=True)
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"pcod": pcod, "centroid": "POINT(0 0)"},
                "geometry": square(west, south),
            }
            for pcod, (west, south) in places
        ],
    }


@pytest.fixture
def regions(geography: dict[str, Any]) -> gpd.GeoDataFrame:
    return regions_from_geojson(geography)


@pytest.fixture
def answers(geography: dict[str, Any]) -> Answers:
    return Answers(
        dates={"calls": ["2016-01-01", "2016-01-02"], "sms": ["2016-01-01"]},
        first=date(2016, 1, 1),
        other=date(2016, 1, 2),
        geography=geography,
        residents=pd.DataFrame({"pcod": ["A", "B", "C"], "value": [400, 200, 20]}),
        flows=pd.DataFrame(
            {"pcod_from": ["A", "A", "B"], "pcod_to": ["A", "B", "A"], "value": [300, 60, 40]}
        ),
        visitors=pd.DataFrame({"pcod": ["A"], "value": [500]}),
        events=pd.DataFrame(
            {"pcod": ["A", "B"], "date": ["2016-01-01"] * 2, "hour": [8, 23], "value": [70, 30]}
        ),
    )
