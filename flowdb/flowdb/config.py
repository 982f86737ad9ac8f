"""The server configuration: rendered from the settings and the machine at every start."""

import math
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import psutil

from flowdb.settings import ServerSettings

KIB, MIB, GIB = 1024, 1024**2, 1024**3
_UNITS = ("B", "kB", "MB", "GB", "TB")
# What one lock costs in shared memory, for the lock itself and its holder.
_BYTES_PER_LOCK = 300


@dataclass(frozen=True)
class Machine:
    """What the server has to work with.

    Attributes
    ----------
    cpus
        Logical processors this process may use.
    memory
        Bytes of memory, the limit of the container if that is lower.
    disk_total, disk_free
        Bytes of the file system that holds the data directory.
    """

    cpus: int
    memory: int
    disk_total: int
    disk_free: int

    @classmethod
    def here(cls, data_directory: Path) -> "Machine":
        """Describe the machine this process runs on."""
        existing = next(path for path in (data_directory, *data_directory.resolve().parents) if path.exists())
        disk = shutil.disk_usage(existing)
        return cls(
            cpus=len(os.sched_getaffinity(0)),
            memory=int(min(psutil.virtual_memory().total, _container_limit())),
            disk_total=disk.total,
            disk_free=disk.free,
        )


def _container_limit() -> float:
    for name in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        path = Path(name)
        if path.exists():
            text = path.read_text().strip()
            return math.inf if text == "max" else int(text)
    return math.inf


def size(count: float) -> str:
    """Render a number of bytes in the largest unit that keeps it at least 1, rounded up.

    Examples
    --------
    >>> size(1024), size(1025), size(3 * 1024**3)
    ('1kB', '2kB', '3GB')
    """
    value = float(count)
    for unit in _UNITS:
        if value < KIB or unit == _UNITS[-1]:
            return f"{math.ceil(value)}{unit}"
        value /= KIB
    raise AssertionError("unreachable")


def default_cache_size(machine: Machine) -> int:
    """Return the bytes that cached results may take: a tenth of what is free."""
    return max(machine.disk_free // 10, 100 * MIB)


def _bounded(value: float, low: float, high: float) -> int:
    return int(min(max(value, low), high))


def parameters(settings: ServerSettings, machine: Machine) -> dict[str, str]:
    """Return the server parameters by name, in the order they are written."""
    memory = machine.memory
    cpus = settings.max_cpus or max(1, math.floor(0.9 * machine.cpus))
    half = max(1, math.ceil(cpus / 2))
    # Every relation of a query holds a lock: its partitions and their indexes. 36500 is five years
    # of days of four kinds of event with their indexes; small machines cannot give the memory for it.
    locks = settings.max_locks_per_transaction or _bounded(
        0.02 * memory / (settings.max_connections * _BYTES_PER_LOCK), 256, 36500
    )
    libraries = ["pg_stat_statements"] + (["plugin_debugger"] if settings.debug_mode else [])
    max_wal = _bounded(machine.disk_total / 20, GIB, 12 * GIB)
    values = {
        "listen_addresses": settings.listen_addresses,
        "port": str(settings.port),
        "max_connections": str(settings.max_connections),
        "password_encryption": "scram-sha-256",
        "tcp_keepalives_idle": "600",
        # Bounds of partitions and dates of events are days of UTC.
        "timezone": "UTC",
        "log_timezone": "UTC",
        "datestyle": "ISO, YMD",
        "shared_preload_libraries": ",".join(libraries),
        # Memory
        "shared_buffers": settings.shared_buffers or size(min(0.25 * memory, 16 * GIB)),
        "effective_cache_size": settings.effective_cache_size or size(0.75 * memory),
        "work_mem": size(_bounded(memory / 128, 8 * MIB, 64 * MIB)),
        "maintenance_work_mem": size(_bounded(memory / 16, 64 * MIB, GIB)),
        "max_locks_per_transaction": str(locks),
        # Write-ahead log: enough of it that a load is not one long checkpoint; base backups possible.
        "wal_level": "replica",
        "max_wal_senders": "4",
        "wal_buffers": "16MB",
        "wal_compression": "on",
        "checkpoint_timeout": "30min",
        "checkpoint_completion_target": "0.9",
        "min_wal_size": size(max_wal / 12),
        "max_wal_size": size(max_wal),
        # Planner
        "jit": "on" if settings.jit and not settings.no_use_jit else "off",
        "enable_partitionwise_join": "on",
        "enable_partitionwise_aggregate": "on",
        "default_statistics_target": str(settings.statistics_target or 100),
        "effective_io_concurrency": "10",
        "random_page_cost": "3.0",
        "geqo_effort": "10",
        # Parallel work. The launcher of logical replication would take one of few workers.
        "max_worker_processes": str(max(cpus, settings.max_workers or 0)),
        "max_parallel_workers": str(settings.max_workers or half),
        "max_parallel_workers_per_gather": str(settings.max_workers_per_gather or half),
        "max_logical_replication_workers": "0",
        "deadlock_timeout": "10s",
        # Logging. Bound values stay out of the log: they may be identifiers of people.
        "log_destination": settings.log_destination,
        "logging_collector": "off" if settings.log_destination == "stderr" else "on",
        "log_directory": "pg_log",
        "log_filename": "postgres-%Y-%m-%d_%H%M%S",
        "log_rotation_age": "1d",
        "log_rotation_size": "1GB",
        "log_min_duration_statement": "250ms",
        "log_parameter_max_length": "0",
        "log_checkpoints": "on",
        "log_connections": "on",
        "log_disconnections": "on",
        "log_lock_waits": "on",
        "log_temp_files": "0",
        "pg_stat_statements.track": "all",
    }
    if not settings.durable:
        values |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    return values


def render(settings: ServerSettings, machine: Machine) -> str:
    """Return the text of the configuration file.

    It is written anew at each start: what an operator wants to set by hand belongs in
    ``ALTER SYSTEM``, which is read after it.
    """
    lines = ["# Written by FlowDB at every start: use its variables, or ALTER SYSTEM, to change a value."]
    for name, value in parameters(settings, machine).items():
        quoted = value.replace("'", "''")
        lines.append(f"{name} = '{quoted}'")
    return "\n".join(lines) + "\n"


HOST_BASED_AUTHENTICATION = """\
# Written by FlowDB at every start. Nobody is trusted without a password, not even on the socket.
local   all           all                 scram-sha-256
host    all           all   0.0.0.0/0     scram-sha-256
host    all           all   ::/0          scram-sha-256
local   replication   all                 scram-sha-256
host    replication   all   samenet       scram-sha-256
"""
