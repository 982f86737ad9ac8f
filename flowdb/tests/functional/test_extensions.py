"""The extensions of FlowDB, in its own database and in the one that operators copy."""

import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from conftest import cursor_of

from flowdb.database import connect
from flowdb.extensions import OPTIONAL, REQUIRED
from flowdb.testing import RunningFlowDB

# The packages of the optional ones; the median filters are FlowDB's own.
PACKAGES = {
    "postgis_topology": "postgresql-{}-postgis-3",
    "plpython3u": "postgresql-plpython3-{}",
    "pldbgapi": "postgresql-{}-pldebugger",
    "ogr_fdw": "postgresql-{}-ogr-fdw",
    "tds_fdw": "postgresql-{}-tds-fdw",
}


@pytest.fixture(params=["flowdb", "template_postgis"])
def cursor(request: pytest.FixtureRequest, flowdb_cluster: RunningFlowDB) -> Iterator[Any]:
    """Yield a cursor in each of the two databases."""
    with connect(flowdb_cluster.settings(), database=request.param) as connection:
        yield connection.cursor()


def test_all_that_are_available_are_there(cursor: Any) -> None:
    cursor.execute("SELECT name, installed_version = default_version FROM pg_available_extensions")
    available = dict(cursor.fetchall())
    assert set(REQUIRED) <= available.keys()
    for name in (*REQUIRED, *OPTIONAL):
        assert available.get(name, True), name


@pytest.mark.parametrize("name", PACKAGES)
def test_an_optional_one_is_missing_only_if_the_distribution_has_it_not(cursor: Any, name: str) -> None:
    cursor.execute("SELECT FROM pg_extension WHERE extname = %s", (name,))
    if cursor.rowcount == 0:
        package = PACKAGES[name].format(cursor.connection.server_version // 10_000)
        offered = subprocess.run(["apt-cache", "show", package], capture_output=True, check=False)
        assert offered.returncode != 0, f"tools/prepare installs {package}"


def test_oracle_is_not_offered(cursor: Any) -> None:
    cursor.execute("SELECT FROM pg_available_extensions WHERE name = 'oracle_fdw'")
    assert cursor.rowcount == 0


def test_the_server_for_files(cursor: Any) -> None:
    cursor.execute(
        "SELECT fdwname FROM pg_foreign_server JOIN pg_foreign_data_wrapper w ON w.oid = srvfdw "
        "WHERE srvname = 'csv_fdw'"
    )
    assert cursor.fetchall() == [("file_fdw",)]


def test_both_search_the_same_schemas(cursor: Any) -> None:
    cursor.execute("SHOW search_path")
    assert cursor.fetchone() == ('"$user", public, topology',)


def test_a_copy_of_the_template_knows_places(flowdb_cluster: RunningFlowDB) -> None:
    settings = flowdb_cluster.settings()
    with connect(settings, database="postgres", autocommit=True) as connection:
        maintenance = connection.cursor()
        maintenance.execute("SELECT datistemplate FROM pg_database WHERE datname = 'template_postgis'")
        assert maintenance.fetchone() == (True,)
        maintenance.execute("CREATE DATABASE mine TEMPLATE template_postgis")
        try:
            with connect(settings, database="mine") as copy:
                cursor = copy.cursor()
                cursor.execute("SELECT ST_AsText(ST_Point(1, 2))")
                assert cursor.fetchone() == ("POINT(1 2)",)
        finally:
            maintenance.execute("DROP DATABASE mine")


def test_a_file_is_read_through_the_server(asked, tmp_path) -> None:
    file = tmp_path / "calls.csv"
    file.write_text("id,msisdn\n1,anna\n2,Zoë\n", encoding="utf-8")
    for directory in (tmp_path, *tmp_path.parents[:2]):
        directory.chmod(0o755)
    file.chmod(0o644)
    with asked() as cursor:
        cursor.execute(
            "CREATE FOREIGN TABLE calls_file (id int, msisdn text) SERVER csv_fdw "
            "OPTIONS (filename %s, format 'csv', header 'true')",
            (str(file),),
        )
        cursor.execute("SELECT * FROM calls_file")
        assert cursor.fetchall() == [(1, "anna"), (2, "Zoë")]
        cursor.connection.rollback()


ROAD = "'SELECT 1 AS id, 1 AS source, 2 AS target, 1 AS cost'"


@pytest.mark.parametrize(
    ("extension", "statement", "answer"),
    [
        ("uuid-ossp", "SELECT length(uuid_generate_v4()::text)", 36),
        ("tsm_system_rows", "SELECT count(*) FROM d_date TABLESAMPLE SYSTEM_ROWS(7)", 7),
        ("fuzzystrmatch", "SELECT levenshtein('flow', 'flaw')", 1),
        (
            "pgrouting",
            "SELECT count(*) FROM pgr_dijkstra('SELECT 1 AS id, 1 AS source, 2 AS target, 1 AS cost', 1, 2)",
            2,
        ),
        ("postgis_raster", "SELECT ST_Width(ST_MakeEmptyRaster(3, 4, 0, 0, 1))", 3),
        ("postgis_topology", "SELECT count(*) FROM topology.topology", 0),
        ("pg_stat_statements", "SELECT count(*) > 0 FROM pg_stat_statements", True),
    ],
)
def test_what_they_are_for(ask, extension: str, statement: str, answer: object) -> None:
    assert ask(statement) == [(answer,)], extension


def test_python_in_the_database(asked) -> None:
    with asked() as cursor:
        cursor.execute("DO LANGUAGE plpython3u $$ import math; plpy.notice(math.sqrt(16)) $$")
        assert "4.0" in cursor.connection.notices[-1]
        cursor.connection.rollback()


def test_only_the_superuser_writes_python(flowdb_cluster: RunningFlowDB) -> None:
    with (
        cursor_of(flowdb_cluster.dsn("flowmachine")) as cursor,
        pytest.raises(Exception, match="permission denied"),
    ):
        cursor.execute("DO LANGUAGE plpython3u $$ pass $$")
