"""What each role can do, and what it cannot."""

import itertools

import psycopg2
import pytest
from psycopg2 import errors, sql

from flowdb.database import connect
from flowdb.roles import apply_roles
from flowdb.testing import RunningFlowDB

BOTH = ("flowmachine", "flowapi")
_numbers = itertools.count()


@pytest.fixture
def new_table(ask):
    """Return a function that has a role make a table, which goes at the end."""
    made = []

    def make(schema: str, role: str = "flowdb") -> str:
        name = f"{schema}.made_{next(_numbers)}"
        ask(on("CREATE TABLE {} AS SELECT 1 AS value", name), role=role)
        made.append(name)
        return name

    yield make
    for name in made:
        ask(on("DROP TABLE IF EXISTS {}", name))


def on(statement: str, name: str) -> sql.Composed:
    """Return a statement on a table of a schema."""
    return sql.SQL(statement).format(sql.Identifier(*name.split(".")))


def refused(ask, statement: str | sql.Composed, role: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        ask(statement, role=role)


@pytest.mark.parametrize("role", BOTH)
@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE events.calls",
        "CREATE TABLE events.mine (a int)",
        "INSERT INTO events.calls (datetime, msisdn) VALUES (now(), 'x')",
        "DROP TABLE cache.cached",
        "DROP TABLE cache.dependencies",
        "DROP TABLE geography.geoms",
        "INSERT INTO etl.etl_records (cdr_type) VALUES ('calls')",
        "UPDATE infrastructure.cells SET id = 'x'",
        "SELECT * FROM public.available_tables",
        "SELECT * FROM public.flowdb_version",
        "SELECT * FROM public.location_table",
        "SELECT * FROM public.d_date",
        "CREATE ROLE mine",
        "COPY (SELECT 1) TO PROGRAM 'true'",
    ],
)
def test_refused_to_both(ask, role: str, statement: str) -> None:
    refused(ask, statement, role)


@pytest.mark.parametrize("role", BOTH)
def test_both_make_and_drop_tables_in_public(ask, role: str) -> None:
    name = f"public.made_{next(_numbers)}"
    ask(on("CREATE TABLE {} (a int)", name), role=role)
    ask(on("DROP TABLE {}", name), role=role)


@pytest.mark.parametrize("role", BOTH)
@pytest.mark.parametrize("schema", ["cache", "geography", "public"])
def test_both_read_new_tables_of_the_superuser(ask, new_table, role: str, schema: str) -> None:
    assert ask(on("SELECT * FROM {}", new_table(schema)), role=role) == [(1,)]


@pytest.mark.parametrize("role", BOTH)
@pytest.mark.parametrize("schema", ["cache", "geography"])
def test_both_read_new_tables_of_flowmachine(ask, new_table, role: str, schema: str) -> None:
    assert ask(on("SELECT * FROM {}", new_table(schema, role="flowmachine")), role=role) == [(1,)]


@pytest.mark.parametrize("role", BOTH)
@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM flowdb_version()",
        "SELECT * FROM available_tables()",
        "SELECT * FROM location_table()",
        "SELECT cache_half_life(), cache_max_size(), cache_protected_period()",
        "SELECT * FROM random_ints(0.5, 3, 10)",
    ],
)
def test_both_call_the_functions(ask, role: str, statement: str) -> None:
    assert ask(statement, role=role)


@pytest.mark.parametrize("schema", ["events", "infrastructure", "routing", "dfs", "interactions", "etl"])
def test_flowmachine_reads_new_tables(ask, new_table, schema: str) -> None:
    name = new_table(schema)
    assert ask(on("SELECT * FROM {}", name), role="flowmachine") == [(1,)]
    refused(ask, on("DELETE FROM {}", name), "flowmachine")


@pytest.mark.parametrize(
    "table",
    [
        "events.calls",
        "events.location_ids",
        "infrastructure.cells",
        "etl.available_dates",
        "etl.ingest_state",
    ],
)
def test_flowmachine_reads_and_the_api_does_not(ask, table: str) -> None:
    ask(on("SELECT * FROM {} LIMIT 1", table), role="flowmachine")
    refused(ask, on("SELECT * FROM {} LIMIT 1", table), "flowapi")


def test_flowmachine_writes_the_records_of_the_cache(asked) -> None:
    query_id = "0" * 32
    with asked("flowmachine") as cursor:
        cursor.execute(
            "INSERT INTO cache.cached (query_id, access_count, compute_time, cache_score_multiplier, class, "
            "schema, tablename) VALUES (%s, 0, 1000, 0, 'Query', 'cache', 'none')",
            (query_id,),
        )
        cursor.execute("SELECT touch_cache(%s), nextval('cache.cache_touches')", (query_id,))
        cursor.execute("UPDATE cache.cache_config SET value = value")
        cursor.execute("SELECT setval('cache.cache_touches', 1)")
        cursor.execute("DELETE FROM cache.cached WHERE query_id = %s", (query_id,))


def test_flowmachine_drops_its_own_results_only(ask, new_table) -> None:
    own, other = new_table("cache", role="flowmachine"), new_table("cache")
    ask(on("DROP TABLE {}", own), role="flowmachine")
    refused(ask, on("DROP TABLE {}", other), "flowmachine")


@pytest.mark.parametrize("schema", ["geography", "population", "elevation"])
def test_flowmachine_makes_tables_of_places(new_table, schema: str) -> None:
    new_table(schema, role="flowmachine")


@pytest.mark.parametrize("table", ["cached", "dependencies", "cache_config", "accepted"])
def test_the_api_does_not_read_the_records_of_the_cache(ask, table: str) -> None:
    refused(ask, on("SELECT * FROM cache.{}", table), "flowapi")


@pytest.mark.parametrize("schema", ["cache", "geography"])
@pytest.mark.parametrize("maker", ["flowdb", "flowmachine"])
def test_the_api_changes_nothing(ask, new_table, schema: str, maker: str) -> None:
    name = new_table(schema, role=maker)
    refused(ask, on("DROP TABLE {}", name), "flowapi")
    refused(ask, on("DELETE FROM {}", name), "flowapi")
    refused(ask, on("CREATE TABLE {} (a int)", f"{schema}.mine"), "flowapi")
    refused(ask, "SELECT nextval('cache.cache_touches')", "flowapi")


def test_the_api_reads_geography_that_was_there_before(ask) -> None:
    ask("SELECT * FROM geography.geoms", role="flowapi")


def test_an_analyst_who_is_a_member_acts_for_flowmachine(ask, flowdb_cluster: RunningFlowDB) -> None:
    ask("CREATE ROLE analyst LOGIN PASSWORD 'analyst' IN ROLE flowmachine")
    try:
        dsn = flowdb_cluster.dsn().replace("flowdb:", "analyst:", 1)
        dsn = dsn.replace(flowdb_cluster.dsn().split("@")[0].rpartition(":")[2], "analyst", 1)
        connection = psycopg2.connect(dsn)
        with connection, connection.cursor() as cursor:
            cursor.execute("CREATE TABLE cache.analysts AS SELECT 1 AS value")
            cursor.execute("ALTER TABLE cache.analysts OWNER TO flowmachine")
            cursor.execute("DROP TABLE cache.analysts")
        connection.close()
    finally:
        ask("DROP ROLE analyst")


def test_nobody_connects_without_a_password(flowdb_cluster: RunningFlowDB) -> None:
    for host in (flowdb_cluster.host, str(flowdb_cluster.data_directory)):
        with pytest.raises(psycopg2.OperationalError, match=r"no password supplied|password authentication"):
            psycopg2.connect(
                host=host, port=flowdb_cluster.port, user="flowdb", dbname="flowdb", passfile="/none"
            )


def test_a_stranger_cannot_connect(ask, flowdb_cluster: RunningFlowDB) -> None:
    ask("CREATE ROLE stranger LOGIN PASSWORD 'strange'")
    try:
        with pytest.raises(psycopg2.OperationalError, match="permission denied for database"):
            psycopg2.connect(
                host=flowdb_cluster.host,
                port=flowdb_cluster.port,
                user="stranger",
                password="strange",
                dbname="flowdb",
            )
    finally:
        ask("DROP ROLE stranger")


def test_other_names_and_awkward_passwords(ask, flowdb_cluster: RunningFlowDB) -> None:
    password = 'it\'s "awkward"; %s \\ {} $$ü'
    settings = flowdb_cluster.settings(
        FLOWAPI_FLOWDB_USER='api "two"',
        FLOWAPI_FLOWDB_PASSWORD=password,
        FLOWMACHINE_FLOWDB_USER="worker",
        FLOWMACHINE_FLOWDB_PASSWORD=password,
    )
    with connect(settings) as connection:
        apply_roles(connection, settings)
        apply_roles(connection, settings)
    place = {"host": settings.host, "port": settings.port, "dbname": "flowdb", "password": password}
    try:
        with psycopg2.connect(user="worker", **place) as worker, worker.cursor() as cursor:
            cursor.execute("CREATE TABLE cache.made AS SELECT 1 AS value")
            cursor.execute("SELECT tableowner FROM pg_tables WHERE tablename = 'made'")
            assert cursor.fetchone() == ("flowmachine",)
        worker.close()
        with psycopg2.connect(user='api "two"', **place) as api, api.cursor() as cursor:
            cursor.execute("SELECT value FROM cache.made")
            assert cursor.fetchone() == (1,)
        api.close()
    finally:
        ask("DROP TABLE IF EXISTS cache.made")
        ask("DROP OWNED BY worker")
        ask("DROP ROLE worker")
        ask('DROP OWNED BY "api ""two"""')
        ask('DROP ROLE "api ""two"""')
    assert ask("SELECT 1", role="flowmachine") == [(1,)]
