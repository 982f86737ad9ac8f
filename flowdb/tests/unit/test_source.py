from pathlib import Path

import geopandas as gpd
import pytest
from shapely.geometry import MultiPolygon, Point, Polygon, box

from flowdb.geography.source import GeographyError, read_regions, regions_of_level


def frame(**columns: object) -> gpd.GeoDataFrame:
    data = {"code": ["A", "B"], "geometry": [box(0, 0, 1, 1), box(1, 0, 2, 1)]} | columns
    return gpd.GeoDataFrame(data, crs="EPSG:4326")


CODE = {"pcod": "code"}


def test_codes_names_and_ancestors_get_their_columns() -> None:
    regions = regions_of_level(
        frame(label=["One", "Two"], province=["P", "P"]),
        2,
        {"pcod": "code", "name": "label", "admin1pcod": "province"},
    )
    assert list(regions.columns) == ["admin1pcod", "admin2pcod", "admin2name", "geometry"]
    assert list(regions.admin2name) == ["One", "Two"]
    assert set(regions.geom_type) == {"MultiPolygon"}


def test_columns_of_the_final_name_need_no_mapping() -> None:
    regions = regions_of_level(frame(ADMIN1PCOD=["x", "y"], Admin1Name=["X", "Y"]), 1, {})
    assert list(regions.admin1pcod) == ["x", "y"]
    assert list(regions.admin1name) == ["X", "Y"]


def test_without_a_name_the_code_serves() -> None:
    assert list(regions_of_level(frame(), 1, CODE).admin1name) == ["A", "B"]


def test_numbers_become_codes_without_decimals() -> None:
    assert list(regions_of_level(frame(code=[1.0, 20.0]), 1, CODE).admin1pcod) == ["1", "20"]


def test_other_coordinate_systems_are_transformed() -> None:
    regions = regions_of_level(frame().to_crs("EPSG:3857"), 1, CODE)
    assert regions.total_bounds == pytest.approx((0, 0, 2, 1))


def test_invalid_shapes_are_made_valid() -> None:
    bow_tie = Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    regions = regions_of_level(frame(geometry=[bow_tie, MultiPolygon([box(5, 5, 6, 6)])]), 1, CODE)
    assert regions.geometry.is_valid.all()
    assert regions.geometry.iloc[0].area == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("changes", "level", "fields", "message"),
    [
        ({"code": ["A", "A"]}, 1, CODE, "more than one region has: A"),
        ({"code": ["A", None]}, 1, CODE, "without a code: row 2"),
        ({"code": ["", "B"]}, 1, CODE, "without a code: row 1"),
        ({}, 0, CODE, "one region, not 2"),
        ({}, 1, {}, "--field pcod=COLUMN; there are: code"),
        ({}, 1, {"pcod": "kode"}, "no column 'kode'"),
        ({}, 1, CODE | {"admin2pcod": "code"}, "Unknown field admin2pcod"),
        ({"geometry": [Point(0, 0), box(0, 0, 1, 1)]}, 1, CODE, "'A' is not an area but Point"),
        ({"geometry": [None, box(0, 0, 1, 1)]}, 1, CODE, "'A' is not an area but nothing"),
        ({"geometry": [box(0, 0, 1, 1), box(0, 0, 500, 1)]}, 1, CODE, "'B' lies outside the world"),
    ],
)
def test_what_cannot_be_loaded_is_named(
    changes: dict[str, object], level: int, fields: dict[str, str], message: str
) -> None:
    with pytest.raises(GeographyError, match=message):
        regions_of_level(frame(**changes), level, fields)


@pytest.mark.parametrize("suffix", ["gpkg", "geojson", "shp"])
def test_the_three_formats_are_read(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"regions.{suffix}"
    frame().to_file(path)
    assert list(regions_of_level(read_regions(path), 1, CODE).admin1pcod) == ["A", "B"]


def test_a_file_without_a_coordinate_system_asks_for_it(tmp_path: Path) -> None:
    path = tmp_path / "regions.shp"
    frame().to_file(path)
    path.with_suffix(".prj").unlink()
    with pytest.raises(GeographyError, match="--crs"):
        read_regions(path)
    assert read_regions(path, crs="EPSG:4326").crs == "EPSG:4326"


def test_files_that_are_none_are_named(tmp_path: Path) -> None:
    with pytest.raises(GeographyError, match="does not exist"):
        read_regions(tmp_path / "absent.gpkg")
    path = tmp_path / "text.gpkg"
    path.write_text("not a GeoPackage")
    with pytest.raises(GeographyError, match="cannot be read"):
        read_regions(path)
