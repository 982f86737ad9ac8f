"""Databases in the state of an earlier migration, with rows in them."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic.script import ScriptDirectory
from catalogue import catalogue
from conftest import cursor_of
from psycopg2 import sql

from flowdb.database import connect
from flowdb.migrations import DIRECTORY
from flowdb.schema import create_database
from flowdb.testing import RunningFlowDB

ROWS = (Path(__file__).parent / "rows_of_0001.sql").read_text(encoding="utf-8")
STORED = "0123456789abcdef0123456789abcdef"
RESET = "SELECT setval('cache.cache_touches', 5)"


@contextmanager
def maintaining(flowdb: RunningFlowDB) -> Iterator[Any]:
    """Yield a cursor for statements that make and drop databases."""
    with connect(flowdb.settings(), database="postgres", autocommit=True) as connection:
        yield connection.cursor()


def revisions() -> list[str]:
    """Return every revision of the schema, oldest first."""
    walked = ScriptDirectory(str(DIRECTORY)).walk_revisions()
    return [script.revision for script in walked][::-1]


def contents(cursor: Any, names: Iterable[str] | None = None) -> dict[str, list[str]]:
    """Return the rows of every table, view and sequence of ours, or of the named ones."""
    found = {}
    for schema, name, kind, *_ in catalogue(cursor)["relations"]:
        if kind in "rpvS" and name != "alembic_version":
            # The third column of a sequence counts writes of the log.
            statement = (
                "SELECT last_value, is_called FROM {}" if kind == "S" else "SELECT t::text FROM {} AS t"
            )
            cursor.execute(sql.SQL(statement).format(sql.Identifier(schema, name)))
            found[f"{schema}.{name}"] = sorted(map(str, cursor.fetchall()))
    return {name: found[name] for name in names or found}


def replace_database(flowdb: RunningFlowDB, copy_of: str | None = None) -> None:
    """Put an empty database in the place of what there is, or a copy of another one."""
    with maintaining(flowdb) as cursor:
        cursor.execute("DROP DATABASE flowdb WITH (FORCE)")
        if copy_of is not None:
            cursor.execute(sql.SQL("CREATE DATABASE flowdb TEMPLATE {}").format(sql.Identifier(copy_of)))
    create_database(flowdb.settings())


def fill(flowdb: RunningFlowDB) -> None:
    """Write rows into every table of the first migration, and store a result."""
    with cursor_of(flowdb.dsn()) as cursor:
        cursor.execute(ROWS)
    with cursor_of(flowdb.dsn("flowmachine")) as cursor:
        cursor.execute(
            sql.SQL("CREATE TABLE {} AS SELECT 1 AS value").format(sql.Identifier("cache", f"x{STORED}"))
        )
        cursor.execute(sql.SQL("SELECT touch_cache({})").format(sql.Literal(STORED)))
        cursor.execute("UPDATE cache.cached SET last_accessed = created")
        cursor.execute(RESET)
