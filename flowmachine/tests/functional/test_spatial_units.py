"""Which cell lies in which place, for every kind of unit, against plain Python over the made-up country."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pyproj
import pytest
import sqlalchemy as sa

from flowmachine.core import CustomQuery, Grid, Table, location_joined_query, make_spatial_unit
from flowmachine.core.errors import InvalidSpatialUnitError
from flowmachine.core.execute import Engine
from flowmachine.core.facts import Facts
from flowmachine.core.plan import make_plan
from flowmachine.core.query import Query
from flowmachine.core.spatial_unit import GeomSpatialUnit, PolygonSpatialUnit
from flowmachine.features import DistanceMatrix, SpatialAggregate, UniqueSubscriberCounts, daily_location
from tests.country import CELLS, DAYS, REGIONS, insert_events, random_events

WEEK = [dt.date(2016, 1, 1) + dt.timedelta(days=n) for n in range(-2, 6)]

# Site s0 holds c0 and moved, and itself moved on the third; s1 is not in service before the second.
SITES = [
    ("s0", 0, None, dt.date(2016, 1, 3), 0.5, 0.5),
    ("s0", 1, dt.date(2016, 1, 3), None, 3.5, 0.5),
    ("s1", 0, dt.date(2016, 1, 2), None, 1.5, 0.5),
]
SITE_OF = {"c0": "s0", "moved": "s0", "c1": "s1"}
PLACES = """
    CREATE SCHEMA flowmachine;
    CREATE TABLE flowmachine.districts (code text, label text, shape geometry);
    INSERT INTO flowmachine.districts VALUES
        ('west', 'The "West"', ST_MakeEnvelope(0, 0, 2, 1)),
        ('east', 'The East', ST_MakeEnvelope(2, 0, 4, 1));
    CREATE TABLE flowmachine.cell_to_district (id text, code text, admin3pcod text);
    INSERT INTO flowmachine.cell_to_district VALUES
        ('c0', 'east', 'R2'), ('outside', 'west', 'R0');
    CREATE TABLE flowmachine.towers (code text, geom_point geometry);
    INSERT INTO flowmachine.towers VALUES ('east', ST_SetSRID(ST_MakePoint(9, 8), 4326));
    GRANT USAGE, CREATE ON SCHEMA flowmachine TO flowmachine;
    GRANT SELECT ON ALL TABLES IN SCHEMA flowmachine TO flowmachine;
"""


@pytest.fixture(autouse=True, scope="module")
def places(superuser: sa.Engine) -> Iterator[None]:
    names = ("id", "version", "date_of_first_service", "date_of_last_service", "geom_point")
    sites = sa.table("sites", *map(sa.column, names), schema="infrastructure")
    cells = sa.table("cells", sa.column("id"), sa.column("site_id"), schema="infrastructure")
    with superuser.begin() as connection:
        connection.exec_driver_sql(PLACES)
        for *described, longitude, latitude in SITES:
            point = sa.func.ST_SetSRID(sa.func.ST_MakePoint(longitude, latitude), 4326)
            connection.execute(sa.insert(sites).values(dict(zip(names, (*described, point), strict=True))))
        for cell, site in SITE_OF.items():
            connection.execute(sa.update(cells).where(cells.c.id == cell).values(site_id=site))
        insert_events(connection, random_events(seed=5, number=2000, subscribers=200))
    yield
    with superuser.begin() as connection:
        connection.execute(sa.schema.DropSchema("flowmachine", cascade=True))
        connection.execute(sa.delete(sites))
        connection.execute(sa.update(cells).values(site_id=None))
        for kind in ("calls", "sms"):
            connection.execute(sa.delete(sa.table(kind, schema="events")))


def in_service(versions: list[Any], id_: str, day: dt.date) -> Any:
    """Return the version in service on a day, from the definition: the newest that is."""
    found = [
        (first or dt.date.min, version, longitude, latitude)
        for which, version, first, last, longitude, latitude in versions
        if which == id_ and (first or dt.date.min) <= day <= (last or dt.date.max)
    ]
    return max(found)[1:] if found else None


def area_of(cell: str, day: dt.date, areas: dict[str, tuple[float, float]]) -> str | None:
    found = in_service(CELLS, cell, day)
    if found is None:
        return None
    _, longitude, latitude = found
    return next(
        (name for name, (west, east) in areas.items() if west < longitude < east and 0 < latitude < 1), None
    )


def versioned_cell(cell: str, day: dt.date) -> Any:
    found = in_service(CELLS, cell, day)
    return found and (cell, *found)


def versioned_site(cell: str, day: dt.date) -> Any:
    site = SITE_OF.get(cell)
    found = in_service(CELLS, cell, day) and site and in_service(SITES, site, day)
    return found and (site, *found)


def position(cell: str, day: dt.date) -> Any:
    found = in_service(CELLS, cell, day)
    return found and found[1:]


def mapped(places: dict[str, Any]) -> Callable[[str, dt.date], Any]:
    return lambda cell, day: places.get(cell) if in_service(CELLS, cell, day) else None


def one(function: Callable[[str, dt.date], Any]) -> Callable[[str, dt.date], Any]:
    def place(cell: str, day: dt.date) -> Any:
        found = function(cell, day)
        return None if found is None else (found,)

    return place


DISTRICTS = {"west": (0, 2), "east": (2, 4)}
NAMES = {"west": 'The "West"', "east": "The East"}


def named_district(cell: str, day: dt.date) -> Any:
    code = area_of(cell, day, DISTRICTS)
    return code and (code, NAMES[code])


UNITS = {
    "lon-lat": (lambda: make_spatial_unit("lon-lat"), position),
    "versioned-cell": (lambda: make_spatial_unit("versioned-cell"), versioned_cell),
    "versioned-site": (lambda: make_spatial_unit("versioned-site"), versioned_site),
    "admin": (
        lambda: make_spatial_unit("admin", level=3),
        one(lambda cell, day: area_of(cell, day, REGIONS[3])),
    ),
    "admin by name": (
        lambda: make_spatial_unit("admin", level=2, region_id_column_name="admin2name AS region"),
        one(lambda cell, day: (found := area_of(cell, day, REGIONS[2])) and f"Region {found}"),
    ),
    "mapped admin": (
        lambda: make_spatial_unit("admin", level=3, mapping_table="cell_to_district"),
        one(mapped({"c0": "R2", "outside": "R0"})),
    ),
    "polygon": (
        lambda: make_spatial_unit(
            "polygon",
            geom_table="districts",
            region_id_column_name=["code", "label AS name"],
            geom_column="shape",
        ),
        named_district,
    ),
    "polygon of a query": (
        lambda: make_spatial_unit(
            "polygon",
            geom_table=CustomQuery("SELECT code, shape AS geom FROM flowmachine.districts", ["code", "geom"]),
            region_id_column_name="code",
        ),
        one(lambda cell, day: area_of(cell, day, DISTRICTS)),
    ),
    "mapped polygon": (
        lambda: make_spatial_unit(
            "polygon",
            geom_table="districts",
            region_id_column_name="code",
            geom_column="shape",
            mapping_table=Table("cell_to_district", columns=["id", "code"]),
            geom_table_join_on="code",
        ),
        one(mapped({"c0": "east", "outside": "west"})),
    ),
    "mapped lon-lat": (
        lambda: make_spatial_unit(
            "lon-lat", mapping_table="cell_to_district", geom_table="towers", geom_table_join_on="code"
        ),
        mapped({"c0": (9.0, 8.0)}),
    ),
}


def mapping_on(rows: list[tuple[Any, ...]], unit: GeomSpatialUnit, day: dt.date) -> list[tuple[str, Any]]:
    names = unit.column_names
    at = [names.index(column) for column in unit.location_id_columns]
    return [
        (row[0], tuple(row[n] for n in at))
        for row in rows
        if (row[1] or dt.date.min) <= day <= (row[2] or dt.date.max)
    ]


@pytest.mark.parametrize("name", UNITS)
def test_every_cell_is_in_its_place_on_every_day_and_once_only(engine: Engine, name: str) -> None:
    make, place = UNITS[name]
    unit = make()
    rows = list(unit)
    assert unit.column_names[:3] == ["location_id", "date_of_first_service", "date_of_last_service"]
    for day in WEEK:
        found = mapping_on(rows, unit, day)
        expected = {cell[0]: place(cell[0], day) for cell in CELLS}
        assert dict(found) == {cell: where for cell, where in expected.items() if where}
        assert len(dict(found)) == len(found), "a cell is in one place only"


@pytest.mark.parametrize("name", UNITS)
def test_subscribers_can_be_located_and_counted_by_every_unit(engine: Engine, name: str) -> None:
    make, _ = UNITS[name]
    unit = make()
    counts = SpatialAggregate(locations=daily_location("2016-01-01", spatial_unit=unit))
    assert counts.column_names == [*unit.location_id_columns, "value"]
    assert sum(counts.get_dataframe().value) == len(daily_location("2016-01-01", spatial_unit=unit)) > 0
    features = counts.to_geojson()["features"]
    assert len(features) == len(counts)
    assert all(feature["geometry"] for feature in features)
    geometries = CustomQuery(unit.get_geom_query(), [*unit.location_id_columns, "geom"])
    assert set(map(tuple, counts.get_dataframe()[[*unit.location_id_columns]].values.tolist())) <= {
        row[:-1] for row in geometries
    }


def test_events_are_not_duplicated_on_the_day_a_version_takes_over(engine: Engine) -> None:
    """Inclusive dates of service once gave the events of a hand-over day to both versions."""
    calls = CustomQuery(
        "SELECT msisdn, location_id, datetime AS time FROM events.calls", ["msisdn", "location_id", "time"]
    )
    joined = location_joined_query(calls, spatial_unit=make_spatial_unit("versioned-cell"))
    placed = {day: in_service(CELLS, "swap", day) for day in DAYS}
    expected = sorted(
        placed[when.date()][0] for _, cell, when in calls if cell == "swap" and placed[when.date()]
    )
    frame = joined.get_dataframe()
    assert sorted(frame[frame.location_id == "swap"].version) == expected != []
    assert {1} == set(
        frame[(frame.location_id == "swap") & (frame.time.dt.date == dt.date(2016, 1, 3))].version
    )


def test_joining_to_a_location_keeps_complete_rows(engine: Engine) -> None:
    calls = CustomQuery(
        "SELECT msisdn, location_id, datetime AS at FROM events.calls WHERE location_id IN ('c0', 'c1')",
        ["msisdn", "location_id", "at"],
    )
    joined = calls.join_to_location(make_spatial_unit("admin", level=3), time_col="at")
    assert joined.column_names == ["msisdn", "location_id", "at", "pcod"]
    frame = joined.get_dataframe()
    assert len(frame) == len(calls) > 0
    assert set(zip(frame.location_id, frame.pcod, strict=True)) == {("c0", "R0"), ("c1", "R1")}


def test_the_squares_of_a_grid_cover_the_country_in_order(engine: Engine) -> None:
    grid = Grid(50)
    frame = grid.get_dataframe()
    assert grid.column_names == ["grid_id", "geom_square", "geom_point", "longitude", "latitude"]
    # 4 degrees by 1 are 445 by 111 km in the projection: 9 columns, 3 rows, both touched by the origin.
    assert len(frame) == 9 * 3
    ordered = frame.sort_values(["longitude", "latitude"], ignore_index=True)
    assert ordered.grid_id.tolist() == [f"50_{n}" for n in range(1, len(frame) + 1)]
    assert Grid(2.5).head(1).grid_id[0].startswith("2_5_")
    assert Grid(50) == Grid(50.0) != Grid(51)
    features = grid.to_geojson()["features"]
    assert {feature["geometry"]["type"] for feature in features} == {"Polygon"}
    assert set(features[0]["properties"]) == {"grid_id", "longitude", "latitude", "centroid"}


def test_cells_lie_in_the_square_around_them(engine: Engine) -> None:
    unit = make_spatial_unit("grid", size=50)
    squares = {
        feature["properties"]["grid_id"]: feature["geometry"]["coordinates"][0]
        for feature in Grid(50).to_geojson()["features"]
    }
    day = dt.date(2016, 1, 1)
    found = dict(mapping_on(list(unit), unit, day))
    assert set(found) == {cell for cell, *_ in CELLS if area_of(cell, day, REGIONS[0])}
    for cell, (grid_id,) in found.items():
        _, longitude, latitude = in_service(CELLS, cell, day)
        xs, ys = zip(*squares[grid_id], strict=True)
        assert min(xs) <= longitude <= max(xs)
        assert min(ys) <= latitude <= max(ys)
    counts = daily_location("2016-01-01", spatial_unit=unit).aggregate()
    assert sum(counts.get_dataframe().value) > 0
    assert all(feature["geometry"] for feature in counts.to_geojson()["features"])


def test_the_place_of_each_cell_is_computed_once_and_reused(engine: Engine) -> None:
    unit = make_spatial_unit(
        "polygon", geom_table="districts", region_id_column_name="code", geom_column="shape"
    )
    one, other = (UniqueSubscriberCounts(f"2016-01-0{n}", f"2016-01-0{n + 1}", unit) for n in (1, 2))
    one.store().result(timeout=30)
    assert unit.is_stored
    text = other.get_query()
    assert f"cache.{unit.table_name}" in text
    assert "ST_Within" not in text


def test_a_grid_is_an_input_of_its_unit() -> None:
    unit = make_spatial_unit("grid", size=10)
    steps = [
        type(step.query)
        for step in make_plan(unit, Facts(tables={"geography.admin0": frozenset({"geom"})})).steps
    ]
    assert steps == [Grid, type(unit)]


LOCATIONS = [
    ("admin", "R0", "WHERE pcod = 'R0'"),
    ("admin", ["R0", "R'1"], "WHERE pcod IN ('R0', 'R''1')"),
    ("versioned-cell", {"location_id": "c0", "version": 1}, "WHERE location_id = 'c0' AND version = '1'"),
    (
        "versioned-site",
        [{"site_id": "a", "version": 1}, {"site_id": "b"}],
        "WHERE (site_id = 'a' AND version = '1') OR (site_id = 'b')",
    ),
]


@pytest.mark.parametrize(("kind", "locations", "clause"), LOCATIONS)
def test_places_as_a_clause(kind: str, locations: Any, clause: str) -> None:
    assert make_spatial_unit(kind, level=3).location_subset_clause(locations) == clause


def test_positions_are_compared_as_points(engine: Engine) -> None:
    """The clause once held the text of a point where PostgreSQL expects a geometry."""
    unit = make_spatial_unit("lon-lat")
    for locations in ((0.5, 0.5), [(0.5, 0.5), (9, 9)], {"lon": 0.5, "lat": 0.5}, [{"lon": 0.5, "lat": 0.5}]):
        clause = unit.location_subset_clause(locations)
        sql = " ".join(("SELECT location_id FROM (", unit.get_query(), ") AS unit", clause))
        assert list(CustomQuery(sql, "location_id")) == [("c0",)]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: make_spatial_unit("admin", level=3).location_subset_clause({"region": "x"}),
            "no column region",
        ),
        (lambda: make_spatial_unit("admin", level=3).location_subset_clause((1, 2)), "has_lon_lat_columns"),
        (lambda: make_spatial_unit("grid"), "needs a size"),
        (lambda: make_spatial_unit("grid", size=0), "positive number of kilometres"),
        (lambda: make_spatial_unit("polygon", geom_table="districts"), "needs a geom_table and a region"),
        (lambda: PolygonSpatialUnit("districts", "code", mapping_table="cells"), "together or not at all"),
        (lambda: PolygonSpatialUnit("districts", ["code", "label AS code"]), "different names"),
        (lambda: PolygonSpatialUnit("districts", "code AS location_id"), "cannot be called location_id"),
        (lambda: PolygonSpatialUnit("pg_catalog.pg_class", "relname"), "must be in one of"),
        (lambda: PolygonSpatialUnit(CustomQuery("SELECT 1 AS a", "a"), "a"), "must have the columns a, geom"),
    ],
)
def test_a_unit_that_cannot_be_is_refused(make: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    "unit",
    [
        lambda: make_spatial_unit("polygon", geom_table="nowhere", region_id_column_name="code"),
        lambda: make_spatial_unit(
            "polygon", geom_table="districts", region_id_column_name="height", geom_column="shape"
        ),
        lambda: make_spatial_unit("admin", level=3, region_id_column_name="height"),
        lambda: make_spatial_unit("grid", size=1, mapping_table="cell_to_district"),
    ],
)
def test_tables_of_a_unit_are_checked_when_it_is_planned(engine: Engine, unit: Callable[[], Query]) -> None:
    with pytest.raises(ValueError, match="must be a table with the columns"):
        unit().store()


def test_criteria() -> None:
    kinds = {
        "cell": (False, False, True, False),
        "lon-lat": (True, True, False, False),
        "versioned-cell": (True, True, True, False),
        "versioned-site": (True, True, True, False),
        "admin": (True, False, False, True),
        "grid": (True, False, False, True),
    }
    criteria = ("has_geography", "has_lon_lat_columns", "is_network_object", "is_polygon")
    for kind, expected in kinds.items():
        unit = make_spatial_unit(kind, level=3, size=5)
        assert tuple(getattr(unit, criterion) for criterion in criteria) == expected
        for criterion, holds in zip(criteria, expected, strict=True):
            unit.verify_criterion(criterion, negate=not holds)
            with pytest.raises(InvalidSpatialUnitError, match=f"property '{criterion}'"):
                unit.verify_criterion(criterion, negate=holds)
    with pytest.raises(ValueError, match="Unknown criterion"):
        make_spatial_unit("cell").verify_criterion("is_pretty")
    assert make_spatial_unit("cell") == make_spatial_unit("cell")
    assert repr(make_spatial_unit("cell")) == "CellSpatialUnit()"
    usual = make_spatial_unit("admin", level=3, region_id_column_name="admin3pcod")
    assert usual == make_spatial_unit("admin", level=3)


@pytest.mark.parametrize("kind", ["lon-lat", "versioned-cell", "versioned-site"])
def test_distances_between_positions(engine: Engine, kind: str) -> None:
    unit = make_spatial_unit(kind)
    matrix = DistanceMatrix(unit, return_geometry=True)
    names = unit.location_id_columns
    assert matrix.column_names == [
        *(f"{name}_from" for name in names), *(f"{name}_to" for name in names),
        "value", "geom_origin", "geom_destination",
    ]  # fmt: skip
    frame = DistanceMatrix(unit).get_dataframe()
    ends = frame[["lon_from", "lat_from", "lon_to", "lat_to"]]
    _, _, metres = pyproj.Geod(ellps="WGS84").inv(*(ends[name].to_numpy() for name in ends))
    assert frame.value.to_numpy() == pytest.approx(metres / 1000, abs=1e-6)
    places = {row[:-1] for row in CustomQuery(unit.get_geom_query(), [*names, "geom"])}
    assert len(frame) == len(places) ** 2


def test_distances_need_positions() -> None:
    with pytest.raises(InvalidSpatialUnitError, match="has_lon_lat_columns"):
        DistanceMatrix(make_spatial_unit("admin", level=3))
    with pytest.raises(InvalidSpatialUnitError, match="no geography"):
        DistanceMatrix(make_spatial_unit("cell"))
    assert DistanceMatrix() == DistanceMatrix(make_spatial_unit("versioned-cell"))


def test_versioned_cells_need_cells(engine: Engine) -> None:
    with pytest.raises(InvalidSpatialUnitError, match=r"not by infrastructure\.sites"):
        make_plan(make_spatial_unit("versioned-cell"), Facts(location_table="infrastructure.sites"))
