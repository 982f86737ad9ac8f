"""``flowdb generate --generator sql``: what an operator sees, and that the same seeds give the same rows."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date

import numpy as np
import pytest
from click.testing import CliRunner, Result
from psycopg2 import sql
from scipy import stats
from sql_country import remove_events

from flowdb.cli import main
from flowdb.database import connect
from flowdb.synthetic.parameters import CDR_TYPES
from flowdb.synthetic.sql.statements import statement
from flowdb.testing import RunningFlowDB

SIZE = (
    *("--generator", "sql", "--subscribers", "300", "--calls", "2000", "--sms", "800", "--mds", "700"),
    *("--topups", "600", "--relocate", "0.1"),
)
EVENTS = {"calls": 2000, "sms": 800, "mds": 700, "topups": 600}
Run = Callable[..., Result]


@pytest.fixture
def run(country_flowdb: RunningFlowDB) -> Iterator[Run]:
    """Return a function that runs the command; at the end the events go."""

    def generate(*arguments: str, **variables: str) -> Result:
        environment = country_flowdb.environment() | variables
        return CliRunner(env=environment).invoke(
            main, ["generate", *SIZE, *arguments], catch_exceptions=False
        )

    yield generate
    remove_events(country_flowdb)


@pytest.fixture
def rows(country_flowdb: RunningFlowDB) -> Callable[..., list[tuple[object, ...]]]:
    """Return a function that runs a statement and returns its rows."""

    def ask(query: str, *values: object) -> list[tuple[object, ...]]:
        with connect(country_flowdb.settings()) as connection, connection.cursor() as cursor:
            cursor.execute(query, values or None)
            return cursor.fetchall() if cursor.description else []

    return ask


@pytest.fixture
def everything(country_flowdb: RunningFlowDB) -> Callable[[], dict[tuple[str, date], str]]:
    """Return a function that sums up the rows of each type and day, as they are on disk."""

    def digests() -> dict[tuple[str, date], str]:
        found = {}
        with connect(country_flowdb.settings()) as connection, connection.cursor() as cursor:
            for kind in CDR_TYPES:
                cursor.execute(
                    sql.SQL(
                        "SELECT datetime::date, md5(string_agg(e::text, ',' ORDER BY tableoid, ctid)) "
                        "FROM {} AS e GROUP BY 1"
                    ).format(sql.Identifier("events", kind))
                )
                found |= {(kind, day): digest for day, digest in cursor.fetchall()}
        return found

    return digests


def test_progress_and_records_are_those_of_every_load(run: Run, rows) -> None:
    result = run("--days", "2")
    assert result.exit_code == 0, result.output
    assert "2016-01-02 calls: 4000 rows" in result.output
    assert "(8 of 8, about 0 s left)" in result.output
    assert "13800 rows loaded" in result.output
    days = [date(2016, 1, 1), date(2016, 1, 2)]
    assert sorted(rows("SELECT cdr_type, cdr_date FROM etl.available_dates")) == sorted(
        (kind, day) for kind in CDR_TYPES for day in days
    )
    flags = {name: kinds for name, *kinds in rows("SELECT * FROM available_tables()")}
    assert flags["calls"] == flags["sms"] == [True, True, True]
    assert flags["mds"] == flags["topups"] == [True, True, False]
    assert rows("SELECT DISTINCT cdr_type FROM events.location_ids ORDER BY 1") == [
        (kind,) for kind in sorted(CDR_TYPES)
    ]


def test_running_again_adds_nothing(run: Run, rows, everything) -> None:
    run("--days", "2")
    before = everything(), rows("SELECT * FROM etl.etl_records")
    assert "All days are there already." in run("--days", "2").output
    assert (everything(), rows("SELECT * FROM etl.etl_records")) == before


def test_replacing_gives_the_same_rows(run: Run, rows, everything) -> None:
    run("--days", "2")
    before = everything()
    assert "13800 rows loaded" in run("--days", "2", "--replace").output
    assert everything() == before
    assert rows("SELECT count(*) FROM etl.etl_records") == [(16,)]


def test_days_in_two_runs_are_those_of_one(run: Run, everything, country_flowdb: RunningFlowDB) -> None:
    run("--days", "7", "--workers", "4")
    at_once = everything()
    assert len(at_once) == 28
    remove_events(country_flowdb)
    run("--days", "3", "--workers", "1")
    assert everything() == {key: text for key, text in at_once.items() if key[1] <= date(2016, 1, 3)}
    run("--days", "7")
    assert everything() == at_once


@pytest.mark.parametrize(
    ("option", "people_change"), [("--subscribers-seed", True), ("--events-seed", False)]
)
def test_other_seeds_give_other_rows(run: Run, rows, everything, option: str, people_change: bool) -> None:
    run("--days", "1")
    before, people = everything(), set(rows("SELECT DISTINCT msisdn FROM events.calls"))
    run("--days", "1", "--replace", option, "7")
    after = everything()
    assert all(after[key] != before[key] for key in before)
    assert people.isdisjoint(rows("SELECT DISTINCT msisdn FROM events.calls")) == people_change


def test_days_and_types_differ(run: Run, rows) -> None:
    run("--days", "2")
    assert rows(
        "SELECT count(*) FROM (SELECT id FROM events.calls_20160101 INTERSECT "
        "SELECT id FROM events.calls_20160102) AS same"
    ) == [(0,)]
    assert rows(
        "SELECT count(*) FROM (SELECT id FROM events.calls INTERSECT SELECT id FROM events.sms) AS same"
    ) == [(0,)]
    ((same,),) = rows(
        "SELECT count(*) FROM (SELECT msisdn, datetime::time FROM events.calls_20160101 INTERSECT "
        "SELECT msisdn, datetime::time FROM events.sms_20160101) AS same"
    )
    assert same < 20


def test_the_variables_of_the_guide_work(run: Run, rows) -> None:
    result = run(
        SYNTHETIC_DATA_GENERATOR="sql",
        N_DAYS="4",
        P_OUT_OF_AREA="0",
        INTERACTIONS_MULTIPLIER="1",
        MAX_CPUS="3",
        DISASTER_START="2016-01-02",
        DISASTER_END="2016-01-03",
        DISASTER_REGION_PCOD="524 2",
    )
    assert result.exit_code == 0, result.output
    (before, first, last, after) = (
        number
        for (number,) in rows(
            "SELECT count(admin1pcod) FROM events.calls JOIN infrastructure.cells AS cells "
            "ON cells.id = location_id AND datetime::date BETWEEN "
            "coalesce(date_of_first_service, '-infinity') AND coalesce(date_of_last_service, 'infinity') "
            "LEFT JOIN geography.admin1 ON admin1pcod = '524 2' AND ST_Intersects(geom, geom_point) "
            "GROUP BY datetime::date ORDER BY datetime::date"
        )
    )
    assert before > 100
    assert first == last == 0
    # Nobody is moved back, but those whose turn it was may have come.
    assert 0 < after < before / 2
    ((pairs,),) = rows("SELECT count(DISTINCT (msisdn, msisdn_counterpart)) FROM events.calls WHERE outgoing")
    assert 290 <= pairs <= 300


def test_an_unknown_region_is_refused_before_anything_is_made(run: Run, rows) -> None:
    result = run(DISASTER_START="2016-01-02", DISASTER_END="2016-01-03", DISASTER_REGION_PCOD="XYZ")
    assert result.exit_code == 1
    assert "flowdb: There is no region 'XYZ' for a disaster." in result.output
    assert rows("SELECT to_regnamespace('flowdb_synthetic')") == [(None,)]


def test_what_an_interrupted_run_left_is_swept(run: Run, rows) -> None:
    rows("CREATE SCHEMA flowdb_synthetic CREATE TABLE people (msisdns text)")
    assert run("--days", "1").exit_code == 0
    assert rows("SELECT to_regnamespace('flowdb_synthetic')") == [(None,)]
    assert rows("SELECT count(*) FROM pg_tables WHERE schemaname = 'etl' AND tablename ~ '[0-9]'") == [(0,)]


def test_two_runs_at_once_are_refused(run: Run, country_flowdb: RunningFlowDB) -> None:
    with connect(country_flowdb.settings()) as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtext('flowdb generate'))")
        result = run("--days", "1")
    assert result.exit_code == 1
    assert "Another 'flowdb generate' is at work on this database" in result.output
    assert run("--days", "1").exit_code == 0


def test_the_installed_command_works(country_flowdb: RunningFlowDB, rows) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "flowdb", "generate", *SIZE, "--days", "1", "--start", "2016-02-29"],
        env=country_flowdb.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        assert result.returncode == 0, result.stderr
        assert rows("SELECT min(datetime)::date, max(datetime)::date, count(*) FROM events.calls") == [
            (date(2016, 2, 29), date(2016, 2, 29), 4000)
        ]
    finally:
        remove_events(country_flowdb)


def hashes(flowdb: RunningFlowDB, count: int, seed: int) -> list[int]:
    """Return the hashes of the numbers from 0."""
    with connect(flowdb.settings()) as connection, connection.cursor() as cursor:
        cursor.execute(statement("scratch"))
        cursor.execute(
            "SELECT flowdb_synthetic.hashed(i, %s) FROM generate_series(0::bigint, %s - 1) AS i",
            (seed, count),
        )
        found = [row[0] for row in cursor.fetchall()]
        connection.rollback()
    return found


def test_hashes_are_good_enough_to_draw_from(country_flowdb: RunningFlowDB) -> None:
    """Numbers in a row give even and independent draws, whatever the seed and the half of the hash."""
    streams = []
    for seed in (1, 2, 22222, -(2**63), 2**63 - 1):
        found = np.array(hashes(country_flowdb, 100_000, seed))
        streams += [((found >> half) & (2**32 - 1)) / 2**32 for half in (32, 0)]

    def assert_independent(one: np.ndarray, other: np.ndarray) -> None:
        together, _, _ = np.histogram2d(one, other, bins=25, range=((0, 1), (0, 1)))
        assert stats.chisquare(together.ravel()).pvalue > 1e-4

    for number, stream in enumerate(streams):
        assert stats.chisquare(np.histogram(stream, bins=1000, range=(0, 1))[0]).pvalue > 1e-4
        assert stats.kstest(stream, "uniform").pvalue > 1e-4
        for lag in (1, 2, 3, 8, 64, 1024):
            assert_independent(stream[:-lag], stream[lag:])
        for other in streams[:number]:
            assert_independent(stream, other)


def test_hashes_are_those_of_every_server(country_flowdb: RunningFlowDB) -> None:
    """The rows are the same everywhere only if these numbers are."""
    assert hashes(country_flowdb, 3, 22222) == [
        2734518574211892307,
        -7990104124848545018,
        5943003257505695320,
    ]
