"""The maps say what the numbers say."""

from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from PIL import Image

from flowkit_demo import Answers, draw_choropleth, draw_flows, regions_from_geojson
from flowkit_demo.choropleth import class_breaks
from flowkit_demo.flow_map import moves, share_that_stayed
from flowkit_demo.places import with_names


def colours(file: Path) -> set[tuple[int, ...]]:
    with Image.open(file) as picture:
        counted = picture.convert("RGB").getcolors(2**24)
    return {colour for count, colour in counted if count > 500}


def test_areas_are_those_of_the_earth(regions: gpd.GeoDataFrame) -> None:
    # A square of one degree at 27.5 degrees north: 110.8 km by 98.7 km.
    assert regions.at["A", "area"] == pytest.approx(109.4, rel=0.005)


def test_regions_are_found_by_their_code(geography: dict[str, Any]) -> None:
    geography["features"].reverse()
    assert list(regions_from_geojson(geography).index) == ["A", "B", "C", "D"]


def test_class_breaks_hold_every_value_and_rise() -> None:
    values = pd.Series([0.03, 0.5, 1.26, 3.0, 77.7, 123.4, 999.5])
    breaks = class_breaks(values)
    assert breaks == sorted(set(breaks))
    assert breaks[-1] == values.max()


@pytest.mark.parametrize("values", [[], [5.0], [5.0, 5.0, 5.0], [0.0, 0.0, 7.0]])
def test_class_breaks_of_few_or_equal_values(values: list[float]) -> None:
    breaks = class_breaks(pd.Series(values, dtype=float))
    assert len(breaks) == len(set(breaks))
    assert bool(breaks) == bool(values)


def test_a_choropleth_shows_missing_regions_as_missing(
    regions: gpd.GeoDataFrame, answers: Answers, tmp_path: Path
) -> None:
    some = draw_choropleth(regions, answers.residents, title="t", subtitle="s", file=tmp_path / "some.png")
    none = draw_choropleth(
        regions, answers.residents.head(0), title="t", subtitle="s", file=tmp_path / "none.png"
    )
    dark, grey = (27, 63, 139), (217, 220, 222)
    assert {dark, grey} <= colours(some)
    assert dark not in colours(none)
    assert grey in colours(none)


def test_a_flow_map_draws_moves_and_not_those_who_stayed(
    regions: gpd.GeoDataFrame, answers: Answers, tmp_path: Path
) -> None:
    staying = answers.flows[answers.flows["pcod_from"] == answers.flows["pcod_to"]]
    with_moves = draw_flows(regions, answers.flows, title="t", subtitle="s", file=tmp_path / "moves.png")
    without = draw_flows(regions, staying, title="t", subtitle="s", file=tmp_path / "none.png")
    assert len(colours(with_moves)) > len(colours(without))


def test_a_flow_to_an_unknown_region_is_left_out(regions: gpd.GeoDataFrame, tmp_path: Path) -> None:
    flows = pd.DataFrame({"pcod_from": ["A"], "pcod_to": ["elsewhere"], "value": [99]})
    assert draw_flows(regions, flows, title="t", subtitle="s", file=tmp_path / "map.png").is_file()


def test_moves_and_the_share_that_stayed(answers: Answers) -> None:
    assert list(moves(answers.flows)["value"]) == [60, 40]
    assert share_that_stayed(answers.flows) == 0.75
    assert share_that_stayed(answers.flows.head(0)) == 0.0


def test_tables_name_the_regions_they_have_codes_of(geography: dict[str, Any], answers: Answers) -> None:
    geography["features"][0]["properties"]["name"] = "Upper Valley"
    regions = regions_from_geojson(geography)
    flows = with_names(answers.flows, regions)
    assert flows.columns.tolist() == ["pcod_from", "name_from", "pcod_to", "name_to", "value"]
    assert flows["name_from"].tolist() == ["Upper Valley", "Upper Valley", "B"]
    assert answers.flows.columns.tolist() == ["pcod_from", "pcod_to", "value"]
