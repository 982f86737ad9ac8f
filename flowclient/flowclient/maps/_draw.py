"""The map that fits a result."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from flowclient.maps._choropleth import choropleth
from flowclient.maps._flow_map import flow_map
from flowclient.maps._map import Map

ORIGIN = "pcod_from"


def draw(geography: Mapping[str, Any], result: pd.DataFrame, *, per_area: bool, **options: Any) -> Map:
    """Draw a result that is about pairs of regions as flows, any other by colour."""
    if ORIGIN not in result:
        return choropleth(geography, result, per_area=per_area, **options)
    if per_area:
        raise ValueError("per_area is for numbers by region; this result is about pairs of regions.")
    return flow_map(geography, result, **options)
