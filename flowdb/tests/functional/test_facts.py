"""What a database says about itself: its version, where events are, and which tables there are."""

import pytest

from flowdb.schema import migrate
from flowdb.testing import RunningFlowDB


@pytest.fixture
def changed(flowdb_cluster: RunningFlowDB):
    """Return a function that migrates with other settings; those of the session come back at the end."""
    yield lambda **changes: migrate(flowdb_cluster.settings(**changes))
    migrate(flowdb_cluster.settings())


def test_one_version_and_one_location_table_are_kept(ask, changed) -> None:
    for version, table in (("2.0.1", "infrastructure.sites"), ("2.0.2", "infrastructure.cells")):
        changed(FLOWDB_VERSION=version, FLOWDB_RELEASE_DATE="2026-12-01", LOCATION_TABLE=table)
        assert ask("SELECT version, release_date::text FROM flowdb_version()") == [(version, "2026-12-01")]
        assert ask("SELECT location_table FROM location_table()") == [(table,)]
        assert ask("SELECT updated FROM public.flowdb_version") == [(True,)]
        assert ask("SELECT changed FROM public.location_table") == [(True,)]


@pytest.mark.parametrize("role", ["flowmachine", "flowapi"])
def test_every_role_is_told_and_sees_changes(ask, role: str) -> None:
    assert ask("SELECT * FROM available_tables()", role=role) == ask("TABLE public.available_tables")
    ask("UPDATE public.available_tables SET has_counterparts = true WHERE table_name = 'forwards'")
    try:
        told = "SELECT * FROM available_tables() WHERE table_name = 'forwards'"
        assert ask(told, role=role) == [("forwards", False, False, True)]
    finally:
        ask("UPDATE public.available_tables SET has_counterparts = false WHERE table_name = 'forwards'")


def test_the_tables_of_events_and_nothing_else_are_listed(ask) -> None:
    assert {name for (name,) in ask("SELECT table_name FROM available_tables()")} == {
        *("calls", "forwards", "sms", "mds", "topups")
    }


def test_migrating_again_keeps_what_etl_has_recorded(ask, changed) -> None:
    ask("UPDATE public.available_tables SET has_locations = true WHERE table_name = 'mds'")
    try:
        changed()
        assert ask("SELECT has_locations FROM available_tables() WHERE table_name = 'mds'") == [(True,)]
    finally:
        ask("UPDATE public.available_tables SET has_locations = false WHERE table_name = 'mds'")


def test_the_answer_is_not_kept_by_a_prepared_statement(asked) -> None:
    with asked() as cursor:
        cursor.execute("PREPARE told AS SELECT location_table FROM location_table()")
        for _ in range(7):
            cursor.execute("EXECUTE told")
        cursor.execute("UPDATE public.location_table SET location_table = 'infrastructure.sites'")
        cursor.execute("EXECUTE told")
        assert cursor.fetchall() == [("infrastructure.sites",)]
        cursor.connection.rollback()
