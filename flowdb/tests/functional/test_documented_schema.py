"""The page about the schema: its statements run, and it names everything there is."""

import re
from pathlib import Path
from typing import Any

import pytest
from catalogue import catalogue
from conftest import cursor_of
from databases import ROWS

from flowdb.testing import RunningFlowDB, running_flowdb

PAGE = (Path(__file__).parents[3] / "docs/pages/operators/flowdb-schema.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```sql\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
SUPERUSER = "-- as the superuser\n"


@pytest.fixture(scope="module")
def cursor():
    """Yield a cursor of a database with a few rows."""
    with running_flowdb() as flowdb, cursor_of(flowdb.dsn()) as opened:
        opened.execute("INSERT INTO interactions.locations (location_id) VALUES (7)")
        opened.execute(ROWS)
        opened.connection.commit()
        yield opened
        opened.connection.rollback()


@pytest.mark.parametrize("block", BLOCKS)
def test_statements_run(cursor: Any, block: str) -> None:
    try:
        if not block.startswith(SUPERUSER):
            cursor.execute("SET LOCAL ROLE flowmachine")
        for statement in filter(str.strip, block.split(";\n")):
            cursor.execute(statement)
    finally:
        cursor.connection.rollback()


def test_the_answer_that_is_shown(cursor: Any) -> None:
    (statement,) = re.findall(r"^SELECT rolling_median_impute.*;$", PAGE, re.MULTILINE)
    cursor.execute(statement)
    assert cursor.fetchone() == ([12, 14, 15, 14, 14, 90],)


def test_every_table_and_function_is_named(flowdb_cluster: RunningFlowDB) -> None:
    with cursor_of(flowdb_cluster.dsn()) as opened:
        found = catalogue(opened)
        opened.execute("SELECT inhrelid::regclass::text FROM pg_inherits")
        partitions = {name for (name,) in opened.fetchall()}
    wanted = {name for _, name, kind, *_ in found["relations"] if kind in "rpv"}
    wanted = {name for name in wanted if not re.match(r"(admin\d|x[0-9a-f]{32}|made_|matrix_|alembic)", name)}
    wanted -= {name.rpartition(".")[2] for name in partitions}
    wanted |= {name.partition("(")[0] for _, name, *_ in found["functions"]}
    assert [name for name in sorted(wanted) if not re.search(rf"\b{name}\b", PAGE)] == []
