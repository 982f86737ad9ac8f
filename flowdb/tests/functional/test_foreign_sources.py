"""The documentation of foreign sources is run as it stands; only hosts, ports and paths are replaced."""

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas as gpd
import psycopg2
import pytest
from call_sources import (
    CALLS,
    KEY,
    PASSWORD,
    SOURCES,
    Run,
    ask,
    compressed_file,
    csv_file,
    expected_day,
    for_the_server,
    postgresql,
    warehouse,
)
from documented import PsqlError, blocks, psql
from psycopg2 import errors, sql

from flowdb.testing import RunningFlowDB, free_port, running_flowdb, server_directory

SQL = blocks("foreign-sources.md")
FORGET = """
    DROP TABLE IF EXISTS events.calls_20240301;
    DELETE FROM etl.etl_records;
    DELETE FROM events.location_ids;
    DELETE FROM infrastructure.cells;
    DELETE FROM infrastructure.sites;
    UPDATE public.available_tables
    SET has_locations = false, has_subscribers = false, has_counterparts = false;
    DROP FOREIGN DATA WRAPPER IF EXISTS oracle_fdw;
"""
INDEXED = ("msisdn", "msisdn_counterpart", "location_id", "datetime", "tac")


@pytest.fixture(scope="module")
def flowdb() -> Iterator[RunningFlowDB]:
    """Yield a FlowDB of its own: the tests make databases, roles and servers in it."""
    with running_flowdb() as flowdb:
        yield flowdb


@pytest.fixture(scope="module")
def files(flowdb: RunningFlowDB) -> Iterator[Path]:
    """Yield a directory that the server can read."""
    with server_directory("sources-test-") as directory:
        for_the_server(flowdb, directory / "PSEUDONYM_KEY", KEY)
        (directory / "CDR_PASSWORD").write_text(PASSWORD)
        yield directory


@pytest.fixture
def run(flowdb: RunningFlowDB, files: Path) -> Iterator[Run]:
    """Return a function that runs blocks of the page by name; what they made goes at the end."""
    places = {
        "/etl/": f"{files}/",
        "/run/secrets/": f"{files}/",
        "sslmode 'verify-full'": "sslmode 'disable'",
        "cdr.example.org": flowdb.host,
        "port '5432'": f"port '{flowdb.port}'",
        "port '1433'": f"port '{free_port()}'",
    }

    def run(*names: str, dsn: str | None = None) -> str:
        script = "".join(SQL[name] for name in names)
        for documented, here in places.items():
            script = script.replace(documented, here)
        return psql(dsn or flowdb.dsn(), script)

    run("Prepare")
    yield run
    run("Remove a source")
    psql(flowdb.dsn(), FORGET)


def day_table(flowdb: RunningFlowDB) -> list[tuple[Any, ...]]:
    return ask(
        flowdb,
        "SELECT id, outgoing, datetime, duration, msisdn, msisdn_counterpart, location_id, imsi, imei, tac "
        "FROM events.calls_20240301 ORDER BY msisdn, datetime",
    )


def nothing_is_there(flowdb: RunningFlowDB) -> bool:
    return ask(
        flowdb,
        "SELECT to_regclass('events.calls_20240301'), to_regclass('etl.calls_20240301'), "
        "(SELECT count(*) FROM etl.etl_records), (SELECT count(*) FROM events.location_ids)",
    ) == [(None, None, 0, 0)]


@pytest.mark.parametrize("source", SOURCES)
def test_a_day_of_a_source_becomes_a_partition(
    flowdb: RunningFlowDB, files: Path, run: Run, source: str
) -> None:
    with SOURCES[source](flowdb, files, run):
        run(source, "The view", "Load a day")
    found = day_table(flowdb)
    # Older versions of ogr_fdw lose the fractions of seconds.
    allowed = (
        [expected_day(), expected_day(seconds_only=True)] if source == "A GeoPackage" else [expected_day()]
    )
    assert found in allowed
    assert ask(flowdb, "SELECT count(*) FROM events.calls", "flowmachine") == [(len(found),)]
    assert ask(flowdb, "SELECT cdr_type, cdr_date::text FROM etl.available_dates") == [
        ("calls", "2024-03-01")
    ]
    cells = {row[6] for row in found} - {None}
    assert {name for (name,) in ask(flowdb, "SELECT location_id FROM events.location_ids")} == cells
    assert ask(flowdb, "SELECT * FROM available_tables() WHERE has_locations") == [
        ("calls", True, True, True)
    ]
    indexes = ask(flowdb, "SELECT indexname FROM pg_indexes WHERE tablename = 'calls_20240301'")
    assert {name for (name,) in indexes} == {f"calls_20240301_{column}_idx" for column in INDEXED}
    assert ask(flowdb, "SELECT reltuples FROM pg_class WHERE relname = 'calls_20240301'") == [(len(found),)]
    # Not exactly 1: a short row may find room in a page that was left as full.
    ((order,),) = ask(
        flowdb, "SELECT correlation FROM pg_stats WHERE tablename = 'calls_20240301' AND attname = 'msisdn'"
    )
    assert order > 0.95
    subscribers = len({row[4] for row in found})
    first, *_, last = sorted(found, key=lambda row: row[2])
    assert run("A look at it").strip().split("|") == [
        *(str(len(found)), str(subscribers)),
        *(f"{row[2]:%Y-%m-%d %H:%M:%S.%f}".rstrip("0").rstrip(".") + "+00" for row in (first, last)),
        str(len(found)),
    ]


def test_postgresql_is_asked_for_the_day_alone(flowdb: RunningFlowDB, files: Path, run: Run) -> None:
    with postgresql(flowdb, files, run):
        run("PostgreSQL", "The view")
        (sent,) = [line for line in run("What is sent").splitlines() if "Remote SQL" in line]
        plan = ask(
            flowdb,
            "EXPLAIN (VERBOSE) SELECT * FROM sources.calls_events "
            "WHERE datetime >= '2024-03-01 00:00:00+00' AND datetime < '2024-03-02 00:00:00+00'",
        )
        (through_the_view,) = [line for (line,) in plan if "Remote SQL" in line]
    for line in (sent, through_the_view):
        condition = line.partition(" WHERE ")[2]
        assert condition.count("start_time >= '2024-03-01 00:00:00+00'") == 1
        assert condition.count("start_time < '2024-03-02 00:00:00+00'") == 1


def test_the_account_at_the_source_reads_one_view(flowdb: RunningFlowDB, files: Path, run: Run) -> None:
    with (
        postgresql(flowdb, files, run),
        closing(psycopg2.connect(warehouse(flowdb), user="flowdb_reader", password=PASSWORD)) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT count(*) FROM calls_for_flowdb")
        assert cursor.fetchone() == (len(CALLS),)
        with pytest.raises(errors.InsufficientPrivilege):
            cursor.execute("SELECT * FROM cdr_voice")
        connection.rollback()
        with pytest.raises(errors.ReadOnlySqlTransaction):
            cursor.execute("CREATE TEMPORARY TABLE mine (a int)")


def test_a_compressed_file_that_is_cut_short_leaves_nothing(
    flowdb: RunningFlowDB, files: Path, run: Run
) -> None:
    with compressed_file(flowdb, files, run):
        packed = files / "calls_20240301.csv.gz"
        whole = packed.read_bytes()
        # Every row is there: only the checksum at the end is not.
        packed.write_bytes(whole[:-4])
        run("A compressed file", "The view")
        with pytest.raises(PsqlError, match=r"program \"gzip .+ failed"):
            run("Load a day")
        assert nothing_is_there(flowdb)
        packed.write_bytes(whole)
        run("Load a day")
    assert day_table(flowdb) == expected_day()


def test_a_row_without_a_subscriber_leaves_nothing(flowdb: RunningFlowDB, files: Path, run: Run) -> None:
    with csv_file(flowdb, files, run):
        file = files / "calls_20240301.csv"
        with file.open("a", encoding="utf-8") as opened:
            opened.write("x,MO,2024-03-01 12:00:00+00,1,,,1,,\n")
        run("A file", "The view")
        with pytest.raises(PsqlError, match='null value in column "msisdn"'):
            run("Load a day")
        assert nothing_is_there(flowdb)


def test_cells_of_a_shapefile(flowdb: RunningFlowDB, files: Path, run: Run) -> None:
    cells = {
        "cell_id": ["c1", "c2", "c3"],
        "site_id": ["s1", "s1", "s2"],
        "in_service": ["2023-01-02", "2023-05-06", "2024-01-01"],
    }
    points = gpd.points_from_xy([85.25, 85.25, 83.5], [27.5, 27.5, 28.125])
    gpd.GeoDataFrame(cells, geometry=points, crs=4326).to_file(files / "cells.shp")
    # Again, when the cells are there: with the table that reads them made anew.
    run("Cells in a shapefile", "Remove a source", "Prepare", "Cells in a shapefile")
    assert ask(
        flowdb,
        "SELECT id, site_id, date_of_first_service::text, st_x(geom_point), st_y(geom_point) "
        "FROM infrastructure.cells ORDER BY id",
    ) == [
        ("c1", "s1", "2023-01-02", 85.25, 27.5),
        ("c2", "s1", "2023-05-06", 85.25, 27.5),
        ("c3", "s2", "2024-01-01", 83.5, 28.125),
    ]
    assert ask(flowdb, "SELECT id, date_of_first_service::text FROM infrastructure.sites ORDER BY id") == [
        ("s1", "2023-01-02"),
        ("s2", "2024-01-01"),
    ]


def test_sql_server_that_does_not_answer_is_told_in_one_line(flowdb: RunningFlowDB, run: Run) -> None:
    run("SQL Server", "The view")
    for change in ((), ("One day of SQL Server",)):
        run(*change)
        with pytest.raises(PsqlError) as raised:
            run("Load a day")
        (line,) = str(raised.value).splitlines()
        assert "Unable to connect: Adaptive Server is unavailable or does not exist (127.0.0.1)" in line
        assert nothing_is_there(flowdb)


def test_oracles_sql_is_well_formed(flowdb: RunningFlowDB, run: Run) -> None:
    """A wrapper of the same name stands in for the one that needs Oracle's client: it checks no options."""
    ask(flowdb, "CREATE FOREIGN DATA WRAPPER oracle_fdw")
    run("Oracle", "The view")
    with pytest.raises(PsqlError, match='foreign-data wrapper "oracle_fdw" has no handler'):
        run("Load a day")


def test_only_the_oracle_image_has_oracles_wrapper(flowdb: RunningFlowDB) -> None:
    assert ask(flowdb, "SELECT 1 FROM pg_available_extensions WHERE name = 'oracle_fdw'") == []


@pytest.mark.parametrize("role", ["flowmachine", "flowapi"])
def test_others_see_neither_numbers_nor_passwords_nor_the_key(
    flowdb: RunningFlowDB, files: Path, run: Run, role: str
) -> None:
    with csv_file(flowdb, files, run):
        run("SQL Server")
        ask(flowdb, "DROP FOREIGN TABLE sources.calls")
        run("A file", "The view")
        assert ask(flowdb, "SELECT count(*) FROM sources.calls_events") == [(len(CALLS),)]
        for statement in (
            "SELECT * FROM sources.calls",
            "SELECT * FROM sources.calls_events",
            "SELECT sources.pseudonym('x', 'y')",
            "SELECT * FROM pg_user_mapping",
            "CREATE FOREIGN TABLE public.mine (a text) SERVER cdr OPTIONS (table_name 'x')",
            "CREATE FOREIGN TABLE public.mine (a text) SERVER csv_fdw OPTIONS (filename '/etc/passwd')",
        ):
            with pytest.raises(errors.InsufficientPrivilege):
                ask(flowdb, statement, role)
        key = sql.SQL("SELECT pg_read_binary_file({})").format(sql.Literal(str(files / "PSEUDONYM_KEY")))
        with pytest.raises(errors.InsufficientPrivilege):
            ask(flowdb, key, role)
        options = "SELECT umoptions FROM pg_user_mappings WHERE srvname = 'cdr'"
        assert ask(flowdb, options, role) == [(None,)]
        assert PASSWORD in str(ask(flowdb, options))


def test_the_password_of_a_user_mapping_is_in_no_statistics(flowdb: RunningFlowDB, run: Run) -> None:
    run("SQL Server")
    assert ask(flowdb, "SELECT count(*) > 0 FROM pg_stat_statements") == [(True,)]
    pattern = sql.SQL(
        "SELECT query FROM pg_stat_statements WHERE query LIKE '%CREATE USER MAPPING%username%'"
    )
    assert ask(flowdb, pattern) == []


def test_every_block_is_run() -> None:
    here = Path(__file__)
    text = here.read_text() + here.with_name("call_sources.py").read_text()
    used = set(re.findall(r'"([^"\n]+)"', text))
    assert set(SQL) - used == set()
