"""Each variable's effect on a server that runs, at every start and not only the first."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from conftest import cursor_of

from flowdb.cluster import CONFIGURATION, Cluster
from flowdb.config import Memory, parameters
from flowdb.machine import Machine
from flowdb.programs import find_programs
from flowdb.testing import RunningFlowDB, free_port, server_directory
from flowdb.values import MIB

SMALL = {"FLOWDB_DURABLE": "false", "FLOWDB_LISTEN_ADDRESSES": "127.0.0.1"}


@pytest.fixture(scope="module")
def served() -> Iterator[RunningFlowDB]:
    """Yield a FlowDB that each test starts with its own variables."""
    with server_directory("flowdb-conf-") as directory:
        (directory / "secrets").mkdir()
        flowdb = RunningFlowDB(host="127.0.0.1", port=free_port(), data_directory=directory / "data")
        yield flowdb
        Cluster(flowdb.settings()).stop()


def run(flowdb: RunningFlowDB, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    own = {
        "PATH": os.environ["PATH"],
        "FLOWKIT_SECRETS_DIR": str(flowdb.data_directory.parent / "secrets"),
    }
    return subprocess.run(
        [sys.executable, "-m", "flowdb", *arguments],
        env=own | flowdb.environment() | SMALL | variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def shown(flowdb: RunningFlowDB, names: list[str]) -> dict[str, str]:
    with cursor_of(flowdb.dsn()) as cursor:
        cursor.execute(
            "SELECT name, current_setting(name) FROM unnest(%s::text[]) AS names (name)",
            (names,),
        )
        return dict(cursor.fetchall())


def told(flowdb: RunningFlowDB) -> dict[str, object]:
    """Return what the functions say that clients ask."""
    with cursor_of(flowdb.dsn("flowmachine")) as cursor:
        cursor.execute(
            "SELECT cache_max_size(), cache_half_life(), cache_protected_period(), location_table(), "
            "version, release_date::text FROM flowdb_version()"
        )
        names = ("size", "half_life", "protected", "location_table", "version", "released")
        return dict(zip(names, cursor.fetchone(), strict=True))


@dataclass(frozen=True)
class Start:
    """One start: the variables and secrets, where its configuration is, and what the server must say then."""

    name: str
    variables: dict[str, str]
    file: str
    secrets: dict[str, str] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    facts: dict[str, object] = field(default_factory=dict)


STARTS = [
    Start(
        "variables",
        {
            "MAX_CPUS": "5",
            "MAX_WORKERS": "4",
            "MAX_WORKERS_PER_GATHER": "3",
            "SHARED_BUFFERS_SIZE": "64MB",
            "EFFECTIVE_CACHE_SIZE": "1.5GB",
            "STATS_TARGET": "55",
            "MAX_LOCKS_PER_TRANSACTION": "111",
            "FLOWDB_MAX_CONNECTIONS": "33",
            "JIT": "TRUE",
            "FLOWDB_LOG_DEST": "stderr",
            "FLOWDB_LOG_STATEMENTS": "1",
            "CACHE_SIZE": "10GB",
            "CACHE_HALF_LIFE": "500",
            "CACHE_PROTECTED_PERIOD": "60",
            "LOCATION_TABLE": "infrastructure.sites",
            "FLOWDB_VERSION": "3.1.4",
            "FLOWDB_RELEASE_DATE": "2030-01-02",
            "AUTO_CONFIG_PATH": "{elsewhere}",
            "AUTO_CONFIG_FILE_NAME": "flow.conf",
        },
        file="elsewhere/flow.conf",
        settings={
            "max_worker_processes": "5",
            "max_parallel_workers": "4",
            "max_parallel_workers_per_gather": "3",
            "shared_buffers": "64MB",
            "effective_cache_size": "1536MB",
            "default_statistics_target": "55",
            "max_locks_per_transaction": "111",
            "max_connections": "33",
            "jit": "on",
            "log_destination": "stderr",
            "logging_collector": "off",
            "log_min_duration_statement": "250ms",
            "fsync": "off",
        },
        facts={
            "size": 10 * 1024**3,
            "half_life": 500.0,
            "protected": 60,
            "location_table": "infrastructure.sites",
            "version": "3.1.4",
            "released": "2030-01-02",
        },
    ),
    Start(
        "secrets",
        {
            "MAX_CPUS": "5",
            "SHARED_BUFFERS_SIZE": "64MB",
            "EFFECTIVE_CACHE_SIZE": '""',
            "STATS_TARGET": "none at all",
            "CACHE_SIZE": "10GB",
            "NO_USE_JIT": "true",
            "JIT": "true",
            "FLOWDB_LOG_DEST": "csvlog",
            "FLOWDB_DURABLE": "true",
            "AUTO_CONFIG_PATH": "{elsewhere}/moved.conf",
        },
        file="elsewhere/moved.conf",
        secrets={
            "MAX_CPUS": "3",
            "MAX_WORKERS": "2",
            "MAX_WORKERS_PER_GATHER": "1",
            "SHARED_BUFFERS_SIZE": "48 MB",
            "STATS_TARGET": "66",
            "MAX_LOCKS_PER_TRANSACTION": "222",
            "FLOWDB_MAX_CONNECTIONS": "44",
            "CACHE_SIZE": "123456789",
            "CACHE_HALF_LIFE": "0.5",
            "CACHE_PROTECTED_PERIOD": "0",
            "FLOWDB_VERSION": "v4",
        },
        settings={
            "max_worker_processes": "3",
            "max_parallel_workers": "2",
            "max_parallel_workers_per_gather": "1",
            "shared_buffers": "48MB",
            "default_statistics_target": "66",
            "max_locks_per_transaction": "222",
            "max_connections": "44",
            "jit": "off",
            "log_destination": "csvlog",
            "logging_collector": "on",
            "log_min_duration_statement": "-1",
            "fsync": "on",
            "TimeZone": "UTC",
        },
        facts={
            "size": 123456789,
            "half_life": 0.5,
            "protected": 0,
            "location_table": "infrastructure.cells",
            "version": "v4",
            "released": "2026-11-23",
        },
    ),
    # Values of the cache stay, since FlowMachine may have set them; all others are defaults again.
    Start(
        "nothing",
        {"CACHE_SIZE": "''"},
        file=f"data/{CONFIGURATION}",
        facts={"size": 123456789, "half_life": 0.5, "protected": 0, "version": "2.0.0"},
    ),
]


@pytest.mark.parametrize("start", STARTS, ids=lambda start: start.name)
def test_every_start_reads_every_variable(served: RunningFlowDB, start: Start) -> None:
    secrets = served.data_directory.parent / "secrets"
    for old in secrets.iterdir():
        old.unlink()
    for name, value in start.secrets.items():
        (secrets / name).write_text(f"{value}\n")
    elsewhere = served.data_directory.parent / "elsewhere"
    elsewhere.mkdir(mode=0o755, exist_ok=True)
    variables = {name: value.format(elsewhere=elsewhere) for name, value in start.variables.items()}
    started = run(served, "start", **variables)
    assert started.returncode == 0, started.stderr
    try:
        with cursor_of(served.dsn()) as cursor:
            cursor.execute("SELECT sourcefile FROM pg_settings WHERE name = 'max_connections'")
            assert cursor.fetchone() == (str(served.data_directory.parent / start.file),)
        assert shown(served, list(start.settings)) == start.settings
        facts = told(served)
        assert {name: facts[name] for name in start.facts} == start.facts
        if start.name == "nothing":
            expected = parameters(served.settings(**UNSET), Machine.here(served.data_directory))
            names = [name for name in TUNING if name in expected]
            assert shown(served, names) == {name: expected[name] for name in names}
    finally:
        run(served, "stop")


UNSET = dict.fromkeys(
    ("SHARED_BUFFERS_SIZE", "MAX_LOCKS_PER_TRANSACTION", "FLOWDB_MAX_CONNECTIONS", "STATS_TARGET"), ""
)
TUNING = [
    *("shared_buffers", "effective_cache_size", "max_worker_processes", "max_parallel_workers"),
    *("max_parallel_workers_per_gather", "default_statistics_target", "max_locks_per_transaction"),
    *("max_connections", "jit", "work_mem", "dynamic_shared_memory_type"),
]


def test_the_shared_memory_that_is_reckoned_with_is_what_the_server_takes(served: RunningFlowDB) -> None:
    for variables in (
        {"SHARED_BUFFERS_SIZE": "1GB", "MAX_LOCKS_PER_TRANSACTION": "64"},
        {"SHARED_BUFFERS_SIZE": "64MB", "MAX_LOCKS_PER_TRANSACTION": "8000"},
    ):
        settings = served.settings(FLOWDB_MAX_CONNECTIONS=200, **variables)
        reckoned = Memory.of(settings, Machine.here(served.data_directory)).shared
        cluster = Cluster(settings)
        cluster.configure(settings)
        programs = find_programs(served.data_directory)
        said = cluster.user.run(
            [programs / "postgres", "-D", served.data_directory, "-C", "shared_memory_size"]
        )
        assert said.returncode == 0, said.stderr
        assert reckoned == pytest.approx(int(said.stdout) * MIB, rel=0.1)


def test_debug_mode_loads_the_debugger_or_says_what_is_missing(served: RunningFlowDB) -> None:
    library = find_programs(served.data_directory).parent / "lib" / "plugin_debugger.so"
    started = run(served, "start", FLOWDB_ENABLE_POSTGRES_DEBUG_MODE="TRUE", SHARED_BUFFERS_SIZE="32MB")
    if library.exists():
        assert started.returncode == 0, started.stderr
        loaded = shown(served, ["shared_preload_libraries"])["shared_preload_libraries"]
        assert loaded == "pg_stat_statements,plugin_debugger"
        run(served, "stop")
    else:
        assert started.returncode == 2
        assert "pldebugger" in started.stderr


def test_a_value_that_cannot_work_changes_nothing(served: RunningFlowDB) -> None:
    def contents() -> dict[Path, float]:
        return {path: path.stat().st_mtime for path in served.data_directory.glob("*")}

    before = contents()
    for variables in ({"SHARED_BUFFERS_SIZE": "100TB"}, {"MAX_CPUS": "none"}, {"CACHE_SIZE": "-1"}):
        refused = run(served, "start", **variables)
        assert refused.returncode == 2
        assert next(iter(variables)) in refused.stderr
        assert refused.stderr.count("\n") == 1
    assert contents() == before


def test_what_alter_system_says_comes_last(served: RunningFlowDB) -> None:
    with (served.data_directory / "postgresql.auto.conf").open("a") as file:
        file.write("default_statistics_target = 17\n")
    assert run(served, "start", SHARED_BUFFERS_SIZE="32MB", STATS_TARGET="100").returncode == 0
    assert shown(served, ["default_statistics_target"]) == {"default_statistics_target": "17"}
    run(served, "stop")
