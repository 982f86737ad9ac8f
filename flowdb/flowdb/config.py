"""The server configuration: rendered from the settings and the machine at every start."""

import math
from dataclasses import dataclass
from pathlib import Path

from flowdb.machine import Machine
from flowdb.settings import ServerSettings
from flowdb.values import GIB, KIB, MIB, exact_size, parse_size

_UNITS = ("B", "kB", "MB", "GB", "TB")
# What one lock costs in shared memory, for the lock itself and its holders, as measured.
_BYTES_PER_LOCK = 400
# Sessions beside those of clients that can hold locks: three of autovacuum and its launcher.
_OWN_SESSIONS = 4
_WAL_SENDERS = 4
HASH_MEM_MULTIPLIER = 2


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


def _rounded_up(count: float) -> int:
    return parse_size(size(count), bare=False)


def _bounded(value: float, low: float, high: float) -> int:
    return int(min(max(value, low), high))


@dataclass(frozen=True)
class Workers:
    """How many processes work side by side.

    Attributes
    ----------
    processes, parallel, per_gather
        ``max_worker_processes``, ``max_parallel_workers`` and ``max_parallel_workers_per_gather``.
    """

    processes: int
    parallel: int
    per_gather: int

    @classmethod
    def of(cls, settings: ServerSettings, machine: Machine) -> "Workers":
        """Take what is set; what is not follows from what is set and from the processors."""
        cpus = settings.max_cpus or max(1, machine.cpus - 1)
        half = math.ceil(cpus / 2)
        parallel, per_gather = settings.max_workers, settings.max_workers_per_gather
        if parallel is None:
            parallel = max(half, per_gather or 0)
        if per_gather is None:
            per_gather = min(half, parallel)
        return cls(settings.max_cpus or max(cpus, parallel), parallel, per_gather)


@dataclass(frozen=True)
class Memory:
    """How memory is shared out, in bytes, and the number of locks.

    Attributes
    ----------
    shared_buffers, effective_cache_size, work_mem, maintenance_work_mem
        The parameters of these names.
    locks
        ``max_locks_per_transaction``.
    sessions
        Sessions that can hold locks.
    """

    shared_buffers: int
    effective_cache_size: int
    work_mem: int
    maintenance_work_mem: int
    locks: int
    sessions: int

    @classmethod
    def of(cls, settings: ServerSettings, machine: Machine) -> "Memory":
        """Take what is set; what is not follows from the memory of the machine."""
        memory = machine.memory
        workers = Workers.of(settings, machine)
        sessions = settings.max_connections + workers.processes + _WAL_SENDERS + _OWN_SESSIONS
        # Every relation of a query holds a lock: its partitions and their indexes. 36500 is five years
        # of days of four kinds of event with their indexes, which takes 3 GB.
        locks = _bounded(0.02 * memory / (sessions * _BYTES_PER_LOCK), 256, 36500)
        return cls(
            shared_buffers=settings.shared_buffers or _rounded_up(min(0.25 * memory, 16 * GIB)),
            effective_cache_size=settings.effective_cache_size or _rounded_up(0.75 * memory),
            # More was never faster, and 64 hash tables of twice this size take a quarter of memory.
            work_mem=_bounded(memory / 512, 8 * MIB, 64 * MIB),
            maintenance_work_mem=_bounded(memory / 16, 64 * MIB, GIB),
            locks=settings.max_locks_per_transaction or locks,
            sessions=sessions,
        )

    @property
    def lock_table(self) -> int:
        """Return the bytes of shared memory that locks take."""
        return self.locks * self.sessions * _BYTES_PER_LOCK

    @property
    def shared(self) -> int:
        """Return about how many bytes of shared memory the server takes at its start."""
        return int(1.025 * self.shared_buffers) + self.lock_table + 40 * MIB

    def of_parallel_queries(self, workers: Workers) -> int:
        """Return the bytes that the hash tables of parallel queries may take together.

        Such a table is shared by a leader and its workers, each of which may add what ``work_mem`` and
        ``hash_mem_multiplier`` allow. Every parallel query has at least one worker.
        """
        return 2 * workers.parallel * HASH_MEM_MULTIPLIER * self.work_mem


def shares_memory_by_system_v(settings: ServerSettings, machine: Machine) -> bool:
    """Say whether parallel queries must do without ``/dev/shm``, because it is too small for them.

    They would fail in the middle with "No space left on device". System V shared memory has no such
    limit, and is as fast.
    """
    needed = Memory.of(settings, machine).of_parallel_queries(Workers.of(settings, machine))
    return machine.shared_memory < needed <= machine.system_v


def _jit(settings: ServerSettings) -> bool:
    if settings.no_use_jit is not None:
        return not settings.no_use_jit and settings.jit is not False
    return settings.jit is True


def parameters(settings: ServerSettings, machine: Machine) -> dict[str, str]:
    """Return the server parameters by name, in the order they are written."""
    memory, workers = Memory.of(settings, machine), Workers.of(settings, machine)
    libraries = ["pg_stat_statements"] + (["plugin_debugger"] if settings.debug_mode else [])
    max_wal = _bounded(machine.disk_total / 20, GIB, 12 * GIB)
    system_v = shares_memory_by_system_v(settings, machine)
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
        "shared_buffers": exact_size(memory.shared_buffers),
        "effective_cache_size": exact_size(memory.effective_cache_size),
        "work_mem": size(memory.work_mem),
        "hash_mem_multiplier": str(HASH_MEM_MULTIPLIER),
        "maintenance_work_mem": size(memory.maintenance_work_mem),
        "max_locks_per_transaction": str(memory.locks),
        "dynamic_shared_memory_type": "sysv" if system_v else "posix",
        # Write-ahead log: enough of it that a load is not one long checkpoint; base backups possible.
        "wal_level": "replica",
        "max_wal_senders": str(_WAL_SENDERS),
        "wal_buffers": "16MB",
        "wal_compression": "off",
        "checkpoint_timeout": "30min",
        "checkpoint_completion_target": "0.9",
        "min_wal_size": size(max_wal / 12),
        "max_wal_size": size(max_wal),
        # Planner
        "jit": "on" if _jit(settings) else "off",
        "enable_partitionwise_join": "on",
        "enable_partitionwise_aggregate": "on",
        "default_statistics_target": str(settings.statistics_target or 100),
        "effective_io_concurrency": "10",
        "random_page_cost": "3.0",
        "geqo_effort": "10",
        # Parallel work. The launcher of logical replication would take one of few workers.
        "max_worker_processes": str(workers.processes),
        "max_parallel_workers": str(workers.parallel),
        "max_parallel_workers_per_gather": str(workers.per_gather),
        "max_logical_replication_workers": "0",
        "deadlock_timeout": "10s",
        **_logging(settings),
        "pg_stat_statements.track": "all",
    }
    if not settings.durable:
        values |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    return values


def _logging(settings: ServerSettings) -> dict[str, str]:
    """Return what is logged, and where.

    Identifiers of people stay out unless the operator wants statements: they may be in the text of a
    statement, in its bound values, in the message of an error (the value that was no date), and in its
    detail and context (the row).
    """
    statements = settings.log_statements
    return {
        "log_destination": settings.log_destination,
        "logging_collector": "off" if settings.log_destination == "stderr" else "on",
        "log_directory": "pg_log",
        "log_filename": "postgres-%Y-%m-%d_%H%M%S",
        "log_file_mode": "0600",
        "log_rotation_age": "1d",
        "log_rotation_size": "1GB",
        "log_min_messages": "warning" if statements else "log",
        "log_error_verbosity": "default" if statements else "terse",
        "log_min_error_statement": "error" if statements else "panic",
        "log_min_duration_statement": "250ms" if statements else "-1",
        "log_parameter_max_length": "0",
        "log_parameter_max_length_on_error": "0",
        "log_statement": "none",
        "log_checkpoints": "on",
        "log_connections": "on",
        "log_disconnections": "on",
        "log_lock_waits": "on",
        "log_temp_files": "0",
    }


def render(settings: ServerSettings, machine: Machine) -> str:
    """Return the text of the configuration file.

    It is written anew at each start: what an operator wants to set by hand belongs in
    ``ALTER SYSTEM``, which is read after it.
    """
    lines = ["# Written by FlowDB at every start: use its variables, or ALTER SYSTEM, to change a value."]
    if shares_memory_by_system_v(settings, machine):
        lines.append(f"# /dev/shm ({exact_size(machine.shared_memory)}) is too small for parallel queries.")
    for name, value in parameters(settings, machine).items():
        lines.append(f"{name} = {_quoted(value)}")
    return "\n".join(lines) + "\n"


def inclusion(file: Path) -> str:
    """Return the text of a configuration file that only names another."""
    return f"include {_quoted(str(file))}\n"


def _quoted(value: str) -> str:
    quoted = value.replace("\\", "\\\\").replace("'", "''")
    return f"'{quoted}'"


HOST_BASED_AUTHENTICATION = """\
# Written by FlowDB at every start. Nobody is trusted without a password, not even on the socket.
local   all           all                 scram-sha-256
host    all           all   0.0.0.0/0     scram-sha-256
host    all           all   ::/0          scram-sha-256
local   replication   all                 scram-sha-256
host    replication   all   samenet       scram-sha-256
"""
