"""What the documentation shows analysts with PostgreSQL clients of their own is run as it stands."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from documented import PsqlError, blocks, connection_variables, psql
from psycopg2.extensions import make_dsn

from flowdb.testing import RunningFlowDB, running_flowdb

PAGE = "flowdb-alone.md"
SQL = blocks(PAGE)
DATA = {
    "N_DAYS": "2",
    "N_SUBSCRIBERS": "2000",
    "N_CALLS": "4000",
    "N_SMS": "10",
    "N_MDS": "0",
    "N_CELLS": "60",
    "N_SITES": "30",
}


@pytest.fixture(scope="module")
def flowdb() -> Iterator[RunningFlowDB]:
    with running_flowdb() as flowdb:
        program = [sys.executable, "-m", "flowdb", "generate"]
        environment = {"PATH": os.environ["PATH"], **flowdb.environment(), **DATA}
        subprocess.run(program, env=environment, check=True, capture_output=True)
        yield flowdb


@pytest.fixture
def analyst(flowdb: RunningFlowDB) -> Iterator[str]:
    """Yield the DSN of an analyst made, and removed again, as the page says."""
    psql(flowdb.dsn(), SQL["Who may see what"])
    psql(flowdb.dsn(), "ALTER ROLE ana PASSWORD 'anas'")
    yield make_dsn(flowdb.dsn(), user="ana", password="anas")
    psql(flowdb.dsn(), SQL["When somebody leaves"])
    assert psql(flowdb.dsn(), "SELECT count(*) FROM pg_roles WHERE rolname = 'ana'") == "0\n"


def test_an_analyst_gets_what_the_examples_promise(analyst: str) -> None:
    days = psql(analyst, SQL["What there is"]).splitlines()
    assert days == ["calls|2016-01-01|2016-01-02|2", "sms|2016-01-01|2016-01-02|2"]
    hours = psql(analyst, SQL["Events by hour"]).splitlines()
    assert sum(int(line.split("|")[1]) for line in hours) == 8000
    regions = [line.split("|") for line in psql(analyst, SQL["Subscribers by region"]).splitlines()]
    assert {day for _, day, _ in regions} == {"2016-01-01", "2016-01-02"}
    assert all(int(people) > 15 for *_, people in regions)


def test_only_the_partitions_of_the_days_are_read(analyst: str) -> None:
    plan = psql(analyst, f"EXPLAIN {SQL['Events by hour']}")
    assert "calls_20160101" in plan
    assert "calls_20160102" not in plan


def test_python_finds_flowdb_through_the_environment(analyst: str) -> None:
    finished = subprocess.run(
        [sys.executable, "-W", "error", "-c", blocks(PAGE, "python")["Python"]],
        env={"PATH": os.environ["PATH"], **connection_variables(analyst)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.stderr == ""
    assert "calls  2016-01-02" in finished.stdout


def test_an_analyst_keeps_tables_and_cannot_change_events(flowdb: RunningFlowDB, analyst: str) -> None:
    psql(
        analyst,
        "CREATE SCHEMA ana; CREATE TABLE ana.mine AS SELECT 1; CREATE TABLE public.anas AS SELECT 1",
    )
    with pytest.raises(PsqlError, match="permission denied for table anas"):
        psql(flowdb.dsn("flowapi"), "SELECT * FROM public.anas")
    for statement in ("DELETE FROM events.calls", "DROP TABLE events.calls", "SELECT * FROM pg_authid"):
        with pytest.raises(PsqlError, match=r"permission denied|must be owner"):
            psql(analyst, statement)
    psql(flowdb.dsn(), "DROP TABLE public.anas")


def test_every_block_is_run() -> None:
    assert set(SQL) == {
        *("Who may see what", "When somebody leaves"),
        *("What there is", "Events by hour", "Subscribers by region"),
    }
