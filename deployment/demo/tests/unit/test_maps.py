"""The maps of the worked example, and the words of its tables; how maps are drawn is tested in flowclient."""

from typing import Any

import geopandas as gpd

from flowclient.maps import regions_from_geojson
from flowkit_demo import Answers
from flowkit_demo.maps import map_of_flows, map_of_residents
from flowkit_demo.places import share_that_stayed, with_names


def test_the_map_of_residents_shows_each_region(regions: gpd.GeoDataFrame, answers: Answers) -> None:
    picture = map_of_residents(regions, answers).svg()
    for line in ("value: 400", "value: 200", "value: 20", "per 100 km²: withheld, or none"):
        assert picture.count(f"{line}</title>") == 1
    assert "last call or message, Friday, 1 January 2016" in picture


def test_the_map_of_flows_shows_moves_and_who_stayed(regions: gpd.GeoDataFrame, answers: Answers) -> None:
    picture = map_of_flows(regions, answers).svg()
    assert picture.count("→") == 2
    assert "75% of those counted were in the same region on both days." in picture


def test_the_share_that_stayed(answers: Answers) -> None:
    assert share_that_stayed(answers.flows) == 0.75
    assert share_that_stayed(answers.flows.head(0)) == 0.0


def test_tables_name_the_regions_they_have_codes_of(geography: dict[str, Any], answers: Answers) -> None:
    geography["features"][0]["properties"]["name"] = "Upper Valley"
    regions = regions_from_geojson(geography)
    flows = with_names(answers.flows, regions)
    assert flows.columns.tolist() == ["pcod_from", "name_from", "pcod_to", "name_to", "value"]
    assert flows["name_from"].tolist() == ["Upper Valley", "Upper Valley", "B"]
    assert answers.flows.columns.tolist() == ["pcod_from", "pcod_to", "value"]
