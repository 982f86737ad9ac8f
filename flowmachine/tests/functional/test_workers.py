"""Parallel workers of statements that run at the same time."""

import time

import sqlalchemy as sa

from flowmachine.core import CustomQuery
from flowmachine.core.execute import Engine

LOCK = "SELECT pg_advisory_xact_lock(7)"
HELD_UP = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 7 AND NOT granted"
SETTING = "SHOW max_parallel_workers_per_gather"
WORKERS = "SELECT current_setting('max_parallel_workers_per_gather')::integer AS value"
WORKERS_AND_LOCK = WORKERS + ", pg_advisory_xact_lock_shared(7)::text AS lock"


def workers_of(query: CustomQuery) -> int:
    query.store().result(timeout=30)
    ((workers, _),) = query
    return int(workers)


def test_statements_side_by_side_share_the_parallel_workers(engine: Engine, superuser: sa.Engine) -> None:
    first = CustomQuery(WORKERS_AND_LOCK, ["value", "lock"])
    with superuser.begin() as holder:
        allowed = int(holder.exec_driver_sql(SETTING).scalar_one())
        holder.exec_driver_sql(LOCK)
        running = first.store()
        deadline = time.monotonic() + 20
        while not holder.exec_driver_sql(HELD_UP).scalar_one():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert workers_of(CustomQuery(WORKERS + ", 2 AS number", ["value", "number"])) == allowed // 2
    running.result(timeout=30)
    assert allowed > 0
    assert workers_of(first) == allowed
    assert workers_of(CustomQuery(WORKERS + ", 3 AS number", ["value", "number"])) == allowed
