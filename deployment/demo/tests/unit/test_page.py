"""The page holds everything and asks the internet for nothing."""

import json
import re
from pathlib import Path

import geopandas as gpd
import pytest

from flowkit_demo import Answers
from flowkit_demo.maps import map_of_flows, map_of_residents
from flowkit_demo.page import drawing, write_page


@pytest.fixture
def page(regions: gpd.GeoDataFrame, answers: Answers, tmp_path: Path) -> str:
    maps = [map_of_residents(regions, answers), map_of_flows(regions, answers)]
    return write_page(regions, answers, maps=maps, file=tmp_path / "index.html").read_text()


def test_it_refers_to_nothing_outside_itself(page: str) -> None:
    namespaces = {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert set(re.findall(r"https?://[^\"' ]+", page)) == namespaces
    assert not re.search(r"<link|<script src|@import|src=|url\((?!#)", page)


def test_its_data_is_what_was_answered(page: str, regions: gpd.GeoDataFrame, answers: Answers) -> None:
    (data,) = re.findall(r"^const data = (.*);$", page, flags=re.MULTILINE)
    assert json.loads(data) == json.loads(json.dumps(drawing(regions, answers)))


def test_what_was_not_released_is_null_and_never_zero(regions: gpd.GeoDataFrame, answers: Answers) -> None:
    drawn = {region["pcod"]: region for region in drawing(regions, answers)["regions"]}
    assert drawn["D"]["residents"] is None
    assert drawn["C"]["residents"] == 20
    assert drawn["A"]["hours"][8] == 70
    assert drawn["A"]["hours"][9] is None


def test_it_says_what_is_not_shown_and_where_the_data_is_from(page: str) -> None:
    assert "15 or fewer subscribers" in page
    assert "Natural Earth" in page


def test_text_from_the_data_is_escaped(regions: gpd.GeoDataFrame, answers: Answers, tmp_path: Path) -> None:
    answers.visitors.loc[0, "pcod"] = "<script>alert(1)</script>"
    file = write_page(regions, answers, maps=[], file=tmp_path / "page.html")
    assert "<script>alert(1)" not in file.read_text()
