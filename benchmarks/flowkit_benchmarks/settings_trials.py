"""The settings that are tried, and how each is changed."""

from dataclasses import dataclass
from typing import Literal

How = Literal["session", "reload", "restart"]
Clock = Literal["wall", "processor"]


@dataclass(frozen=True)
class Trial:
    """What another value of one setting does.

    Attributes
    ----------
    name
        What it is called on the command line.
    work
        The work it is judged by: a key of :data:`flowkit_benchmarks.settings_statements.KINDS`.
    how
        Whether a session can change it, or the server must read its configuration, or start, again.
    values
        The values, each a set of server parameters; the first is what the others are compared with.
    clock
        Whether all time counts, or only what the process of the session spends on a processor. The
        latter does not see waiting for disks nor parallel workers, which are turned off then.
    """

    name: str
    work: str
    how: How
    values: tuple[dict[str, str], ...]
    clock: Clock = "processor"


_WORKERS = "max_parallel_workers_per_gather"


def _one(parameter: str, *values: str, work: str = "queries", how: How = "session", **others: str) -> Trial:
    clock: Clock = "wall" if work == "load" or parameter == _WORKERS else "processor"
    return Trial(parameter, work, how, tuple({parameter: value, **others} for value in values), clock)


TRIALS = (
    # Does nothing: what it seems to do is the noise of the machine.
    _one("application_name", "one", "other"),
    _one("enable_partitionwise_aggregate", "off", "on"),
    _one("enable_partitionwise_join", "off", "on"),
    _one("jit", "off", "on"),
    _one("work_mem", "64MB", "16MB", "128MB", "256MB"),
    _one("hash_mem_multiplier", "1", "2", "4"),
    _one(_WORKERS, "0", "1", "2"),
    _one("random_page_cost", "4", "3", "1.1"),
    _one("effective_io_concurrency", "1", "10", "200"),
    _one("geqo_effort", "5", "10"),
    _one("default_statistics_target", "100", "1000", "10000", work="statistics"),
    _one("maintenance_work_mem", "64MB", "256MB", "1GB", work="load"),
    _one("max_parallel_maintenance_workers", "0", "2", work="load", maintenance_work_mem="1GB"),
    _one("wal_compression", "off", "on", "lz4", work="load"),
    _one("synchronous_commit", "on", "off", work="load"),
    _one("max_wal_size", "1GB", "12GB", work="load", how="reload"),
    _one("checkpoint_timeout", "5min", "30min", work="load", how="reload"),
    Trial(
        "wal_level",
        "load",
        "restart",
        ({"wal_level": "replica"}, {"wal_level": "minimal", "max_wal_senders": "0"}),
        "wall",
    ),
    _one("wal_buffers", "16MB", "64MB", work="load", how="restart"),
    _one("shared_buffers", "128MB", "1GB", "25%", how="restart"),
    Trial(
        "shared_buffers_load",
        "load",
        "restart",
        tuple({"shared_buffers": value} for value in ("128MB", "1GB", "25%")),
        "wall",
    ),
    _one("huge_pages", "off", "try", how="restart"),
)
"""Every trial, in the order in which they run."""
