"""What tests of the life cycle share: a FlowDB, the command line as a process, what tables hold."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
from psycopg2 import sql

from flowdb.cluster import Cluster
from flowdb.testing import RunningFlowDB, free_port, server_directory

SMALL = {
    "SHARED_BUFFERS_SIZE": "64MB",
    "MAX_LOCKS_PER_TRANSACTION": "64",
    "FLOWDB_DURABLE": "false",
    "FLOWDB_LOG_DEST": "stderr",
}
SCHEMAS = ["public", "events", "etl", "infrastructure", "geography", "cache", "interactions", "dfs"]


@contextmanager
def unmade_flowdb() -> Iterator[RunningFlowDB]:
    """Yield a FlowDB that is not made yet, beside which there is room; what runs there is stopped."""
    with server_directory("flowdb-life-") as directory:
        flowdb = RunningFlowDB(host="127.0.0.1", port=free_port(), data_directory=directory / "data")
        yield flowdb
        Cluster(flowdb.settings()).stop()


def environment(flowdb: RunningFlowDB, **changes: str) -> dict[str, str]:
    return {"PATH": os.environ["PATH"]} | flowdb.environment() | SMALL | changes


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "flowdb", *arguments]


def run(flowdb: RunningFlowDB, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments),
        env=environment(flowdb, **changes),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def succeed(flowdb: RunningFlowDB, *arguments: str, **changes: str) -> str:
    """Run a command that must succeed; return what it said."""
    result = run(flowdb, *arguments, **changes)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def ask(flowdb: RunningFlowDB, statement: str, *values: object) -> list[tuple]:
    connection = psycopg2.connect(flowdb.dsn())
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def contents(flowdb: RunningFlowDB, *schemas: str) -> dict[str, tuple[int, int]]:
    """Return number and checksum of the rows of each table; the order of rows does not matter."""
    found = {}
    connection = psycopg2.connect(flowdb.dsn())
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname = ANY(%s) ORDER BY 1, 2",
            (list(schemas or SCHEMAS),),
        )
        for schema, table in cursor.fetchall():
            cursor.execute(
                sql.SQL(
                    "SELECT count(*), coalesce(sum(hashtextextended(rows::text, 0)::numeric), 0) "
                    "FROM {} AS rows"
                ).format(sql.Identifier(schema, table))
            )
            found[f"{schema}.{table}"] = cursor.fetchone()
    connection.close()
    return found


def beside(flowdb: RunningFlowDB, name: str) -> Path:
    """Return a path next to the data directory."""
    return flowdb.data_directory.parent / name
