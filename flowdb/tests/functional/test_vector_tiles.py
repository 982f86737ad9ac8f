"""The helpers for vector tiles, by closed formulas."""

import math
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest
from conftest import cursor_of
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPoint, from_wkt
from shapely.geometry import box

from flowdb.testing import RunningFlowDB

on_database = settings(deadline=None, max_examples=60)
RADIUS = 6378137.0
WORLD = 2 * math.pi * RADIUS


@pytest.fixture(scope="module")
def ask(flowdb_cluster: RunningFlowDB) -> Iterator[Callable[..., list[tuple[Any, ...]]]]:
    """Yield a function that runs a statement in the one session of these tests, and returns its rows."""
    with cursor_of(flowdb_cluster.dsn()) as cursor:

        def run(statement: str, *values: Any, **named: Any) -> list[tuple[Any, ...]]:
            cursor.execute(statement, values or named or None)
            return cursor.fetchall()

        yield run


def latitude(y: float) -> float:
    """Return the latitude, in radians, of a northing of web Mercator."""
    return 2 * math.atan(math.exp(y / RADIUS)) - math.pi / 2


def test_bounds(ask) -> None:
    assert ask("SELECT bounds('LINESTRING(1 2, -3 4)')") == [([-3.0, 2.0, 1.0, 4.0],)]
    (found,) = ask("SELECT bounds('SRID=4326;LINESTRING(0 0, 180 45)', 3857)")[0]
    y = RADIUS * math.log(math.tan(math.pi / 4 + math.radians(45) / 2))
    assert found == pytest.approx([0, 0, WORLD / 2, y], abs=1e-6)


@pytest.mark.parametrize(
    ("text", "whole", "number"),
    [
        *(("3.7", 4, 3.7), (" 1e3 ", 1000, 1000), ("1e300", None, 1e300)),
        *(("x", None, None), ("", None, None), ("1e400", None, None), (None, None, None)),
    ],
)
def test_texts_to_numbers(ask, text: str | None, whole: int | None, number: float | None) -> None:
    ((found, exact),) = ask("SELECT cleanint(%s), cleannumeric(%s)", text, text)
    assert found == whole
    assert (None if exact is None else float(exact)) == number


@on_database
@given(x=st.floats(-1000, 1000), y=st.floats(-1000, 1000), size=st.sampled_from([1, 4, 10, 0.5]))
def test_labels_stand_in_the_middle_of_the_cells_of_a_grid(ask, x: float, y: float, size: float) -> None:
    ((text,),) = ask("SELECT labelgrid(ST_Point(%s, %s), %s)", x, y, size)
    label = from_wkt(text)
    for found, given_ in ((label.x, x), (label.y, y)):
        assert abs(found - given_) <= size / 2 * (1 + 1e-9)
        assert (found / size - 0.5) % 1 == pytest.approx(0, abs=1e-9)


def test_a_grid_without_a_size_has_no_labels(ask) -> None:
    assert ask("SELECT labelgrid('POINT(1 1)', 0), labelgrid('LINESTRING(3 3, 9 9)', 4)") == [
        ("null", "POINT(2 2)")
    ]


@pytest.mark.parametrize(
    ("parts", "largest"),
    [
        ("POINT(0 0), LINESTRING(0 0, 9 0), POLYGON((0 0, 1 0, 1 1, 0 0)), POLYGON((0 0, 2 0, 2 2, 0 0))", 3),
        ("POINT(0 0), LINESTRING(0 0, 1 0), LINESTRING(0 0, 9 0)", 2),
        ("POINT(5 5), POINT(0 0)", 0),
    ],
)
def test_the_largest_part(ask, parts: str, largest: int) -> None:
    collection = f"GEOMETRYCOLLECTION({parts})"
    assert ask(
        "SELECT ST_AsText(largestpart(%s)) = ST_AsText(ST_GeometryN(%s, %s))",
        collection,
        collection,
        largest + 1,
    ) == [(True,)]


@pytest.mark.parametrize("zoom", [14, 17, 20, 21])
@pytest.mark.parametrize("length", [0, 10, 100, 1000])
@pytest.mark.parametrize("label", ["", "Kathmandu"])
def test_a_line_takes_a_label_that_fits(ask, zoom: int, length: float, label: str) -> None:
    fits = zoom > 20 or length == 0 or 1 <= len(label) <= length / 2 ** (20 - zoom)
    assert ask(
        "SELECT linelabel(%s, %s, ST_MakeLine(ST_Point(0, 0), ST_Point(%s, 0)))", zoom, label, length
    ) == [(fits,)]


def test_an_arc_is_part_of_a_circle(ask) -> None:
    rows = ask(
        "SELECT ST_X(geom), ST_Y(geom), ST_SRID(geom) FROM ST_DumpPoints("
        "makearc(ST_Point(3, 0), ST_Point(0, 3), ST_Point(-3, 0), 3857))"
    )
    assert len(rows) > 30
    assert {srid for _, _, srid in rows} == {3857}
    assert [math.hypot(x, y) for x, y, _ in rows] == pytest.approx([3] * len(rows))
    assert all(y > -1e-9 for _, y, _ in rows)
    assert ask(
        "SELECT ST_SRID(makearc(p, p, 'SRID=4326;POINT(1 0)')) FROM (SELECT ST_Point(0, 0, 4326) AS p) AS q"
    )


@on_database
@given(y=st.floats(-8_000_000, 8_000_000), distance=st.floats(1, 1000))
def test_distances_on_the_ground(ask, y: float, distance: float) -> None:
    scale = math.cos(latitude(y))
    ((length, area, near, far),) = ask(
        "SELECT merclength(line), ST_Area(mercbuffer(point, %(d)s)), "
        "mercdwithin(point, ST_Translate(point, %(d)s / %(scale)s * 0.999, 0), %(d)s), "
        "mercdwithin(point, ST_Translate(point, %(d)s / %(scale)s * 1.001, 0), %(d)s) "
        "FROM (SELECT ST_SetSRID(ST_Point(0, %(y)s), 3857) AS point) AS p, "
        "LATERAL (SELECT ST_MakeLine(point, ST_Translate(point, %(d)s, 0)) AS line) AS l",
        d=distance,
        scale=scale,
        y=y,
    )
    assert length == pytest.approx(distance * scale)
    assert area == pytest.approx(16 * math.sin(2 * math.pi / 32) * (distance / scale) ** 2, rel=1e-6)
    assert (near, far) == (True, False)


coordinates = st.tuples(st.integers(-50, 50), st.integers(-50, 50))


@on_database
@given(st.lists(coordinates, min_size=3, max_size=8))
def test_the_oriented_envelope_is_the_smallest_rectangle(ask, corners: list[tuple[int, int]]) -> None:
    hull = MultiPoint(corners).convex_hull
    ((text,),) = ask("SELECT ST_AsText(orientedenvelope(%s))", MultiPoint(corners).wkt)
    found = from_wkt(text)
    assert found.buffer(1e-6).covers(hull)
    if hull.geom_type != "Polygon":
        assert found.area == pytest.approx(0, abs=1e-6)
        return
    ring = list(hull.exterior.coords)
    areas = []
    for (x0, y0), (x1, y1) in pairwise(ring):
        side = math.hypot(x1 - x0, y1 - y0)
        ux, uy = (x1 - x0) / side, (y1 - y0) / side
        along = [x * ux + y * uy for x, y in ring]
        across = [y * ux - x * uy for x, y in ring]
        areas.append((max(along) - min(along)) * (max(across) - min(across)))
    assert found.area == pytest.approx(min(areas))


@pytest.mark.parametrize("side", [10, 100, 1000])
@pytest.mark.parametrize("ratio", [0, 0.3, 0.5, 0.9, 1])
def test_shrinking_stops_before_the_share_is_gone(ask, side: int, ratio: float) -> None:
    shrunk, distance = 0, 1
    while max(side - 2 * distance, 0) ** 2 > ratio * side**2:
        shrunk, distance = distance, distance * 2
    for simplify in (True, False):
        ((text,),) = ask(
            "SELECT ST_AsText(smartshrink(ST_MakeEnvelope(0, 0, %s, %s), %s, %s))",
            side,
            side,
            ratio,
            simplify,
        )
        assert from_wkt(text).equals(box(shrunk, shrunk, side - shrunk, side - shrunk))


@pytest.mark.parametrize(("z", "x", "y"), [(0, 0, 0), (3, 5, 2), (14, 12039, 6869)])
def test_tiles(ask, z: int, x: int, y: int) -> None:
    size = WORLD / 2**z
    west, north = x * size - WORLD / 2, WORLD / 2 - y * size
    ((found, degrees),) = ask(
        "SELECT bounds(tilebbox(%s, %s, %s)), bounds(tilebbox(%s, %s, %s, 4326))", *[z, x, y] * 2
    )
    assert found == pytest.approx([west, north - size, west + size, north], abs=1e-6)
    assert degrees == pytest.approx(
        [
            *(math.degrees(west / RADIUS), math.degrees(latitude(north - size))),
            *(math.degrees((west + size) / RADIUS), math.degrees(latitude(north))),
        ]
    )


def test_a_point_of_a_shape_that_is_not_valid(ask) -> None:
    bow = "POLYGON((0 0, 4 4, 4 0, 0 4, 0 0))"
    assert ask("SELECT ST_Intersects(topoint(%s), ST_MakeValid(%s)), topoint('POLYGON EMPTY')", bow, bow) == [
        (True, None)
    ]


@pytest.mark.parametrize("zoom", [0, 5, 12.5])
def test_resolution(ask, zoom: float) -> None:
    assert ask("SELECT zres(%s)", zoom) == [(pytest.approx(WORLD / 256 / 2**zoom),)]


@pytest.mark.parametrize("scale", [1, 500, 1_000_000, 559_082_264, 600_000_000])
def test_zoom_of_a_scale(ask, scale: int) -> None:
    assert ask("SELECT z(%s)", scale) == [(round(math.log2(559082264.028 / scale)),)]


def test_scales_without_a_zoom(ask) -> None:
    assert ask("SELECT z(0), z(600000001), z(NULL), z(-5)") == [(None, None, None, None)]
