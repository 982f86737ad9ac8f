"""What ``flowdb status --json`` says of a database, each fact against its own plain question."""

import json

import pytest

from flowdb.facts import newest_revision


@pytest.fixture
def facts(flowdb, ask):
    """Return what is said of a database with two loaded days and one stored result."""
    ask(
        "INSERT INTO etl.etl_records (cdr_type, cdr_date, state, timestamp) VALUES "
        "('mds', '2020-02-01', 'ingested', now()), ('mds', '2020-02-03', 'ingested', now()), "
        "('topups', '2020-02-09', 'failed', now())"
    )
    ask("CREATE TABLE cache.xfacts AS SELECT generate_series(1, 10000) AS n", role="flowmachine")
    ask(
        "INSERT INTO cache.cached (query_id, schema, tablename, class) VALUES "
        "('r', 'cache', 'xfacts', 'DailyLocation'), ('t', 'events', 'sms', 'Table')"
    )
    yield lambda: json.loads(flowdb("status", "--json").output)
    ask("DELETE FROM etl.etl_records WHERE cdr_type IN ('mds', 'topups')")
    ask("DELETE FROM cache.cached WHERE query_id IN ('r', 't')")
    ask("DROP TABLE cache.xfacts")


def test_what_a_database_holds(facts, ask) -> None:
    said = facts()
    assert said["answers"] is True
    assert said["days"]["mds"] == {"loaded": 2, "oldest": "2020-02-01", "newest": "2020-02-03"}
    assert "topups" not in said["days"]
    assert said["newest_day"] == "2020-02-03"
    (size,) = ask("SELECT pg_total_relation_size('cache.xfacts')")[0]
    (limit,) = ask("SELECT cache_max_size()")[0]
    assert said["cache"] == {"results": 1, "bytes": size, "limit_bytes": limit}
    assert said["database_bytes"] > size
    assert 0 <= said["uptime_seconds"] < 24 * 3600
    assert said["schema_revision"] == said["newest_revision"] == newest_revision()
    assert said["migration_needed"] is False


def test_an_older_schema_is_noticed(facts, ask) -> None:
    revision = newest_revision()
    ask("UPDATE public.alembic_version SET version_num = '0000'")
    try:
        assert facts()["migration_needed"] is True
    finally:
        ask("UPDATE public.alembic_version SET version_num = %s", revision)


def test_the_health_check_asks_little(flowdb) -> None:
    said = flowdb("status").output
    assert said.startswith("FlowDB ")
    assert said.count("\n") == 1
