"""Whether settings fit each other and the machine, asked before anything is touched."""

import difflib
import logging
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from pydantic import AliasChoices

from flowdb.config import Memory, Workers, shares_memory_by_system_v, size
from flowdb.machine import SHARED_MEMORY, Machine
from flowdb.settings import ServerSettings
from flowdb.values import MIB, exact_size
from flowkit_jwt_generator.settings import SettingsError, load_settings, secrets_dir

LOG = logging.getLogger(__name__)
# Two names this alike are one name and a slip.
_ALIKE = 0.9
# Of other services, whose names are alike on purpose.
_NOT_OURS = ("FLOWETL_", "FLOWAUTH_", "FLOWAPI_", "FLOWMACHINE_", "REDIS_", "AIRFLOW_")


def load_server_settings() -> ServerSettings:
    """Read the settings of the server and say what is odd about them.

    Raises
    ------
    SettingsError
        Naming every value that cannot be used, by itself, beside another, or on this machine.
    """
    settings = load_settings(ServerSettings)
    machine = Machine.here(settings.data_directory)
    secret_names = [path.name for path in secrets_dir().iterdir()] if secrets_dir().is_dir() else []
    if wrong := list(refusals(settings, machine)):
        raise SettingsError(f"Unusable configuration: {'; '.join(wrong)}.")
    for text in (*misspelt((*os.environ, *secret_names)), *warnings(settings, machine)):
        LOG.warning(text)
    return settings


def known_names() -> list[str]:
    """Return the names of all variables of the server."""
    names: list[str] = []
    for field in ServerSettings.model_fields.values():
        alias = field.validation_alias
        names += map(str, alias.choices) if isinstance(alias, AliasChoices) else [str(alias)]
    return names


def misspelt(names: Iterable[str]) -> Iterator[str]:
    """Yield a line for each name that is nearly one of ours."""
    known = known_names()
    for name in sorted(set(names) - set(known)):
        if not name.startswith(_NOT_OURS) and (near := difflib.get_close_matches(name, known, 1, _ALIKE)):
            yield f"{name} is no variable of FlowDB and has no effect: is {near[0]} meant?"


def refusals(settings: ServerSettings, machine: Machine) -> Iterator[str]:
    """Yield what the server could not start or live with."""
    memory = Memory.of(settings, machine)
    if memory.shared_buffers > machine.memory:
        yield (
            f"SHARED_BUFFERS_SIZE={exact_size(memory.shared_buffers)} is more than the memory there is, "
            f"{_rounded(machine.memory)}: a quarter of it, {size(machine.memory // 4)}, is usual"
        )
    elif memory.shared > machine.memory:
        yield (
            f"MAX_LOCKS_PER_TRANSACTION={memory.locks} with "
            f"FLOWDB_MAX_CONNECTIONS={settings.max_connections} "
            f"takes {_rounded(memory.lock_table)} of shared memory, beside "
            f"SHARED_BUFFERS_SIZE={exact_size(memory.shared_buffers)}: more than the memory there is, "
            f"{_rounded(machine.memory)}; 256 locks are enough for small machines"
        )
    directory = settings.configuration_path
    if directory is not None and not directory.is_dir():
        directory = directory.parent
    if (
        directory is not None
        and not directory.is_dir()
        and not directory.is_relative_to(settings.data_directory.absolute())
    ):
        yield f"AUTO_CONFIG_PATH={settings.configuration_path}: there is no directory '{directory}'"


def warnings(settings: ServerSettings, machine: Machine) -> Iterator[str]:
    """Yield what the server can live with, but its operator may not have meant."""
    workers, memory = Workers.of(settings, machine), Memory.of(settings, machine)
    if settings.max_cpus is not None and settings.max_cpus > machine.cpus:
        yield f"MAX_CPUS={settings.max_cpus} is more than the {machine.cpus} processors there are."
    if workers.parallel > workers.processes:
        yield f"MAX_WORKERS={workers.parallel} is more than MAX_CPUS={workers.processes}, which is the limit."
    if workers.per_gather > workers.parallel:
        yield (
            f"MAX_WORKERS_PER_GATHER={workers.per_gather} is more than MAX_WORKERS={workers.parallel}, "
            "which is the limit."
        )
    if machine.memory // 2 < memory.shared <= machine.memory:
        yield (
            f"SHARED_BUFFERS_SIZE and MAX_LOCKS_PER_TRANSACTION take {_rounded(memory.shared)} of "
            f"{_rounded(machine.memory)} memory: little is left for queries and the cache of the system."
        )
    if settings.cache_size is not None and settings.cache_size > machine.disk_total:
        yield (
            f"CACHE_SIZE={settings.cache_size} is more than the disk holds, {_rounded(machine.disk_total)}: "
            "stored results may fill it."
        )
    needed = memory.of_parallel_queries(workers)
    if machine.shared_memory < needed and not shares_memory_by_system_v(settings, machine):
        yield (
            f"{SHARED_MEMORY} holds {_rounded(machine.shared_memory)}, and parallel queries may need "
            f"{_rounded(needed)}: give the container --shm-size {needed // MIB + 64}m (shm_size in a compose "
            'file), or they may fail with "No space left on device".'
        )


def _rounded(count: int) -> str:
    """Write a number of bytes to the nearest MB or GB below."""
    return f"{count // 1024**3}GB" if count >= 10 * 1024**3 else f"{count // MIB}MB"


def refuse_without_library(settings: ServerSettings, programs: Path) -> None:
    """Refuse debug mode where the debugger is not installed, since the server would not start.

    Parameters
    ----------
    settings
        The settings.
    programs
        The directory of the server's programs, beside that of its libraries.
    """
    libraries = programs.parent / "lib"
    # Elsewhere than in Debian's layout the server itself has to say it.
    known = (libraries / "plpgsql.so").exists()
    if settings.debug_mode and known and not (libraries / "plugin_debugger.so").exists():
        raise SettingsError(
            "FLOWDB_ENABLE_POSTGRES_DEBUG_MODE=true needs the debugger, which is not installed "
            f"(package postgresql-{programs.parent.name}-pldebugger): install it, or set false."
        )
