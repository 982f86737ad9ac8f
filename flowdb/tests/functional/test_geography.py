"""``flowdb load-geography`` against a real database."""

from pathlib import Path

import geopandas as gpd
import pytest
from shapely.geometry import box


@pytest.fixture
def regions(tmp_path: Path):
    """Return a function that writes regions to a file and returns its path."""

    def write(name: str, codes: list[str], crs: str = "EPSG:4326") -> str:
        shapes = [box(number, 0, number + 1, 1) for number in range(len(codes))]
        names = [f"The region {code}" for code in codes]
        frame = gpd.GeoDataFrame({"code": codes, "label": names, "geometry": shapes}, crs="EPSG:4326")
        frame.to_crs(crs).to_file(tmp_path / name)
        return str(tmp_path / name)

    return write


@pytest.fixture(autouse=True)
def no_level_seven(ask):
    """Leave no table of these tests behind."""
    yield
    ask("DROP TABLE IF EXISTS geography.admin7, cache.xresult")
    ask("DELETE FROM cache.cached")


def load(flowdb, path: str, *more: str):
    return flowdb("load-geography", path, "--level", "7", "--field", "pcod=code", *more)


@pytest.mark.parametrize("name", ["a.gpkg", "a.geojson", "a.shp"])
def test_regions_of_each_format_become_a_table(flowdb, ask, regions, name: str) -> None:
    crs = "EPSG:4326" if name.endswith("geojson") else "EPSG:3857"
    result = load(flowdb, regions(name, ["A", "B"], crs), "--field", "name=label")
    assert result.exit_code == 0, result.output
    assert "geography.admin7: 2 regions." in result.output
    assert ask(
        "SELECT admin7pcod, admin7name, ST_SRID(geom), GeometryType(geom), round(ST_Area(geom)::numeric, 6) "
        "FROM geography.admin7 ORDER BY gid"
    ) == [
        ("A", "The region A", 4326, "MULTIPOLYGON", 1),
        ("B", "The region B", 4326, "MULTIPOLYGON", 1),
    ]
    indexes = {row[0] for row in ask("SELECT indexname FROM pg_indexes WHERE tablename = 'admin7'")}
    assert "admin7_geom_gist" in indexes


@pytest.mark.parametrize("role", ["flowmachine", "flowapi"])
def test_both_roles_read_the_regions(flowdb, ask, regions, role: str) -> None:
    load(flowdb, regions("a.gpkg", ["A"]))
    assert ask("SELECT admin7pcod FROM geography.admin7", role=role) == [("A",)]


def test_loading_again_replaces_and_forgets_results(flowdb, ask, regions) -> None:
    load(flowdb, regions("a.gpkg", ["A", "B"]))
    ask("CREATE TABLE cache.xresult AS SELECT 1 AS value", role="flowmachine")
    ask(
        "INSERT INTO cache.cached (query_id, schema, tablename) VALUES ('q', "
        "'cache', 'xresult'), ('t', 'events', 'sms')"
    )
    result = load(flowdb, regions("b.gpkg", ["C"]))
    assert "2 stored results dropped" in result.output
    assert ask("SELECT admin7pcod FROM geography.admin7") == [("C",)]
    assert ask("SELECT count(*) FROM cache.cached") == [(0,)]
    assert ask("SELECT to_regclass('cache.xresult'), to_regclass('events.sms') IS NULL") == [(None, False)]


def test_what_cannot_be_loaded_changes_nothing(flowdb, ask, regions) -> None:
    load(flowdb, regions("a.gpkg", ["A"]))
    result = load(flowdb, regions("b.gpkg", ["B", "B"]))
    assert result.exit_code == 1
    assert "Codes that more than one region has: B" in result.output
    assert ask("SELECT admin7pcod FROM geography.admin7") == [("A",)]


def test_a_table_others_rest_on_is_not_torn_from_under_them(flowdb, ask, regions) -> None:
    load(flowdb, regions("a.gpkg", ["A"]))
    ask("CREATE VIEW public.resting AS SELECT * FROM geography.admin7")
    try:
        result = load(flowdb, regions("b.gpkg", ["B"]))
        assert result.exit_code == 1
        assert "public.resting" in result.output or "view resting" in result.output
        assert ask("SELECT admin7pcod FROM geography.admin7") == [("A",)]
    finally:
        ask("DROP VIEW public.resting")


def test_names_are_never_part_of_a_statement(flowdb, ask, tmp_path: Path) -> None:
    name = "x'); DROP TABLE events.calls; --"
    frame = gpd.GeoDataFrame({"code": [name], "geometry": [box(0, 0, 1, 1)]}, crs="EPSG:4326")
    frame.to_file(tmp_path / "a.gpkg")
    assert load(flowdb, str(tmp_path / "a.gpkg")).exit_code == 0
    assert ask("SELECT admin7name FROM geography.admin7") == [(name,)]
    assert ask("SELECT to_regclass('events.calls') IS NOT NULL") == [(True,)]


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("file.gpkg",),
        ("file.gpkg", "--level", "1", "--bundled"),
        ("file.gpkg", "--level", "1", "--field", "x"),
    ],
)
def test_what_is_missing_is_said(flowdb, arguments: tuple[str, ...]) -> None:
    result = flowdb("load-geography", *arguments)
    assert result.exit_code == 2
    assert "Usage:" in result.output
