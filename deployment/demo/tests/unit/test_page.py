"""The page holds everything and asks the internet for nothing."""

import json
import re
from pathlib import Path

import geopandas as gpd
import pytest

from flowkit_demo import Answers, draw_choropleth, draw_flows
from flowkit_demo.page import drawing, write_page


@pytest.fixture
def page(regions: gpd.GeoDataFrame, answers: Answers, tmp_path: Path) -> str:
    choropleth = draw_choropleth(regions, answers.residents, title="t", subtitle="s", file=tmp_path / "a.png")
    flow_map = draw_flows(regions, answers.flows, title="t", subtitle="s", file=tmp_path / "b.png")
    file = write_page(
        regions, answers, choropleth=choropleth, flow_map=flow_map, file=tmp_path / "index.html"
    )
    return file.read_text()


def test_it_refers_to_nothing_outside_itself(page: str) -> None:
    assert set(re.findall(r"https?://[^\"' ]+", page)) == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"<link|<script src|@import|url\(", page)
    assert all(source.startswith("data:image/png;base64,") for source in re.findall(r'src="([^"]*)"', page))


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
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"")
    file = write_page(regions, answers, choropleth=picture, flow_map=picture, file=tmp_path / "page.html")
    assert "<script>alert(1)" not in file.read_text()
