"""A database made by the first migration, filled, and upgraded step by step is the same as a fresh one."""

from collections.abc import Iterator
from typing import Any

import pytest
from catalogue import catalogue
from conftest import cursor_of
from databases import RESET, STORED, contents, fill, maintaining, replace_database, revisions

from flowdb.schema import migrate
from flowdb.testing import RunningFlowDB, running_flowdb

# What the migration makes of a link to a place when there was no table of places.
PLACES = (
    "INSERT INTO interactions.locations (location_id) VALUES (7)",
    "SELECT setval('interactions.locations_location_id_seq', 7)",
)
CALLS = (
    "SELECT * FROM flowdb_version()",
    "SELECT * FROM available_tables()",
    "SELECT * FROM location_table()",
    "SELECT cache_half_life(), cache_max_size(), cache_protected_period()",
    "SELECT table_size('cells', 'infrastructure')",
    "SELECT ST_AsText(makegrid_2d(ST_MakeEnvelope(0, 0, 2, 2, 3857), 1))",
    "SELECT msisdn, count(*) FROM events.calls WHERE datetime < '2016-01-02' GROUP BY msisdn",
    "SELECT g.short_name FROM infrastructure.cells c JOIN geography.geoms g ON ST_Within(geom_point, geom)",
)


def answers(cursor: Any) -> list[list[Any]]:
    found = []
    for statement in (*CALLS, RESET, "SELECT touch_cache(%(stored)s)", RESET):
        cursor.execute(statement, {"stored": STORED})
        found.append(sorted(cursor.fetchall()))
    cursor.connection.rollback()
    return found


@pytest.fixture(scope="module")
def fresh() -> Iterator[tuple[RunningFlowDB, dict[str, Any]]]:
    """Yield a server and what a filled database of this release holds; its database is to be replaced."""
    with running_flowdb() as flowdb:
        with cursor_of(flowdb.dsn()) as cursor:
            for statement in PLACES:
                cursor.execute(statement)
        fill(flowdb)
        migrate(flowdb.settings())
        with cursor_of(flowdb.dsn()) as cursor:
            state = {"catalogue": catalogue(cursor), "contents": contents(cursor)}
            state["answers"] = answers(cursor)
        yield flowdb, state


def test_every_step_keeps_the_rows_and_the_last_one_makes_a_fresh_database(fresh) -> None:
    flowdb, wanted = fresh
    assert all(wanted["catalogue"].values())
    first, *later = revisions()
    replace_database(flowdb)
    migrate(flowdb.settings(), revision=first)
    fill(flowdb)
    with cursor_of(flowdb.dsn()) as cursor:
        before, answered = contents(cursor), answers(cursor)
        empty = [name for name, rows in before.items() if not rows]
        assert empty == [], "fill these in rows_of_0001.sql"
    for revision in later:
        migrate(flowdb.settings(), revision=revision)
        with cursor_of(flowdb.dsn()) as cursor:
            after = contents(cursor, before)
            for name in before.keys() - {"public.flowdb_version", "public.location_table"}:
                assert after[name] == before[name], (revision, name)
            assert answers(cursor) == answered
    migrate(flowdb.settings())
    with cursor_of(flowdb.dsn()) as cursor:
        for kind, found in catalogue(cursor).items():
            assert found == wanted["catalogue"][kind], kind
        assert contents(cursor) == wanted["contents"]
        assert answers(cursor) == wanted["answers"]


def test_an_upgrade_makes_the_template_database_and_updates_extensions(fresh) -> None:
    flowdb, _ = fresh
    with maintaining(flowdb) as cursor:
        cursor.execute("ALTER DATABASE template_postgis IS_TEMPLATE false")
        cursor.execute("DROP DATABASE template_postgis")
    with cursor_of(flowdb.dsn()) as cursor:
        cursor.execute("DROP EXTENSION pg_stat_statements")
        cursor.execute("CREATE EXTENSION pg_stat_statements VERSION '1.8'")
    migrate(flowdb.settings())
    with cursor_of(flowdb.dsn()) as cursor:
        cursor.execute("SELECT datistemplate FROM pg_database WHERE datname = 'template_postgis'")
        assert cursor.fetchone() == (True,)
        cursor.execute(
            "SELECT installed_version = default_version FROM pg_available_extensions "
            "WHERE name = 'pg_stat_statements'"
        )
        assert cursor.fetchone() == (True,)
