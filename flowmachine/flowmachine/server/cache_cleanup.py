"""Making room in the cache from time to time; the console script ``cache-cleanup`` does nothing else."""

import argparse
import asyncio
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextvars import copy_context
from functools import partial

import sqlalchemy as sa

from flowkit_jwt_generator.settings import SettingsError, load_settings
from flowmachine.core import ledger, logs, pruning
from flowmachine.core.connect import make_connection
from flowmachine.core.connection import Connection
from flowmachine.core.pruning import Deadline
from flowmachine.core.query import Query
from flowmachine.core.settings import CleanupSettings

log = logs.debug_log(__name__)


def prune(
    connection: Connection,
    timeout: float | None = None,
    size_threshold: int | None = None,
    dry_run: bool = False,
    protected_period: float | None = None,
    stopped: threading.Event | None = None,
) -> list[Query]:
    """Make room once, unless another process is at it; return what went.

    Raises
    ------
    TimeoutError
        After ``timeout`` seconds, when the statement that runs is cancelled, or when told to stop.
    """
    with pruning.alone(connection) as alone:
        if not alone:
            log.info("Another process is making room in the cache.")
            return []
        if not dry_run:
            ledger.prune(connection)
        return pruning.shrink(
            connection,
            size_threshold=size_threshold,
            dry_run=dry_run,
            protected_period=protected_period,
            deadline=Deadline.after(timeout, stopped),
        )


async def watch_and_shrink_cache(
    *,
    flowdb_connection: Connection,
    pool: Executor,
    sleep_time: float = 86400,
    timeout: float | None = 600,
    loop: bool = True,
    size_threshold: int | None = None,
    dry_run: bool = False,
    protected_period: float | None = None,
) -> None:
    """Make room in the cache, again and again.

    Parameters
    ----------
    flowdb_connection : Connection
    pool : concurrent.futures.Executor
        Runs what blocks.
    sleep_time : float, default 86400
        Seconds between two times; with zero or less and ``loop``, nothing is ever done.
    timeout : float, default 600
        Seconds after which one time is ended, and its statement cancelled.
    loop : bool, default True
        Whether there is more than one time.
    size_threshold, dry_run, protected_period
        As for :func:`flowmachine.core.cache.shrink_below_size`.
    """
    if loop and sleep_time <= 0:
        return
    stopped = threading.Event()
    once = partial(
        prune,
        flowdb_connection,
        timeout=timeout,
        size_threshold=size_threshold,
        dry_run=dry_run,
        protected_period=protected_period,
        stopped=stopped,
    )
    try:
        await _repeat(once, pool, sleep_time if loop else None, timeout)
    finally:
        stopped.set()  # what is at work in the pool would go on without


async def _repeat(
    once: Callable[[], list[Query]], pool: Executor, sleep_time: float | None, timeout: float | None
) -> None:
    while True:
        try:
            removed = await asyncio.get_running_loop().run_in_executor(pool, copy_context().run, once)
            log.info("Made room in the cache.", removed=len(removed))
        except TimeoutError:
            text = f"Failed to complete cache shrink within {timeout}s."
            log.error(text if sleep_time is None else f"{text} Trying again in {sleep_time}s.")
        except Exception:  # FlowDB may be away for a while; the next time may do
            log.exception("Could not make room in the cache.")
        if sleep_time is None:
            return
        await asyncio.sleep(sleep_time)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="cache-cleanup",
        description="Drop stored results, what is worth least first, until the cache has its size.",
    )
    parser.add_argument("--once", action="store_true", help="do it once, tell what went, and end")
    parser.add_argument("--dry-run", action="store_true", help="only tell what --once would drop")
    parser.add_argument(
        "--size-threshold",
        type=int,
        metavar="BYTES",
        help="size to reach (default: that of the cache's settings)",
    )
    parser.add_argument(
        "--protected-period",
        type=float,
        metavar="SECONDS",
        help="keep what was used since (default: that of the cache's settings; negative: nothing)",
    )
    return parser.parse_args()


def main() -> None:
    """Run the console script."""
    given = _arguments()
    try:
        settings = load_settings(CleanupSettings)
    except SettingsError as error:
        sys.exit(f"cache-cleanup: {error}")
    logs.set_up(settings.log_level)
    connection = make_connection(settings)
    limits = {"size_threshold": given.size_threshold, "protected_period": given.protected_period}
    try:
        if given.once or given.dry_run:
            removed = prune(
                connection, timeout=settings.cache_pruning_timeout, dry_run=given.dry_run, **limits
            )
            verb = "Would drop" if given.dry_run else "Dropped"
            for query in removed:
                sys.stdout.write(f"{verb} {query.query_id} {type(query).__name__}\n")
            sys.stdout.write(f"{verb} {len(removed)} results.\n")
            return
        if settings.cache_pruning_frequency <= 0:
            sys.exit("cache-cleanup: FLOWMACHINE_CACHE_PRUNING_FREQUENCY says never; use --once.")
        with ThreadPoolExecutor(1) as pool:
            asyncio.run(
                watch_and_shrink_cache(
                    flowdb_connection=connection,
                    pool=pool,
                    sleep_time=settings.cache_pruning_frequency,
                    timeout=settings.cache_pruning_timeout,
                    **limits,
                )
            )
    except sa.exc.OperationalError as error:
        sys.exit(f"cache-cleanup: FlowDB is not reachable ({type(error.orig).__name__}).")
    except TimeoutError:
        sys.exit(f"cache-cleanup: not done within {settings.cache_pruning_timeout:g} seconds.")
    except KeyboardInterrupt:
        pass
    finally:
        connection.close()
