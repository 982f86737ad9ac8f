"""The page about the schema: its statements run, and it names everything there is."""

import re
from collections.abc import Iterator
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
def flowdb() -> Iterator[RunningFlowDB]:
    """Yield a database of which nobody has made more than there is, until it gets a few rows."""
    with running_flowdb() as running:
        yield running


@pytest.fixture(scope="module")
def cursor(flowdb: RunningFlowDB) -> Iterator[Any]:
    with cursor_of(flowdb.dsn()) as opened:
        opened.execute("INSERT INTO interactions.locations (location_id) VALUES (7)")
        opened.execute(ROWS)
        opened.connection.commit()
        yield opened
        opened.connection.rollback()


def test_every_table_and_function_is_named(flowdb: RunningFlowDB) -> None:
    with cursor_of(flowdb.dsn()) as opened:
        found = catalogue(opened)
    wanted = {name for _, name, kind, *_ in found["relations"] if kind in "rpv"} - {"alembic_version"}
    wanted |= {name.partition("(")[0] for _, name, *_ in found["functions"]}
    assert [name for name in sorted(wanted) if not re.search(rf"\b{name}\b", PAGE)] == []


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
