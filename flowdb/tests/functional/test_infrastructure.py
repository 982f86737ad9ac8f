"""``flowdb load-cells`` and ``flowdb load-tacs`` against a real database."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random

import geopandas as gpd
import pytest
from click.testing import Result
from shapely.geometry import Point

from flowdb.testing import RunningFlowDB, running_flowdb

HEADER = "id,site_id,version,latitude,longitude,date_of_first_service,date_of_last_service"
CELLS = (
    "SELECT id, version, site_id, ST_Y(geom_point), ST_X(geom_point), date_of_first_service::text, "
    "date_of_last_service::text FROM infrastructure.cells ORDER BY id, version"
)
SITES = (
    "SELECT id, version, ST_Y(geom_point), ST_X(geom_point), date_of_first_service::text, "
    "date_of_last_service::text FROM infrastructure.sites ORDER BY id, version"
)
_DAILY = (
    "SELECT day::date, id, ST_Y(geom_point) FROM generate_series(%s, %s, interval '1 day') AS day INNER JOIN "
)
Load = Callable[..., Result]


@pytest.fixture(scope="module")
def flowdb_cluster() -> Iterator[RunningFlowDB]:
    """Yield a FlowDB of its own: these tests empty tables that others fill."""
    with running_flowdb() as running:
        yield running


@pytest.fixture(autouse=True)
def empty(ask) -> None:
    """Begin with no cells, and with a country from 80 to 90 east and 20 to 30 north."""
    ask("TRUNCATE infrastructure.cells, infrastructure.sites, infrastructure.tacs CASCADE")
    ask("DROP TABLE IF EXISTS geography.admin0, cache.xresult")
    ask("DELETE FROM cache.cached")
    ask("CREATE TABLE geography.admin0 AS SELECT ST_Multi(ST_MakeEnvelope(80, 20, 90, 30, 4326)) AS geom")


@pytest.fixture
def load(flowdb, tmp_path: Path) -> Load:
    """Return a function that loads cells from lines."""

    def run(*lines: str, options: tuple[str, ...] = (), header: str = HEADER) -> Result:
        path = tmp_path / "cells.csv"
        path.write_text("\n".join([header, *lines]) + "\n")
        return flowdb("load-cells", str(path), *options)

    return run


def counts(result: Result, noun: str = "Cells") -> str:
    """Return the line that says what became of the cells."""
    assert result.exit_code == 0, result.output
    return next(line for line in result.output.splitlines() if line.startswith(f"{noun}: "))


HISTORY = [
    "A,S,0,27.5,85.5,2016-01-01,2016-01-05",
    "A,S,1,27.6,85.5,2016-01-06,",
    "B,S,0,27.5,85.5,2016-01-01,2016-01-05",
    "B,S,1,27.6,85.5,2016-01-06,",
    "C,T,0,28,86,2016-01-01,",
]


def test_a_history_is_stored_as_it_is_and_stays(load: Load, ask) -> None:
    assert counts(load(*HISTORY)) == "Cells: 3 added, 0 moved, 0 changed, 0 ended, 0 unchanged."
    stored = ask(CELLS)
    assert stored == [
        ("A", 0, "S", 27.5, 85.5, "2016-01-01", "2016-01-05"),
        ("A", 1, "S", 27.6, 85.5, "2016-01-06", None),
        ("B", 0, "S", 27.5, 85.5, "2016-01-01", "2016-01-05"),
        ("B", 1, "S", 27.6, 85.5, "2016-01-06", None),
        ("C", 0, "T", 28, 86, "2016-01-01", None),
    ]
    # Sites stand where their cells stand, and move with them.
    assert ask(SITES) == [
        ("S", 0, 27.5, 85.5, "2016-01-01", "2016-01-05"),
        ("S", 1, 27.6, 85.5, "2016-01-06", None),
        ("T", 0, 28, 86, "2016-01-01", None),
    ]
    again = load(*HISTORY)
    assert counts(again) == "Cells: 0 added, 0 moved, 0 changed, 0 ended, 3 unchanged."
    assert counts(again, "Sites") == "Sites: 0 added, 0 moved, 0 changed, 0 ended, 0 unchanged."
    assert ask(CELLS) == stored


def test_open_periods_of_a_history_are_closed(load: Load, ask) -> None:
    lines = ["A,S,0,27.5,85.5,2016-01-01,", "A,S,1,27.6,85.5,2016-01-06,"]
    load(*lines)
    assert [row[5:] for row in ask(CELLS)] == [("2016-01-01", "2016-01-05"), ("2016-01-06", None)]
    assert counts(load(*lines)).endswith("1 unchanged.")


# A file with versions that never change, and one without versions, say the same about the present.
PLAIN = "id,site_id,latitude,longitude,date_of_first_service"


@pytest.mark.parametrize(
    ("header", "before", "after"),
    [
        (HEADER, "A,S,0,27.5,85.5,2016-01-01,", "A,S,0,27.7,85.5,2016-01-01,"),
        (PLAIN, "A,S,27.5,85.5,2016-01-01", "A,S,27.7,85.5,2016-01-01"),
        ("id,site_id,latitude,longitude", "A,S,27.5,85.5", "A,S,27.7,85.5"),
    ],
)
def test_a_cell_that_moved_gets_the_next_version(
    load: Load, ask, header: str, before: str, after: str
) -> None:
    first = "2016-01-01" if "first_service" in header else None
    options = ("--valid-from", "2016-03-10")
    load(before, header=header, options=options)
    for outcome in ("1 moved, 0 changed, 0 ended, 0 unchanged.", "0 moved, 0 changed, 0 ended, 1 unchanged."):
        assert counts(load(after, header=header, options=options)) == f"Cells: 0 added, {outcome}"
        assert ask(CELLS) == [
            ("A", 0, "S", 27.5, 85.5, first, "2016-03-09"),
            ("A", 1, "S", 27.7, 85.5, "2016-03-10", None),
        ]
        assert ask(SITES) == [
            ("S", 0, 27.5, 85.5, first, "2016-03-09"),
            ("S", 1, 27.7, 85.5, "2016-03-10", None),
        ]


def test_the_day_of_the_file_beats_that_of_the_option(load: Load, ask) -> None:
    load("A,S,27.5,85.5,2016-01-01", header=PLAIN)
    load("A,S,27.7,85.5,2016-02-01", header=PLAIN, options=("--valid-from", "2016-03-10"))
    assert [row[5:] for row in ask(CELLS)] == [("2016-01-01", "2016-01-31"), ("2016-02-01", None)]


def test_a_cell_that_changed_keeps_what_the_file_does_not_say(load: Load, ask) -> None:
    load("A,S,0,27.5,85.5,2016-01-01,,30,North", header=f"{HEADER},azimuth,name")
    result = load("A,S,27.5,85.5,90.0", header="id,site_id,latitude,longitude,azimuth")
    assert counts(result) == "Cells: 0 added, 0 moved, 1 changed, 0 ended, 0 unchanged."
    assert ask("SELECT version, azimuth, name FROM infrastructure.cells ORDER BY version") == [
        (0, 30, "North"),
        (1, 90, "North"),
    ]
    # 90 and 90.0 are the same number, and the site stands where it stood.
    assert counts(load("A,S,27.5,85.5,90", header="id,site_id,latitude,longitude,azimuth")).endswith(
        "1 unchanged."
    )
    assert len(ask(SITES)) == 1


def test_cells_end_and_come_back(load: Load, ask) -> None:
    header = "id,latitude,longitude,date_of_last_service"
    load("A,27.5,85.5,", "B,27.6,85.6,", header=header)
    assert counts(load("A,27.5,85.5,2016-05-31", header=header)).endswith("1 ended, 0 unchanged.")
    assert ask(CELLS)[0][6] == "2016-05-31"
    missing = ("--end-missing", "--valid-from", "2016-07-01")
    assert "1 ended, 1 unchanged" in counts(load("A,27.5,85.5,2016-05-31", header=header, options=missing))
    assert [row[6] for row in ask(CELLS)] == ["2016-05-31", "2016-06-30"]
    back = load("A,27.5,85.5,", header=header, options=("--valid-from", "2016-09-01"))
    assert "1 changed" in counts(back)
    assert [row[5:] for row in ask(CELLS)][:2] == [(None, "2016-05-31"), ("2016-09-01", None)]


@pytest.mark.parametrize("seed", range(4))
def test_every_day_has_the_place_of_the_latest_file_before_it(load: Load, ask, seed: int) -> None:
    """Compare with the plain meaning: from its day on, each file is the truth about the cells it holds."""
    random = Random(seed)  # noqa: S311
    days = [date(2016, 1, 1) + timedelta(days=number) for number in range(40)]
    expected: dict[tuple[date, str], float] = {}
    for day in sorted(random.sample(days, 6)):
        files = {name: random.choice((27.1, 27.2, 27.3)) for name in "ABC" if random.random() < 0.7}
        for name, latitude in files.items():
            expected |= {(each, name): latitude for each in days if each >= day}
        lines = [f"{name},S{name},{latitude},85.5" for name, latitude in files.items()]
        if lines:
            options = ("--valid-from", day.isoformat())
            load(*[f"{line},{day}" for line in lines], header=PLAIN, options=options)
            before = ask(CELLS), ask(SITES)
            load(*[f"{line},{day}" for line in lines], header=PLAIN, options=options)
            assert (ask(CELLS), ask(SITES)) == before
    in_service = "ON day BETWEEN date_of_first_service AND coalesce(date_of_last_service, 'infinity')"
    for rows, prefix in (
        (ask(_DAILY + "infrastructure.cells " + in_service, days[0], days[-1]), ""),
        (ask(_DAILY + "infrastructure.sites " + in_service, days[0], days[-1]), "S"),
    ):
        found = {(day, name): latitude for day, name, latitude in rows}
        assert len(found) == len(rows)
        assert found == {(day, f"{prefix}{name}"): latitude for (day, name), latitude in expected.items()}


def test_a_known_past_is_no_move(load: Load, ask) -> None:
    load(*HISTORY)
    result = load(HISTORY[0], HISTORY[4])
    assert counts(result).endswith("2 unchanged.")
    assert "1 of the unchanged have later versions in FlowDB" in result.output
    assert len(ask(CELLS)) == 5


def test_a_dry_run_shows_and_changes_nothing(load: Load, ask) -> None:
    load(*HISTORY)
    before = ask(CELLS), ask(SITES)
    result = load(
        "A,S,27.6,85.5,", "C,T,28.1,86,2017-02-01", "D,T,28,86,", header=PLAIN, options=("--dry-run",)
    )
    assert counts(result) == "Cells: 1 added, 1 moved, 0 changed, 0 ended, 1 unchanged."
    assert "moved    C version 1 from 2017-02-01, by 111" in result.output
    assert "added    D version 0" in result.output
    assert "Nothing was changed." in result.output
    assert (ask(CELLS), ask(SITES)) == before


def test_sites_of_a_file(load: Load, ask, tmp_path: Path) -> None:
    sites = tmp_path / "sites.csv"
    sites.write_text("SITE,version,lat,longitude,date_of_first_service\nS,0,27.5001,85.5,2015-12-01\n")
    options = ("--sites", str(sites), "--site-field", "id=SITE", "--site-field", "latitude=lat")
    result = load("A,S,0,27.5,85.5,2016-01-01,", "B,U,0,27.5,85.5,2016-01-01,", options=options)
    assert counts(result, "Sites") == "Sites: 1 added, 0 moved, 0 changed, 0 ended, 0 unchanged."
    assert "At a site that is not known: 1 cells." in result.output
    assert ask(SITES) == [("S", 0, 27.5001, 85.5, "2015-12-01", None)]
    # Later loads without the file leave the site where the file put it.
    load("A,S,0,27.5,85.5,2016-01-01,")
    assert [row[0] for row in ask(SITES)] == ["S"]


def test_sites_are_open_as_long_as_one_of_their_cells(load: Load, ask) -> None:
    load("A,S,0,27.5,85.5,2016-01-01,2016-02-01", "B,S,0,27.5001,85.5,2015-01-01,2018-01-01")
    assert ask(SITES) == [("S", 0, 27.5, 85.5, "2015-01-01", "2018-01-01")]


@pytest.mark.parametrize("name", ["cells.gpkg", "cells.geojson", "cells.shp"])
def test_points_of_a_map(flowdb, ask, tmp_path: Path, name: str) -> None:
    frame = gpd.GeoDataFrame(
        {"id": ["A", "B"], "azimuth": [10.0, None], "geometry": [Point(85.5, 27.5), Point(86, 28)]},
        crs="EPSG:4326",
    )
    if not name.endswith("geojson"):
        frame = frame.to_crs("EPSG:3857")
    frame.to_file(tmp_path / name)
    for outcome in ("2 added", "2 unchanged"):
        assert outcome in counts(flowdb("load-cells", str(tmp_path / name)))
    assert ask(
        "SELECT id, round(ST_X(geom_point)::numeric, 6), round(ST_Y(geom_point)::numeric, 6), azimuth "
        "FROM infrastructure.cells ORDER BY id"
    ) == [("A", 85.5, 27.5, 10), ("B", 86, 28, None)]


def test_stored_results_are_dropped_only_for_a_change(load: Load, ask) -> None:
    def remember() -> None:
        ask("CREATE TABLE IF NOT EXISTS cache.xresult AS SELECT 1 AS value", role="flowmachine")
        ask("INSERT INTO cache.cached (query_id, schema, tablename) VALUES ('q', 'cache', 'xresult')")

    remember()
    assert "stored results" not in load(*HISTORY, options=("--dry-run",)).output
    assert ask("SELECT count(*) FROM cache.cached") == [(1,)]
    assert "1 stored results dropped" in load(*HISTORY).output
    remember()
    assert "stored results" not in load(*HISTORY).output
    assert ask("SELECT to_regclass('cache.xresult') IS NULL") == [(False,)]


def test_what_lies_outside_the_country_is_counted(load: Load, ask) -> None:
    result = load("A,S,0,27.5,85.5,2016-01-01,", "B,T,0,27.5,95.5,2016-01-01,")
    assert "Outside the country: 1 of 2 cells." in result.output
    assert len(ask(CELLS)) == 2


@pytest.mark.parametrize(
    ("lines", "header", "words"),
    [
        (["A,85.5"], "id,longitude", "no column 'latitude': say which it is with --field latitude=COLUMN"),
        (["A;27.5;85.5"], "id;latitude;longitude", "with --separator"),
        (["A,27.5,85.5,1"], "id,latitude,longitude,id", "more than one column 'id'"),
        (["A,27.5"], "id,latitude,longitude", "line 2: 2 values, but the header names 3"),
        (
            ["A,27.5,85.5", "A,27.6,85.5"],
            "id,latitude,longitude",
            "line 3: 'A' is there a second time (first on line 2)",
        ),
        (
            ["A,0,27.5,85.5", "A,0,27.5,85.5"],
            "id,version,latitude,longitude",
            "'A' has version 0 a second time",
        ),
        (["A,85.5,27.5"], "id,latitude,longitude", "all 1 cells lie outside the country, but inside it if"),
        (["A,95.5,27.5"], "id,latitude,longitude", "line 2: latitude '95.5' is no latitude"),
        (["A,27.5,185.5"], "id,latitude,longitude", "is no longitude: it lies between -180 and 180"),
        (["A,27.5,85.5", ",27.5,85.5"], "id,latitude,longitude", "line 3: id is empty"),
        (["A,27.5,"], "id,latitude,longitude", "line 2: longitude is empty"),
        (['A,"27,5",85.5'], "id,latitude,longitude", "'27,5' is not a number: write a point, not a comma"),
        (["A,nan,85.5"], "id,latitude,longitude", "is not a number"),
        (["A,S,1.5,27.5,85.5,,"], HEADER, "version '1.5' is not a whole number"),
        (["A,S,0,27.5,85.5,31/01/2016,"], HEADER, "'31/01/2016' is not a date: write it as 2016-01-31"),
        (["A,S,0,27.5,85.5,2016-02-30,"], HEADER, "is not a date"),
        (["A,S,0,27.5,85.5,2016-02-01,2016-01-01"], HEADER, "before its first day"),
        (
            ["A,S,0,27.5,85.5,2016-01-01,2016-01-06", "A,S,1,27.6,85.5,2016-01-06,"],
            HEADER,
            "line 3: 'A' begins on 2016-01-06, but the period before it (on line 2) ends on 2016-01-06",
        ),
        (["A,S,0,27,85,2016-01-01,", "A,S,1,27,85,,"], HEADER, "must begin after version 0"),
        (["A,27.5,85.5,high"], "id,latitude,longitude,height", "height 'high' is not a number"),
        ([], "id,latitude,longitude", "holds no rows"),
    ],
)
def test_what_cannot_be_right_is_named(load: Load, ask, lines: list[str], header: str, words: str) -> None:
    load("Z,27.5,85.5", header="id,latitude,longitude")
    result = load(*lines, header=header)
    assert result.exit_code == 1
    assert words in result.output
    assert result.output.count("\n") == 1
    assert [row[0] for row in ask(CELLS)] == ["Z"]


def test_history_is_not_rewritten(load: Load, ask) -> None:
    load(*HISTORY)
    before = ask(CELLS)
    for line, words in (
        ("A,S,0,27.9,85.5,2016-01-01,2016-01-05", "has other values in version 0 than FlowDB"),
        ("C,T,0,28,86,2016-01-01,2015-12-31", "before its first day"),
    ):
        result = load(line, HISTORY[1])
        assert result.exit_code == 1
        assert words in result.output
    early = load("C,T,28.2,86,2016-01-01", header=PLAIN, options=("--valid-from", "2015-06-01"))
    assert early.exit_code == 1
    assert "would change on 2015-06-01, but its version 0 in FlowDB begins on 2016-01-01" in early.output
    assert "line 2" in early.output.lower()
    assert ask(CELLS) == before


def test_files_that_are_none(flowdb, tmp_path: Path) -> None:
    assert "does not exist" in flowdb("load-cells", str(tmp_path / "none.csv")).output
    (tmp_path / "latin.csv").write_bytes("id,latitude,longitude\nKünga,1,2\n".encode("latin-1"))
    assert "is not UTF-8 text" in flowdb("load-cells", str(tmp_path / "latin.csv")).output
    (tmp_path / "a.csv").write_text("id,latitude,longitude\nA,27,85\n")
    unknown = flowdb("load-cells", str(tmp_path / "a.csv"), "--field", "cellid=id")
    assert "Unknown field 'cellid'" in unknown.output
    other = flowdb("load-cells", str(tmp_path / "a.csv"), "--field", "id=cell")
    assert "no column 'cell'; there are: id, latitude, longitude" in other.output


def test_columns_without_a_place_are_named(load: Load) -> None:
    result = load("A,27.5,85.5,x", header="id,latitude,longitude,vendor")
    assert result.exit_code == 0
    assert "Columns that are not loaded: vendor." in result.output


def test_texts_are_never_part_of_a_statement(load: Load, ask) -> None:
    name = "x'); DROP TABLE infrastructure.cells; --"
    assert load(f'"{name}",27.5,85.5', header="id,latitude,longitude").exit_code == 0
    assert [row[0] for row in ask(CELLS)] == [name]


@pytest.fixture
def load_tacs(flowdb, tmp_path: Path) -> Load:
    """Return a function that loads phone models from lines."""

    def run(*lines: str, options: tuple[str, ...] = ()) -> Result:
        path = tmp_path / "tacs.csv"
        path.write_text("\n".join(lines) + "\n")
        return flowdb("load-tacs", str(path), *options)

    return run


TACS = "SELECT id, brand, hnd_type, hardware_gps, width FROM infrastructure.tacs ORDER BY id"


def test_tacs_are_added_and_updated(load_tacs: Load, ask) -> None:
    header = "TAC,brand,hnd_type,hardware_gps,width,colour"
    options = ("--field", "id=TAC")
    lines = ["35000001.0,Alpha,Smart,Yes,71.5,red", "01234567,Birch,Basic,0,,", "35000003,,,,,"]
    result = load_tacs(header, *lines, options=options)
    assert result.output.splitlines() == [
        "TACs: 3 added, 0 changed, 0 unchanged.",
        "Columns that are not loaded: colour.",
    ]
    assert ask(TACS) == [
        (1234567, "Birch", "Basic", False, None),
        (35000001, "Alpha", "Smart", True, 71.5),
        (35000003, None, None, None, None),
    ]
    assert "0 added, 0 changed, 3 unchanged" in load_tacs(header, *lines, options=options).output
    # What the file does not say stays.
    shown = load_tacs("id,hnd_type", "35000001,Feature", "35000009,Smart", options=("--dry-run",)).output
    assert "1 added, 1 changed, 0 unchanged" in shown
    assert "Nothing was changed." in shown
    assert len(ask(TACS)) == 3
    load_tacs("id,hnd_type", "35000001,Feature")
    assert ask(TACS)[1] == (35000001, "Alpha", "Feature", True, 71.5)
    assert "0 added, 0 changed, 1 unchanged" in load_tacs("id", "35000001").output


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (("tac", "35000001"), "no column 'id': say which it is with --field id=COLUMN"),
        (("id", "123456789"), "line 2: id '123456789' is no TAC: it has up to 8 digits"),
        (("id", "35000001.5"), "is no TAC"),
        (("id", "35000001", "35000001.0"), "line 3: TAC 35000001 is there a second time (first on 2)"),
        (("id,hardware_gps", "35000001,maybe"), "hardware_gps 'maybe' is neither true nor false"),
        (("id,width", "35000001,wide", "35000002,x"), "(1 more such lines)"),
    ],
)
def test_tacs_that_cannot_be_right_are_named(
    load_tacs: Load, ask, lines: tuple[str, ...], words: str
) -> None:
    result = load_tacs(*lines)
    assert result.exit_code == 1
    assert words in result.output
    assert ask(TACS) == []
