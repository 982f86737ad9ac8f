"""Making room in the cache from time to time."""

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from flowdb.testing import RunningFlowDB, RunningRedis, free_port
from flowmachine.core import cache, eviction, pruning
from flowmachine.core.execute import Engine
from flowmachine.features import SpatialAggregate
from flowmachine.server.cache_cleanup import prune, watch_and_shrink_cache
from tests.country import insert_events, random_events
from tests.stored import day, tables


@pytest.fixture(autouse=True, scope="module")
def events(superuser: sa.Engine) -> Iterator[None]:
    with superuser.begin() as connection:
        insert_events(connection, random_events(seed=5, number=1000, subscribers=100))
    yield
    with superuser.begin() as connection:
        for kind in ("calls", "sms"):
            connection.execute(sa.delete(sa.table(kind, schema="events")))


@pytest.fixture
def stored(engine: Engine, superuser: sa.Engine) -> set[str]:
    SpatialAggregate(locations=day(1)).store().result(timeout=30)
    return tables(superuser)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


async def test_once_makes_room_once(engine: Engine, stored, superuser, pool) -> None:
    await watch_and_shrink_cache(
        flowdb_connection=engine.connection, pool=pool, loop=False, size_threshold=0, protected_period=-1
    )
    assert tables(superuser) == set()


@pytest.mark.parametrize("never", [0, -1])
async def test_a_frequency_of_zero_or_less_means_never(
    engine: Engine, stored, superuser, pool, never
) -> None:
    await watch_and_shrink_cache(
        flowdb_connection=engine.connection,
        pool=pool,
        sleep_time=never,
        size_threshold=0,
        protected_period=-1,
    )
    assert tables(superuser) == stored


async def test_a_dry_run_drops_nothing(engine: Engine, stored, superuser, pool) -> None:
    await watch_and_shrink_cache(
        flowdb_connection=engine.connection,
        pool=pool,
        loop=False,
        size_threshold=0,
        protected_period=-1,
        dry_run=True,
    )
    assert tables(superuser) == stored


async def test_it_goes_on_until_cancelled(engine: Engine, stored, superuser, pool) -> None:
    watching = asyncio.create_task(
        watch_and_shrink_cache(
            flowdb_connection=engine.connection,
            pool=pool,
            sleep_time=0.05,
            size_threshold=0,
            protected_period=-1,
        )
    )
    for _ in range(2):
        await asyncio.to_thread(lambda: day(2).store().result(timeout=30))
        for _ in range(200):
            if not tables(superuser):
                break
            await asyncio.sleep(0.05)
        assert tables(superuser) == set()
    watching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await watching


def test_a_timeout_cancels_the_statement(engine: Engine, stored, superuser: sa.Engine) -> None:
    with superuser.begin() as connection:  # somebody writes the rows, so the deletion of one waits
        connection.exec_driver_sql("UPDATE cache.cached SET access_count = access_count")
        started = time.monotonic()
        with pytest.raises(TimeoutError):
            prune(engine.connection, timeout=0.5, size_threshold=0, protected_period=-1)
        assert time.monotonic() - started < 10
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'flowmachine' AND state = 'active'"
        assert connection.exec_driver_sql(waiting).scalar_one() == 0
    assert tables(superuser) == stored
    assert len(prune(engine.connection, timeout=30, size_threshold=0, protected_period=-1)) == len(stored)


async def test_a_timeout_is_told_with_the_time_of_the_next_try(
    engine: Engine, stored, superuser, pool, caplog: pytest.LogCaptureFixture
) -> None:
    with superuser.begin() as connection:
        connection.exec_driver_sql("UPDATE cache.cached SET access_count = access_count")
        watching = asyncio.create_task(
            watch_and_shrink_cache(
                flowdb_connection=engine.connection,
                pool=pool,
                sleep_time=60,
                timeout=0.2,
                size_threshold=0,
                protected_period=-1,
            )
        )
        async with asyncio.timeout(20):
            while "Failed to complete cache shrink within 0.2s. Trying again in 60s." not in caplog.text:
                await asyncio.sleep(0.05)
    watching.cancel()


async def test_stopping_ends_what_is_at_work(engine: Engine, stored, superuser, monkeypatch) -> None:
    begun, go_on = threading.Event(), threading.Event()
    evict = eviction.evict

    def slowly(*arguments, **options) -> bool:
        begun.set()
        go_on.wait(10)
        return evict(*arguments, **options)

    monkeypatch.setattr(eviction, "evict", slowly)
    with ThreadPoolExecutor(1) as pool:
        watching = asyncio.create_task(
            watch_and_shrink_cache(
                flowdb_connection=engine.connection, pool=pool, size_threshold=0, protected_period=-1
            )
        )
        assert await asyncio.to_thread(begun.wait, 20)
        watching.cancel()
        with pytest.raises(asyncio.CancelledError):
            await watching
        go_on.set()
    assert len(tables(superuser)) == len(stored) - 1


def test_two_processes_do_not_make_room_at_once(engine: Engine, stored, superuser: sa.Engine) -> None:
    with pruning.alone(engine.connection) as first:
        assert first
        assert prune(engine.connection, size_threshold=0, protected_period=-1) == []
    assert tables(superuser) == stored
    assert len(prune(engine.connection, size_threshold=0, protected_period=-1)) == len(stored)


def run_script(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    script = Path(sys.executable).parent / "cache-cleanup"
    return subprocess.run(
        [script, *arguments],
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_console_script(
    engine: Engine, stored, superuser, flowdb_cluster: RunningFlowDB, redis_server: RunningRedis
) -> None:
    environment = flowdb_cluster.environment() | redis_server.environment()
    everything = ("--size-threshold", "0", "--protected-period", "-1")
    told = run_script(environment, "--dry-run", *everything)
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout.splitlines()[-1] == f"Would drop {len(stored)} results."
    assert {line.split()[2] for line in told.stdout.splitlines()[:-1]} == stored == tables(superuser)
    assert run_script(environment, "--once").stdout == "Dropped 0 results.\n"  # all are protected
    done = run_script(environment, "--once", *everything)
    assert done.stdout == told.stdout.replace("Would drop", "Dropped")
    assert tables(superuser) == set()


def test_the_console_script_says_in_one_line_what_is_wrong(
    flowdb_cluster: RunningFlowDB, redis_server: RunningRedis
) -> None:
    environment = flowdb_cluster.environment() | redis_server.environment()
    never = run_script(environment | {"FLOWMACHINE_CACHE_PRUNING_FREQUENCY": "0"})
    assert never.stderr == "cache-cleanup: FLOWMACHINE_CACHE_PRUNING_FREQUENCY says never; use --once.\n"
    away = run_script(environment | {"FLOWDB_PORT": str(free_port())}, "--once")
    assert away.stderr == "cache-cleanup: FlowDB is not reachable (OperationalError).\n"
    unset = run_script({})
    assert unset.stderr.startswith(
        "cache-cleanup: Undefined or unusable configuration: 'FLOWMACHINE_FLOWDB_PASSWORD'"
    )
    assert {never.returncode, away.returncode, unset.returncode} == {1}


def test_size_of_a_table(engine: Engine, stored) -> None:
    sizes = [cache.get_size_of_table(engine.connection, f"x{query_id}", "cache") for query_id in stored]
    assert sum(sizes) == cache.get_size_of_cache(engine.connection) > 0
    with pytest.raises(ValueError, match=r"There is no table cache\.nothing"):
        cache.get_size_of_table(engine.connection, "nothing", "cache")
