"""A map shows itself, is saved, and needs nothing outside itself."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pandas as pd
import pytest
from PIL import Image

from flowclient.maps import Map, choropleth

from .pictures import elements


@pytest.fixture
def drawn(geography: dict[str, Any]) -> Map:
    values = pd.DataFrame({"pcod": ["A", "B"], "value": [20, 200]})
    return choropleth(geography, values, title="Here & <there>")


@pytest.mark.parametrize("ending", ["png", "svg", "pdf", "html"])
def test_it_is_saved(drawn: Map, tmp_path: Path, ending: str) -> None:
    path = drawn.save(tmp_path / f"map.{ending}")
    begins = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF", "html": b"<!doctype html>"}
    assert path.read_bytes().startswith(begins[ending])


def test_resolution_of_a_picture(drawn: Map, tmp_path: Path) -> None:
    with Image.open(drawn.save(tmp_path / "map.png", dots_per_inch=50)) as picture:
        assert picture.width == 550


def test_other_endings_are_refused(drawn: Map, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"Expected one that ends in one of \.png, \.svg, \.pdf, \.html"):
        drawn.save(tmp_path / "map.gif")
    assert list(tmp_path.iterdir()) == []


def test_it_refers_to_nothing_outside_itself(drawn: Map, tmp_path: Path) -> None:
    page = drawn.save(tmp_path / "map.html").read_text()
    namespaces = {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert set(re.findall(r"https?://[^\"' ]+", page)) <= namespaces
    assert not re.search(r"<link|<script|@import|<image", page)
    for reference in re.findall(r"(?:href=\"|url\()([^\")]+)", page):
        assert reference.startswith("#")
        assert f'id="{reference[1:]}"' in page


def test_text_is_escaped(drawn: Map) -> None:
    assert elements(drawn).get("aria-label") == "Here & <there>"
    assert "<there>" not in drawn._repr_html_()
    assert "<Valley>" not in drawn._repr_html_()


def test_the_same_map_is_the_same_text(geography: dict[str, Any], drawn: Map) -> None:
    values = pd.DataFrame({"pcod": ["A", "B"], "value": [20, 200]})
    again = choropleth(geography, values, title="Here & <there>")
    assert drawn.svg() == again.svg() == drawn.svg()


def test_a_style_of_the_notebook_changes_nothing(geography: dict[str, Any], drawn: Map) -> None:
    values = pd.DataFrame({"pcod": ["A", "B"], "value": [20, 200]})
    own = {
        "text.color": "white",
        "font.family": "serif",
        "hatch.linewidth": 5,
        "savefig.bbox": "tight",
        "savefig.facecolor": "black",
    }
    with mpl.rc_context(own):
        again = choropleth(geography, values, title="Here & <there>")
        assert again.svg() == drawn.svg()


def test_money_is_no_mathematics(geography: dict[str, Any]) -> None:
    values = pd.DataFrame({"pcod": ["A", "B"], "value": [20, 200]})
    drawn = choropleth(geography, values, title="From $a", subtitle="to $b or $c", unit="$d to $e")
    # Mathematics has its letters slanted.
    assert "DejaVuSans-" in drawn.svg()
    assert "Oblique" not in drawn.svg()


def test_repr(drawn: Map) -> None:
    assert repr(drawn) == "<flowclient.maps._map.Map object, title='Here & <there>'>"


def test_missing_libraries_are_named() -> None:
    code = "import sys; sys.modules['geopandas'] = None; import flowclient.maps"
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "needs the package geopandas, which is not installed here" in finished.stderr
    assert finished.stderr.endswith("pip install 'flowclient[maps]'\n")


def test_a_long_unit_is_broken_into_lines(geography: dict[str, Any]) -> None:
    values = pd.DataFrame({"pcod": ["A", "B"], "value": [20, 200]})
    drawn = choropleth(geography, values, unit="Different subscribers seen in each region on one day")
    title = drawn.figure.legends[0].get_title().get_text()
    assert title == "Different subscribers seen\nin each region on one day"


def test_its_style_is_its_own(drawn: Map) -> None:
    (rules,) = re.findall(r"<style.*?>(.*?)</style>", drawn.svg())
    assert [rule.split("{")[0].strip() for rule in rules.split("}")[:-1]] == [".flowclient-map *"]
    assert elements(drawn).get("class") == "flowclient-map"


def test_a_notebook_keeps_it_as_one_line(drawn: Map) -> None:
    assert "\n" not in drawn._repr_html_()
