"""Infrastructure in service, circles, areas and clusters of points, and rasters, against the definitions."""

import datetime as dt
import itertools
import math
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import pytest
import shapely
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from flowmachine.core import make_spatial_unit, system_tables
from flowmachine.features import (
    Circle,
    CircleGeometries,
    DistanceMatrix,
    Geography,
    LocationArea,
    LocationCluster,
    RasterStatistics,
    VersionedInfrastructure,
)
from flowmachine.features.spatial.location_area import LocationAreaSize
from tests.country import CELLS, REGIONS
from tests.oracle.clusters_definitions import SITE_OF_CELL, SITES, Point, metres
from tests.oracle.sites import SiteRunner, insert_sites
from tests.oracle.sites import at_sites as at_sites
from tests.oracle.test_definitions import oracle

DAYS = ["2014-12-31", "2015-01-01", "2016-01-01", "2016-01-02", "2016-01-03", "2016-01-04", "2031-01-01"]
COUNTRY = shapely.box(0, 0, 4, 1)
INSIDE = [(site[0], site[4:]) for site in SITES if site[3] is None and site[0] != "far"]
"""Sites in service from the third day on, but the one that is far away."""


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("table", ["sites", "cells"])
def test_versioned_infrastructure(at_sites: SiteRunner, table: str, day: str) -> None:
    query = VersionedInfrastructure(table, day)
    names = query.column_names
    rows = [dict(zip(names, row, strict=True)) for row in at_sites(query)]
    on = dt.date.fromisoformat(day)
    assert sorted((row["id"], row["version"]) for row in rows) == sorted(
        (id_, version)
        for id_, version, first, last, *_ in (SITES if table == "sites" else CELLS)
        if (first or dt.date.min) <= on <= (last or dt.date.max)
    )


def test_infrastructure_has_the_columns_of_flowdb(superuser: sa.Engine) -> None:
    for table in ("sites", "cells"):
        with superuser.connect() as connection:
            known = (
                connection.execute(system_tables.columns_statement(f"infrastructure.{table}")).scalars().all()
            )
        assert VersionedInfrastructure(table).column_names == known


def test_infrastructure_is_that_of_today_unless_a_day_is_given() -> None:
    today = dt.datetime.now(dt.UTC).date()
    made = VersionedInfrastructure()
    assert dt.date.fromisoformat(made.date) in (today, today + dt.timedelta(days=1))
    assert made.table == "sites"


circles = st.lists(
    st.tuples(
        st.sampled_from([0.5, 2.25, 40.0]),
        st.sampled_from([0.25, 0.5, -10.0]),
        st.sampled_from([100, 20_000.5]),
        st.sampled_from(["a", "it's", "c"]),
    ),
    min_size=1,
    max_size=4,
)


@oracle
@given(drawn=circles)
def test_circle_geometries(at_sites: SiteRunner, drawn: list[tuple[Any, ...]]) -> None:
    query = CircleGeometries([Circle(*circle) for circle in drawn])
    assert query == CircleGeometries([Circle(*circle) for circle in reversed(drawn)])
    rows = [(shapely.from_wkb(geom), name) for geom, name in at_sites(query)]
    found = sorted((name, round(shape.centroid.x, 4), round(shape.centroid.y, 4)) for shape, name in rows)
    assert found == sorted((name, lon, lat) for lon, lat, _, name in drawn)
    for shape, name in rows:
        middle = (shape.centroid.x, shape.centroid.y)
        far = [metres(middle, corner) for corner in shape.exterior.coords]
        assert any(max(far) == pytest.approx(radius, rel=0.01) for _, _, radius, own in drawn if own == name)


@pytest.mark.parametrize("unit", ["lon-lat", "versioned-cell", "versioned-site"])
def test_distances_of_points(at_sites: SiteRunner, unit: str) -> None:
    rows = at_sites(DistanceMatrix(make_spatial_unit(unit)).geom_matrix)
    found = {}
    for row in rows:
        one, other = (shapely.from_wkb(point).coords[0] for point in row[:2])
        found[one, other] = row[2]
    used = {site[4:] for site in SITES if site[0] in SITE_OF_CELL.values()}
    positions = used if unit == "versioned-site" else {cell[4:] for cell in CELLS}
    assert len(rows) == len(found)
    assert found == pytest.approx(
        {pair: metres(*pair) / 1000 for pair in itertools.product(positions, repeat=2)}, rel=1e-9
    )


@pytest.mark.parametrize("unit", ["lon-lat", "versioned-cell", "versioned-site"])
@pytest.mark.parametrize("with_geometry", [False, True])
def test_distances_of_locations(at_sites: SiteRunner, unit: str, with_geometry: bool) -> None:
    rows = at_sites(DistanceMatrix(make_spatial_unit(unit), return_geometry=with_geometry))
    locations = {
        "lon-lat": {cell[4:] for cell in CELLS},
        "versioned-cell": {(cell[0], cell[1], *cell[4:]) for cell in CELLS},
        "versioned-site": {
            (site[0], site[1], *site[4:]) for site in SITES if site[0] in SITE_OF_CELL.values()
        },
    }[unit]
    width = len(next(iter(locations)))
    found = {(row[:width], row[width : 2 * width]): row[2 * width] for row in rows}
    assert len(found) == len(rows)
    assert found == pytest.approx(
        {
            (one, other): metres(one[-2:], other[-2:]) / 1000
            for one, other in itertools.product(locations, repeat=2)
        },
        rel=1e-9,
    )
    if with_geometry:
        for row in rows:
            points = [shapely.from_wkb(point).coords[0] for point in row[-2:]]
            assert points == [row[width - 2 : width], row[2 * width - 2 : 2 * width]]


def test_a_circle_shows_what_it_is() -> None:
    circle = Circle(85.3, 27.7, 500, "temple")
    assert repr(circle) == "Circle(lon=85.3,lat=27.7,radius=500,name=temple)"
    assert circle.point_sql == "ST_SetSRID(ST_MakePoint(85.3, 27.7), 4326)"


# Tiles of rasters: the lower left corner, then rows of values from the north on; 0.25 degrees a side.
SIDE = 0.25
TILES = [
    ((0.0, 0.0), [[1.0, 2.0, 3.0, 4.0], [None, 6.0, 7.0, 8.0], [9.0, 1.0, 2.0, 3.0], [4.0, 5.0, 6.0, 7.0]]),
    (
        (1.0, 0.0),
        [[10.0, None, 30.0, 40.0], [1.0, 1.0, 1.0, 1.0], [2.0, 2.0, 2.0, 2.0], [3.0, 3.0, 3.0, 3.0]],
    ),
]


def insert_tiles(
    connection: sa.Connection, tiles: Sequence[tuple[Point, Sequence[Sequence[float | None]]]]
) -> None:
    """Make the table flowmachine.tiles, whose rasters have nothing but zeros in their first band."""
    insert_sites(connection)
    connection.exec_driver_sql("CREATE SCHEMA IF NOT EXISTS flowmachine")
    connection.exec_driver_sql("CREATE TABLE flowmachine.tiles (rast raster)")
    table = sa.table("tiles", sa.column("rast"), schema="flowmachine")
    for (west, south), rows in tiles:
        height, width = len(rows), len(rows[0])
        made = sa.func.ST_MakeEmptyRaster(
            width, height, west, south + SIDE * height, SIDE, -SIDE, 0.0, 0.0, 4326
        )
        for number in (1, 2):
            made = sa.func.ST_AddBand(made, number, sa.literal("64BF"), 0.0, -9999.0)
        values = [[-9999.0 if value is None else value for value in row] for row in rows]
        numbers = sa.cast(values, sa.ARRAY(sa.Double, dimensions=2))
        made = sa.func.ST_SetValues(made, 2, 1, 1, numbers)
        connection.execute(sa.insert(table).values(rast=made))


def pixels() -> list[tuple[Point, float]]:
    """List the centres of the pixels that have a value."""
    return [
        ((west + SIDE * (column + 0.5), south + SIDE * (len(rows) - row - 0.5)), value)
        for (west, south), rows in TILES
        for row, values in enumerate(rows)
        for column, value in enumerate(values)
        if value is not None
    ]


def with_tiles(connection: sa.Connection) -> None:
    insert_tiles(connection, TILES)


def test_the_sum_of_each_tile(at_sites: SiteRunner) -> None:
    rows = at_sites(RasterStatistics("tiles", 2), prepare=with_tiles)
    sums = [sum(value for row in rows for value in row if value is not None) for _, rows in TILES]
    assert sorted(rows) == sorted((total,) for total in sums)
    assert at_sites(RasterStatistics("flowmachine.tiles"), prepare=with_tiles) == [(0.0,)] * 2


def test_the_sum_in_each_region(at_sites: SiteRunner) -> None:
    for level in (2, 3):
        regions = Geography(make_spatial_unit("admin", level=level))
        query = RasterStatistics("tiles", 2, vector=regions, grouping_element="pcod")
        expected = defaultdict(float)
        for (x, _), value in pixels():
            for pcod, (west, east) in REGIONS[level].items():
                expected[pcod] += value if west < x < east else 0
        assert dict(at_sites(query, prepare=with_tiles)) == {k: v for k, v in expected.items() if v}


def test_the_sum_in_each_circle(at_sites: SiteRunner) -> None:
    drawn = [Circle(1.0, 0.5, 40_000, "a"), Circle(0.1, 0.1, 30_000, "b"), Circle(0.9, 0.4, 20_000, "b")]
    summed = CircleGeometries(drawn).raster_sum("tiles")
    query = RasterStatistics("tiles", 2, vector=summed.vector, grouping_element="name")
    expected = defaultdict(float)
    for circle, (at, value) in itertools.product(drawn, pixels()):
        # No centre of a pixel is near the edge of a circle.
        expected[circle.name] += value if metres((circle.lon, circle.lat), at) < circle.radius else 0
    assert dict(at_sites(query, prepare=with_tiles)) == pytest.approx(dict(expected))
    assert dict(at_sites(summed, prepare=with_tiles)) == {"a": 0.0, "b": 0.0}


def areas_of(at_sites: SiteRunner, **parameters: Any) -> dict[str, Any]:
    rows = at_sites(LocationArea(date="2016-01-04", **parameters))
    return {row[0]: shapely.from_wkb(row[2]) for row in rows}


def test_areas_within_a_radius(at_sites: SiteRunner) -> None:
    free = areas_of(at_sites, method="radius", radius=60, envelope_table=None)
    assert free.keys() == {*(name for name, _ in INSIDE), "far"}
    cut = areas_of(at_sites, method="radius", radius=60)
    assert cut.keys() == {name for name, _ in INSIDE}
    for name, at in INSIDE:
        far = [metres(at, corner) for corner in free[name].exterior.coords]
        assert max(far) == pytest.approx(60_000, rel=0.01)
        assert cut[name].equals_exact(free[name].intersection(COUNTRY), 1e-9) or cut[
            name
        ].symmetric_difference(free[name].intersection(COUNTRY)).area == pytest.approx(0, abs=1e-9)


GRID = [(x / 16 + 0.013, y / 8 + 0.021) for x in range(63) for y in range(8)]
"""Positions in the country, none of them as near to one site as to another."""


def test_a_tessellation_gives_every_position_to_the_nearest_point(at_sites: SiteRunner) -> None:
    areas = areas_of(at_sites)
    assert sum(area.area for area in areas.values()) == pytest.approx(COUNTRY.area)
    for at in GRID:
        nearest = min(INSIDE, key=lambda site: math.dist(site[1], at))[0]
        assert [name for name, area in areas.items() if area.contains(shapely.Point(at))] == [nearest]


def test_areas_that_are_nearest_and_within_the_radius(at_sites: SiteRunner) -> None:
    whole, near = areas_of(at_sites), areas_of(at_sites, method="radius", radius=30)
    both = areas_of(at_sites, method="radius-voronois", radius=30)
    assert both.keys() == whole.keys()
    for name, area in both.items():
        expected = whole[name].intersection(near[name])
        assert area.symmetric_difference(expected).area == pytest.approx(0, abs=1e-9)


def test_points_that_lie_on_each_other_or_alone(at_sites: SiteRunner) -> None:
    def one_site(connection: sa.Connection) -> None:
        names = ("id", "geom_point")
        point = sa.func.ST_SetSRID(sa.func.ST_MakePoint(0.5, 0.5), 4326)
        sites = sa.table("sites", *map(sa.column, names), schema="infrastructure")
        for name in ("a", "b"):
            connection.execute(sa.insert(sites).values(id=name, geom_point=point))

    rows = at_sites(LocationArea(), prepare=one_site)
    assert [(row[0], shapely.from_wkb(row[2]).equals(COUNTRY)) for row in sorted(rows)] == [
        ("a", True),
        ("b", True),
    ]
    assert at_sites(LocationArea(envelope_table=None), prepare=one_site) == []


def test_the_size_of_areas(at_sites: SiteRunner) -> None:
    areas = LocationArea(date="2016-01-04", method="radius", radius=10, envelope_table=None)
    for row in at_sites(LocationAreaSize(areas)):
        assert row[-1] == pytest.approx(math.pi * 10_000**2, rel=0.02)


def seen_from(heights: list[list[float]], eye: float, at: Point) -> set[tuple[int, int]]:
    """Follow every line of sight from the middle of a square of heights; rows from the north on."""
    half = len(heights) // 2
    cells = {
        (column - half, row - half): height
        for row, values in enumerate(heights)
        for column, height in enumerate(values)
    }

    def distance(cell: tuple[int, int]) -> float:
        return metres(at, (at[0] + SIDE * cell[0], at[1] - SIDE * cell[1]))

    edge = [cell for cell in cells if max(map(abs, cell)) == half]
    seen = {(0, 0)}
    for end in edge:
        # Half steps go away from the middle, as PostgreSQL rounds.
        line = [
            tuple(int(math.copysign(math.floor(abs(e * step) / half + 0.5), e)) for e in end)
            for step in range(1, half + 1)
        ]
        steepest = -math.inf
        for cell in sorted(line, key=distance):
            slope = (cells[cell] - cells[0, 0] - eye) / distance(cell)
            if slope > steepest:
                seen.add(cell)
                steepest = slope
    return seen


heights = st.lists(
    st.lists(st.sampled_from([0.0, 1000.0, 2000.0, 9000.0]), min_size=5, max_size=5), min_size=5, max_size=5
)


@oracle
@given(land=heights, eye=st.sampled_from([0, 1500]))
def test_viewshed(at_sites: SiteRunner, land: list[list[float]], eye: float) -> None:
    at = (0.5, 0.5)
    # The two tiles meet at the middle column's western edge.
    west = at[0] - 2.5 * SIDE
    south = at[1] - 2.5 * SIDE
    tiles = [
        ((west, south), [row[:2] for row in land]),
        ((west + 2 * SIDE, south), [row[2:] for row in land]),
    ]
    query = LocationArea(
        "cells",
        "2016-01-04",
        "viewshed",
        envelope_table=None,
        radius=200,
        dem="flowmachine.tiles",
        band=2,
        above_ground_position=eye,
    )
    rows = at_sites(query, prepare=lambda connection: insert_tiles(connection, tiles))
    shape = next(shapely.from_wkb(row[2]) for row in rows if row[0] == "c0")
    found = {
        (column, row)
        for column in range(-2, 3)
        for row in range(-2, 3)
        if shape.contains(shapely.Point(at[0] + SIDE * column, at[1] - SIDE * row))
    }
    assert found == seen_from(land, eye, at)
    assert shape.area == pytest.approx(SIDE**2 * len(found))


point = st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 6), st.integers(0, 3))
points = st.lists(point, min_size=5, max_size=14)
different = st.lists(point, min_size=1, max_size=14, unique=True)


def cluster(
    at_sites: SiteRunner, drawn: Sequence[tuple[str, int, int]], **parameters: Any
) -> list[tuple[Any, ...]]:
    """Cluster points that are 0.01 degrees apart."""

    def prepare(connection: sa.Connection) -> None:
        connection.exec_driver_sql("CREATE SCHEMA IF NOT EXISTS flowmachine")
        connection.exec_driver_sql("CREATE TABLE flowmachine.p (name text, g geometry(Point, 4326))")
        table = sa.table("p", sa.column("name"), sa.column("g"), schema="flowmachine")
        for name, x, y in drawn:
            point = sa.func.ST_SetSRID(sa.func.ST_MakePoint(x / 100, y / 100), 4326)
            connection.execute(sa.insert(table).values(name=name, g=point))

    return at_sites(LocationCluster("p", "name", "g", **parameters), prepare=prepare)


def as_points(rows: Sequence[tuple[Any, ...]]) -> list[tuple[str, int, int, int | None]]:
    found = []
    for name, number, geom in rows:
        point = shapely.from_wkb(geom)
        found.append((name, round(100 * point.x), round(100 * point.y), number))
    return found


NEAR = 1.5  # kilometres: more than 0.01 degrees, less than the diagonal of a square with that side


def linked(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    return math.dist(one[1:3], other[1:3]) / 100 <= NEAR * 1000 / 111_195


def check_linkage(found: list[Any], core: list[Any]) -> None:
    """Check that points among the core are in one cluster exactly if links lead from one to the other."""
    for start in core:
        reached, waiting = {start}, [start]
        while waiting:
            here = waiting.pop()
            more = {p for p in core if linked(here, p)} - reached
            reached |= more
            waiting.extend(more)
        assert reached == {p for p in core if p[3] == start[3]}


@oracle
@given(drawn=different)
def test_points_by_distance(at_sites: SiteRunner, drawn: list[tuple[str, int, int]]) -> None:
    rows = cluster(at_sites, drawn, method="area", distance_tolerance=NEAR)
    found = as_points(rows)
    assert sorted(p[:3] for p in found) == sorted(drawn)
    check_linkage(found, found)
    assert {p[3] for p in found} == set(range(1, len({p[3] for p in found}) + 1))


@oracle
@given(drawn=different, density=st.integers(1, 4))
def test_points_by_density(at_sites: SiteRunner, drawn: list[tuple[str, int, int]], density: int) -> None:
    rows = cluster(at_sites, drawn, method="dbscan", distance_tolerance=NEAR, density_tolerance=density)
    found = as_points(rows)
    assert sorted(p[:3] for p in found) == sorted(drawn)
    core = [p for p in found if sum(linked(p, other) for other in found) >= density]
    check_linkage(found, core)
    for point in found:
        if point not in core:
            beside = {p[3] for p in core if linked(p, point)}
            assert point[3] in (beside or {None})
    without = cluster(
        at_sites,
        drawn,
        method="dbscan",
        distance_tolerance=NEAR,
        density_tolerance=density,
        return_no_cluster=False,
    )
    assert sorted(without) == sorted(row for row in rows if row[1] is not None)


@oracle
@given(drawn=points, number=st.integers(1, 5))
def test_points_by_means(at_sites: SiteRunner, drawn: list[tuple[str, int, int]], number: int) -> None:
    found = as_points(cluster(at_sites, drawn, number_of_clusters=number))
    assert sorted(p[:3] for p in found) == sorted(drawn)
    means = {}
    for of in {p[3] for p in found}:
        own = [p for p in found if p[3] == of]
        means[of] = (sum(p[1] for p in own) / len(own), sum(p[2] for p in own) / len(own))
    assert means.keys() <= set(range(number))
    for point in found:
        best = min(math.dist(point[1:3], mean) for mean in means.values())
        assert math.dist(point[1:3], means[point[3]]) == pytest.approx(best, abs=1e-6)


@oracle
@given(drawn=points)
def test_clusters_with_their_points(at_sites: SiteRunner, drawn: list[tuple[str, int, int]]) -> None:
    each = as_points(cluster(at_sites, drawn, method="area", distance_tolerance=NEAR))
    rows = cluster(at_sites, drawn, method="area", distance_tolerance=NEAR, aggregate=True)
    assert {row[0]: row[1] for row in rows} == {
        of: sorted(name for name, _, _, number in each if number == of) for of in {p[3] for p in each}
    }
    for number, _, hull, geom in rows:
        own = [(x / 100, y / 100) for _, x, y, of in each if of == number]
        expected = shapely.MultiPoint(own).convex_hull
        assert shapely.from_wkb(hull).equals_exact(expected, 1e-9, normalize=True)
        assert shapely.from_wkb(geom).equals_exact(expected.centroid, 1e-9)
