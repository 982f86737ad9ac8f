"""Forgetting stored results while queries go on."""

import threading
import time

import psycopg2

from flowdb.database import connect
from flowdb.results import forget_results
from flowdb.testing import RunningFlowDB

RECORD = (
    "INSERT INTO cache.cached (query_id, access_count, compute_time, cache_score_multiplier, class, schema, "
    "tablename) VALUES (%s, 0, 1, 0, 'Query', 'cache', %s)"
)


def waiting(flowdb: RunningFlowDB) -> bool:
    """Return once a session waits for a lock; False if none does within ten seconds."""
    deadline = time.monotonic() + 10
    with connect(flowdb.settings(), autocommit=True) as connection, connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
            if cursor.fetchone() != (0,):
                return True
            time.sleep(0.02)
    return False


def test_a_result_that_is_being_computed_from_a_stale_one_goes_too(flowdb_cluster, ask) -> None:
    ask("CREATE TABLE cache.xfirst AS SELECT 1 AS value", role="flowmachine")
    ask(RECORD, "first", "xfirst", role="flowmachine")
    forgotten: list[int] = []

    def forget() -> None:
        with connect(flowdb_cluster.settings()) as connection:
            forgotten.append(forget_results(connection))

    forgetting = threading.Thread(target=forget)
    query = psycopg2.connect(flowdb_cluster.dsn("flowmachine"))
    with query, query.cursor() as cursor:
        cursor.execute("CREATE TABLE cache.xsecond AS SELECT value FROM cache.xfirst")
        forgetting.start()
        assert waiting(flowdb_cluster)
        cursor.execute(RECORD, ("second", "xsecond"))
    query.close()
    forgetting.join(timeout=30)
    assert forgotten == [2]
    assert ask("SELECT to_regclass('cache.xfirst'), to_regclass('cache.xsecond')") == [(None, None)]
    assert ask("SELECT count(*) FROM cache.cached") == [(0,)]


def test_with_nothing_stored_there_is_nothing_to_forget(flowdb_cluster) -> None:
    with connect(flowdb_cluster.settings()) as connection:
        assert forget_results(connection) == 0
