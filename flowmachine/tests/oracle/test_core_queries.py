"""Tables, grids, places of rows and other queries of the core, against their definitions."""

import datetime as dt
import math
from collections import Counter
from typing import Any

import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from flowmachine.core import GeoTable, Grid, JoinToLocation, Table
from flowmachine.core.dummy_query import DummyQuery
from tests.country import CELLS, REGIONS
from tests.oracle.cdr import Cdr, cdrs
from tests.oracle.conftest import Runner
from tests.oracle.definitions import placer
from tests.oracle.strategies import INSTANTS
from tests.oracle.test_definitions import oracle, unit_of
from tests.oracle.test_derived import literal

SOME = ["msisdn", "datetime", "location_id", "outgoing", "duration", "tac"]


@oracle
@given(data=cdrs("calls", "sms"), columns=st.lists(st.sampled_from(SOME), min_size=1, max_size=6))
def test_a_table_has_its_rows_and_the_columns_asked_for(
    run: Runner, data: list[Cdr], columns: list[str]
) -> None:
    query = Table("events.calls", columns=columns)
    names = list(dict.fromkeys(columns))
    assert query.column_names == names
    expected = Counter(tuple(getattr(cdr, name) for name in names) for cdr in data if cdr.table == "calls")
    assert Counter(run(data, query)) == expected


@pytest.mark.parametrize("level", sorted(REGIONS))
def test_a_table_with_geometries(run: Runner, level: int) -> None:
    query = GeoTable(f"geography.admin{level}", columns=[f"admin{level}pcod", "geom"])
    found = {pcod: shapely.from_wkb(geom).bounds for pcod, geom in run([], query)}
    assert found == {pcod: (west, 0.0, east, 1.0) for pcod, (west, east) in REGIONS[level].items()}


@oracle
@given(size=st.sampled_from([25, 33.3, 50, 111.4, 400, 1000]), level=st.sampled_from([0, 2]))
def test_a_grid_covers_what_it_is_of(run: Runner, size: float, level: int) -> None:
    to_map = pyproj.Transformer.from_crs(4326, 3857, always_xy=True)
    east = max(east for _, east in REGIONS[level].values())
    far, high = to_map.transform(east, 1.0)
    side = 1000 * size
    # The country begins at the origin, where a square's corner is too.
    squares = [(i, j) for i in range(math.ceil(far / side)) for j in range(math.ceil(high / side))]
    rows = run([], Grid(size, f"geography.admin{level}"))
    assert [row[0] for row in sorted(rows, key=lambda row: row[3:])] == [
        f"{size}".replace(".", "_") + f"_{number}" for number in range(1, len(squares) + 1)
    ]
    for (i, j), (_, square, point, longitude, latitude) in zip(
        squares, sorted(rows, key=lambda row: row[3:]), strict=True
    ):
        middle = to_map.transform(longitude, latitude)
        assert middle == pytest.approx(((i + 0.5) * side, (j + 0.5) * side), abs=1e-3)
        assert shapely.from_wkb(point).coords[0] == (longitude, latitude)
        corners = {
            tuple(map(round, to_map.transform(*at))) for at in shapely.from_wkb(square).exterior.coords
        }
        assert corners == {(round((i + a) * side), round((j + b) * side)) for a in (0, 1) for b in (0, 1)}


cells = st.none() | st.sampled_from(["unheard of", "", *(cell[0] for cell in CELLS)])
moments = st.sampled_from([moment.isoformat() for moment in INSTANTS] + ["2016-01-04", "2016-01-20"])


@oracle
@given(
    rows=st.lists(st.tuples(cells, moments), max_size=12),
    unit=st.sampled_from(["admin0", "admin2", "admin3", "lon-lat"]),
)
def test_rows_with_the_place_of_their_cell(run: Runner, rows: list[Any], unit: str) -> None:
    query = JoinToLocation(
        literal(rows, ("location_id", "at"), ("text", "text")), spatial_unit=unit_of(unit), time_col="at"
    )
    where = placer(unit)
    places = [(row, where(row[0], dt.datetime.fromisoformat(row[1]).date())) for row in rows]
    expected = Counter((*row, *place) for row, place in places if place is not None)
    assert Counter(run([], query)) == expected


@given(parameter=st.text(max_size=10))
def test_a_dummy_has_no_rows_and_an_id_of_its_own(parameter: str) -> None:
    query = DummyQuery(parameter)
    assert query.query_id == f"dummy_query_{parameter}"
    assert query.column_names == ["dummy_param"]


def test_a_dummy_has_no_rows(run: Runner) -> None:
    assert run([], DummyQuery("a")) == []
