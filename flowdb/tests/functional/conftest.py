from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import psycopg2
import pytest
from click.testing import CliRunner, Result
from sql_country import make_network

from flowdb.cli import main
from flowdb.testing import RunningFlowDB, running_flowdb

Ask = Callable[..., list[tuple[Any, ...]]]


@contextmanager
def cursor_of(dsn: str) -> Iterator[Any]:
    connection = psycopg2.connect(dsn)
    try:
        with connection, connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


@pytest.fixture
def asked(flowdb_cluster: RunningFlowDB) -> Callable[..., AbstractContextManager[Any]]:
    """Return a function that opens a cursor for one transaction of a role."""
    return lambda role="flowdb": cursor_of(flowdb_cluster.dsn(role))


@pytest.fixture
def ask(flowdb_cluster: RunningFlowDB) -> Ask:
    """Return a function that runs one statement as a role and returns its rows."""

    def run(statement: str, *values: Any, role: str = "flowdb") -> list[tuple[Any, ...]]:
        with cursor_of(flowdb_cluster.dsn(role)) as cursor:
            cursor.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []

    return run


@pytest.fixture
def flowdb(flowdb_cluster: RunningFlowDB, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Return a function that runs the command line against the database of the session."""
    for name, value in flowdb_cluster.environment().items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, arguments, catch_exceptions=False)

    return run


@pytest.fixture(scope="session")
def country_flowdb() -> Iterator[RunningFlowDB]:
    """Yield a FlowDB of its own, with the bundled regions and a small network, for synthetic events."""
    with running_flowdb() as flowdb:
        make_network(flowdb)
        yield flowdb
