"""A choropleth says what the numbers say."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from flowclient.maps import choropleth, regions_from_geojson
from flowclient.maps._choropleth import class_breaks
from flowclient.maps._style import NOT_SHOWN, SEQUENCE, number

from .pictures import colours, fills, tips, words

VALUES = pd.DataFrame({"pcod": ["A", "B", "C"], "value": [20, 200, 4000]})


def test_areas_are_those_of_the_earth(regions: gpd.GeoDataFrame) -> None:
    # A square of one degree at 27.5 degrees north: 110.8 km by 98.7 km; the hole is 0.16 of one.
    assert regions.at["A", "area"] == pytest.approx(109.4, rel=0.005)
    assert regions.at["E", "area"] == pytest.approx(0.84 * 109.4, rel=0.005)


def test_regions_are_found_by_their_code(geography: dict[str, Any]) -> None:
    geography["features"].reverse()
    assert list(regions_from_geojson(geography).index) == ["A", "B", "C", "D", "E"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"features": []}, "needs regions"),
        ({"features": [{"properties": {}, "geometry": None}]}, "property 'pcod'"),
        (
            {
                "features": [
                    {"properties": {"pcod": "A"}, "geometry": {"type": "Point", "coordinates": [0, 0]}}
                ]
            },
            "polygons",
        ),
    ],
)
def test_what_has_no_regions_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        choropleth(change, VALUES)


def test_a_larger_number_is_darker_and_none_is_grey(geography: dict[str, Any]) -> None:
    drawn = fills(choropleth(geography, VALUES))
    places = [SEQUENCE.index(drawn[name]) for name in ("Upper & <Valley> (A)", "B", "C")]
    assert places == sorted(set(places))
    # The hatching has its own colour inside the pattern; the pattern is what fills the region.
    assert drawn["D"].startswith("url(#")
    assert drawn["D"] == drawn["E"]


def test_the_pointer_finds_the_numbers(geography: dict[str, Any]) -> None:
    found = tips(choropleth(geography, VALUES, unit="Subscribers per 100 km²", per_area=True))
    density = 200 / regions_from_geojson(geography).at["B", "area"]
    assert f"B\nSubscribers per 100 km²: {density:.2f}\nvalue: 200" in found
    assert "D\nSubscribers per 100 km²: withheld, or none" in found


def test_a_number_that_is_missing_is_no_zero(geography: dict[str, Any]) -> None:
    values = pd.DataFrame({"pcod": ["A", "B"], "value": [0.0, np.nan]})
    found = tips(choropleth(geography, values))
    assert "Upper & <Valley> (A)\nvalue: 0" in found
    assert "B\nvalue: withheld, or none" in found


def test_the_legend_names_unit_classes_and_what_is_withheld(geography: dict[str, Any]) -> None:
    text = words(choropleth(geography, VALUES, title="Title", subtitle="Day", unit="People", note="Source"))
    for word in ("Title", "Day", "People", "4,000", "withheld, or none", "Source", "km"):
        assert word in text
    everywhere = pd.DataFrame({"pcod": list("ABCDE"), "value": range(5)})
    assert "withheld" not in words(choropleth(geography, everywhere))


def test_rows_of_other_places_are_counted_below_the_map(geography: dict[str, Any]) -> None:
    values = pd.DataFrame({"pcod": ["A", "X"], "value": [1, 2]})
    assert "1 of 2 rows are of regions that this map does not have." in words(choropleth(geography, values))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"pcod": ["A", "A"], "value": [1, 2]}, "region A has several rows"),
        ({"pcod": ["A"], "value": ["x"]}, "column 'value' does not hold numbers"),
        ({"pcod": ["A"], "count": [1]}, "no column 'value', only pcod, count"),
        ({"lon": [1], "value": [1]}, "no column 'pcod'"),
    ],
)
def test_what_cannot_be_drawn_is_refused(
    geography: dict[str, Any], values: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        choropleth(geography, pd.DataFrame(values))


def test_a_result_without_rows_is_a_map_of_withheld_regions(
    geography: dict[str, Any], tmp_path: Path
) -> None:
    some = choropleth(geography, VALUES).save(tmp_path / "some.png")
    none = choropleth(geography, pd.DataFrame()).save(tmp_path / "none.png")
    dark, grey = (rgb(SEQUENCE[-1]), rgb(NOT_SHOWN))
    assert {dark, grey} <= colours(some)
    assert dark not in colours(none)
    assert grey in colours(none)


def rgb(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour.removeprefix("#")))


def test_class_breaks_hold_every_value_and_rise() -> None:
    values = pd.Series([0.03, 0.5, 1.26, 3.0, 77.7, 123.4, 999.5])
    breaks = class_breaks(values)
    assert breaks == sorted(set(breaks))
    assert breaks[-1] == values.max()


@pytest.mark.parametrize(
    "values", [[], [5.0], [5.0, 5.0, 5.0], [0.0, 0.0, 7.0], [-3.0, -1.0, 0.0, 4.0], [0.001, 0.002, 0.9]]
)
def test_class_breaks_of_few_equal_negative_or_small_values(values: list[float]) -> None:
    breaks = class_breaks(pd.Series(values, dtype=float))
    assert len(breaks) == len(set(breaks)) <= len(SEQUENCE)
    assert bool(breaks) == bool(values)
    assert all(min(values) <= bound <= max(values) for bound in breaks)


@pytest.mark.parametrize(
    ("value", "written"),
    [(0, "0"), (1738.2, "1,738"), (12.345, "12.3"), (1.0, "1"), (0.01234, "0.0123"), (-2.5, "-2.5")],
)
def test_numbers_as_they_are_written(value: float, written: str) -> None:
    assert number(value) == written


def test_colours_differ_in_lightness_alone_whatever_eyes_see() -> None:
    """Each step is darker than the last, by more than a viewer needs, also without one kind of cone."""
    kinds = {
        "usual": np.eye(3),
        # Viénot, Brettel and Mollon (1999), in linear RGB.
        "protan": np.array([[0.1124, 0.8876, 0], [0.1124, 0.8876, 0], [0.004, -0.004, 1]]),
        "deutan": np.array([[0.2927, 0.7073, 0], [0.2927, 0.7073, 0], [-0.0223, 0.0223, 1]]),
    }
    for seen in kinds.values():
        lightness = [perceived(seen @ linear(colour)) for colour in SEQUENCE]
        assert all(lighter - darker > 4 for lighter, darker in pairwise(lightness))


def linear(colour: str) -> np.ndarray:
    share = np.array(rgb(colour)) / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def perceived(light: np.ndarray) -> float:
    """Return the lightness (CIE L*, 0 to 100) of linear RGB."""
    luminance = float(light @ np.array([0.2126, 0.7152, 0.0722]))
    return 116 * luminance ** (1 / 3) - 16
