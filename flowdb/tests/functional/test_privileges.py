"""The matrix of roles, schemas and privileges, asked of PostgreSQL and compared with what is right.

Two cells are wider than FlowKit 1 had them, on purpose:

- the API role reads all of geography, whoever made it and when: it serves the tables of places, and nothing
  about subscribers is in there. In FlowKit 1 it depended on who loaded a table, and when;
- flowmachine reads the sequences of the schemas that it reads, those from before the roles too: so that the
  order in which tables and roles were made does not matter.
"""

import itertools
from collections.abc import Iterator

import pytest
from psycopg2 import sql

READ = {"SELECT"}
NOTHING: set[str] = set()
ALL = {"SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"}
READ_ONLY = ("events", "dfs", "infrastructure", "routing", "interactions", "etl")
WRITABLE = ("cache", "geography", "population", "elevation")
SCHEMAS = (*READ_ONLY, *WRITABLE, "public")
ROLES = ("flowmachine", "flowapi")

ON_SCHEMA = {
    **{("flowmachine", schema): {"USAGE"} for schema in READ_ONLY},
    **{("flowmachine", schema): {"USAGE", "CREATE"} for schema in WRITABLE},
    **{("flowapi", schema): NOTHING for schema in (*READ_ONLY, *WRITABLE)},
    ("flowapi", "cache"): {"USAGE"},
    ("flowapi", "geography"): {"USAGE"},
    ("flowmachine", "public"): {"USAGE", "CREATE"},
    ("flowapi", "public"): {"USAGE", "CREATE"},
}
# Tables, partitioned tables and views that FlowDB itself makes.
ON_PRESENT = {
    **{("flowmachine", schema): READ for schema in READ_ONLY},
    **{("flowmachine", schema): ALL for schema in WRITABLE},
    **{("flowapi", schema): NOTHING for schema in (*READ_ONLY, *WRITABLE)},
    ("flowapi", "geography"): READ,
    ("flowmachine", "public"): NOTHING,
    ("flowapi", "public"): NOTHING,
}
BY_SUPERUSER = ON_PRESENT | {
    ("flowapi", "cache"): READ,
    ("flowmachine", "public"): READ,
    ("flowapi", "public"): READ,
}
BY_FLOWMACHINE = {
    **{("flowmachine", schema): ALL for schema in (*WRITABLE, "public")},
    **{("flowapi", schema): NOTHING for schema in (*WRITABLE, "public")},
    ("flowapi", "cache"): READ,
    ("flowapi", "geography"): READ,
}
MATRIX = [(role, schema) for role in ROLES for schema in SCHEMAS]
_numbers = itertools.count()


@pytest.fixture
def made(ask) -> Iterator:
    """Return a function that has a role make a table and a sequence; they go at the end."""
    names = []

    def make(schema: str, maker: str) -> sql.Identifier:
        name = sql.Identifier(schema, f"matrix_{next(_numbers)}")
        names.append(name)
        ask(sql.SQL("CREATE TABLE {} (number serial)").format(name), role=maker)
        return name

    yield make
    for name in names:
        ask(sql.SQL("DROP TABLE IF EXISTS {}").format(name))


@pytest.fixture
def privileges(ask):
    """Return a function that asks which privileges a role has on a table."""
    # MAINTAIN belongs to "all" from PostgreSQL 17 on; older ones do not know it.
    (version,) = ask("SELECT current_setting('server_version_num')::int / 10000")[0]

    def asked(role: str, table: str) -> set[str]:
        rows = ask(
            "SELECT p FROM unnest(%s) AS p WHERE has_table_privilege(%s, %s, p)", sorted(ALL), role, table
        )
        found = {name for (name,) in rows}
        if version >= 17:
            (maintains,) = ask("SELECT has_table_privilege(%s, %s, 'MAINTAIN')", role, table)[0]
            assert maintains == (found == ALL)
        return found

    return asked


@pytest.mark.parametrize(("role", "schema"), MATRIX)
def test_on_schemas(ask, role: str, schema: str) -> None:
    rows = ask(
        "SELECT p FROM unnest(ARRAY['USAGE', 'CREATE']) AS p WHERE has_schema_privilege(%s, %s, p)",
        role,
        schema,
    )
    assert {name for (name,) in rows} == ON_SCHEMA[role, schema]


OF_OURS = """
    SELECT o.oid::regclass::text FROM pg_class o
    WHERE relnamespace = %s::regnamespace AND relkind = ANY (%s) AND relowner = 'flowdb'::regrole
    AND relname NOT LIKE 'matrix%%' AND relname NOT LIKE 'made%%'
    AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = o.tableoid AND objid = o.oid AND deptype = 'e')
"""


@pytest.mark.parametrize(("role", "schema"), MATRIX)
def test_on_tables_that_flowdb_makes(ask, privileges, role: str, schema: str) -> None:
    tables = [name for (name,) in ask(OF_OURS, schema, ["r", "p", "v"])]
    assert tables or schema in {"population", "elevation", "routing"}
    if schema in {"cache", "public"}:
        own = {"available_tables", "flowdb_version", "location_table", "d_date", "d_time", "files"}
        own |= {"alembic_version", "cache.cached", "cache.dependencies", "cache.cache_config"}
        own |= {"cache.accepted"}
        tables = [name for name in tables if name in own]
    found = {table: privileges(role, table) for table in tables}
    assert found == dict.fromkeys(tables, ON_PRESENT[role, schema])


@pytest.mark.parametrize(("role", "schema"), MATRIX)
def test_on_tables_that_the_superuser_makes(ask, made, privileges, role: str, schema: str) -> None:
    name = made(schema, "flowdb")
    assert privileges(role, ".".join(name.strings)) == BY_SUPERUSER[role, schema]


@pytest.mark.parametrize(("role", "schema"), [place for place in MATRIX if place in BY_FLOWMACHINE])
def test_on_tables_that_flowmachine_makes(made, privileges, role: str, schema: str) -> None:
    name = made(schema, "flowmachine")
    assert privileges(role, ".".join(name.strings)) == BY_FLOWMACHINE[role, schema]


@pytest.mark.parametrize(("role", "schema"), MATRIX)
def test_on_sequences(ask, made, role: str, schema: str) -> None:
    made(schema, "flowdb")
    sequences = ask(
        "SELECT relname, array(SELECT p FROM unnest(ARRAY['USAGE', 'SELECT', 'UPDATE']) AS p "
        "WHERE has_sequence_privilege(%s, oid, p)) FROM pg_class "
        "WHERE relkind = 'S' AND relnamespace = %s::regnamespace AND relowner = 'flowdb'::regrole",
        role,
        schema,
    )
    assert sequences
    reads = role == "flowmachine" and schema in READ_ONLY
    for name, found in sequences:
        wanted = ["SELECT"] if reads else []
        if (role, name) == ("flowmachine", "cache_touches"):
            wanted = ["USAGE", "SELECT", "UPDATE"]
        assert found == wanted, name


@pytest.mark.parametrize("role", ROLES)
def test_on_databases(ask, role: str) -> None:
    rows = ask(
        "SELECT datname, array(SELECT p FROM unnest(ARRAY['CONNECT', 'CREATE']) AS p "
        "WHERE has_database_privilege(%s, oid, p)) FROM pg_database "
        "WHERE datname IN ('flowdb', 'template_postgis')",
        role,
    )
    assert dict(rows) == {"flowdb": ["CONNECT", "CREATE"], "template_postgis": []}


@pytest.mark.parametrize("role", ROLES)
def test_neither_is_more_than_a_login(ask, role: str) -> None:
    assert ask(
        "SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls, rolcanlogin "
        "FROM pg_roles WHERE rolname = %s",
        role,
    ) == [(False, False, False, False, False, True)]
    assert ask("SELECT pg_get_userbyid(roleid) FROM pg_auth_members WHERE member = %s::regrole", role) == []


@pytest.mark.parametrize("role", ROLES)
def test_every_function_of_ours_may_be_called(ask, role: str) -> None:
    functions = ask(
        "SELECT p.oid::regprocedure::text, has_function_privilege(%s, p.oid, 'EXECUTE') FROM pg_proc p "
        "WHERE pronamespace = 'public'::regnamespace AND proowner = 'flowdb'::regrole "
        "AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = p.oid AND deptype = 'e')",
        role,
    )
    assert len(functions) > 30
    assert [name for name, allowed in functions if not allowed] == []


def test_functions_with_the_rights_of_their_owner_search_only_the_system_catalogue(ask) -> None:
    rows = ask(
        "SELECT proname, proconfig FROM pg_proc WHERE prosecdef AND proowner = 'flowdb'::regrole "
        "AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')"
    )
    assert {name for name, _ in rows} == {
        *("flowdb_version", "available_tables", "location_table", "cache_half_life", "cache_max_size"),
        *("cache_protected_period", "table_size", "cache_score", "touch_cache", "random_poisson"),
    }
    assert all(config == ["search_path=pg_catalog, pg_temp"] for _, config in rows)


def test_a_table_of_a_caller_takes_the_place_of_none_of_ours(asked) -> None:
    with asked("flowapi") as cursor:
        cursor.execute("CREATE TEMPORARY TABLE location_table AS SELECT 'mine'::text AS location_table")
        cursor.execute("CREATE TEMPORARY TABLE pg_class AS SELECT 1 AS oid")
        cursor.execute("SELECT * FROM location_table()")
        assert cursor.fetchall() == [("infrastructure.cells",)]
        cursor.execute("SELECT table_size('d_date', 'public') > 0")
        assert cursor.fetchone() == (True,)
