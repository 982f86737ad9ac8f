from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from flowdb.checks import known_names
from flowdb.config import GIB, MIB, Machine, parameters, render, size
from flowdb.settings import ServerSettings
from flowkit_jwt_generator.settings import SettingsError, load_settings

REQUIRED = {
    "POSTGRES_PASSWORD": "a",
    "FLOWMACHINE_FLOWDB_PASSWORD": "b",
    "FLOWAPI_FLOWDB_PASSWORD": "c",
}
MACHINE = Machine(cpus=8, memory=32 * GIB, disk_total=500 * GIB, disk_free=100 * GIB)
SMALL = Machine(cpus=1, memory=GIB, disk_total=10 * GIB, disk_free=GIB)


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Return a function that reads settings from variables given to it, and from nothing else."""
    monkeypatch.setenv("FLOWKIT_SECRETS_DIR", str(tmp_path))

    def read(**variables: str) -> ServerSettings:
        for name, value in (REQUIRED | variables).items():
            monkeypatch.setenv(name, value)
        return load_settings(ServerSettings)

    return read


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0B"), (1023, "1023B"), (1024, "1kB"), (1025, "2kB"), (MIB * 1.5, "2MB"), (16 * GIB, "16GB")],
)
def test_sizes_are_rounded_up_in_the_largest_unit(count: float, text: str) -> None:
    assert size(count) == text


def test_values_follow_the_machine(settings) -> None:
    values = parameters(settings(), MACHINE)
    assert values["shared_buffers"] == "8GB"
    assert values["effective_cache_size"] == "24GB"
    assert values["max_worker_processes"] == "7"
    assert values["max_parallel_workers"] == values["max_parallel_workers_per_gather"] == "4"


def test_large_machines_give_no_more_than_16_gb_of_buffers(settings) -> None:
    machine = Machine(cpus=64, memory=512 * GIB, disk_total=GIB, disk_free=GIB)
    assert parameters(settings(), machine)["shared_buffers"] == "16GB"


def test_small_machines_get_values_that_start(settings) -> None:
    values = parameters(settings(), SMALL)
    assert values["shared_buffers"] == "256MB"
    assert values["max_worker_processes"] == "1"
    assert values["work_mem"] == "8MB"
    assert int(values["max_locks_per_transaction"]) * 200 * 300 < 0.03 * GIB


def test_variables_win_over_the_machine(settings) -> None:
    values = parameters(
        settings(
            MAX_CPUS="3",
            MAX_WORKERS="5",
            MAX_WORKERS_PER_GATHER="2",
            SHARED_BUFFERS_SIZE="1GB",
            EFFECTIVE_CACHE_SIZE="2GB",
            STATS_TARGET="1000",
            MAX_LOCKS_PER_TRANSACTION="99",
            JIT="true",
        ),
        MACHINE,
    )
    assert values["max_worker_processes"] == "3"
    assert values["max_parallel_workers"] == "5"
    assert values["max_parallel_workers_per_gather"] == "2"
    assert values["shared_buffers"] == "1GB"
    assert values["effective_cache_size"] == "2GB"
    assert values["default_statistics_target"] == "1000"
    assert values["max_locks_per_transaction"] == "99"
    assert values["jit"] == "on"


def test_the_server_works_in_utc_and_keeps_bound_values_out_of_its_log(settings) -> None:
    values = parameters(settings(), MACHINE)
    assert values["timezone"] == "UTC"
    assert values["log_parameter_max_length"] == "0"
    assert values["password_encryption"] == "scram-sha-256"


def test_debug_mode_loads_the_debugger(settings) -> None:
    values = parameters(settings(FLOWDB_ENABLE_POSTGRES_DEBUG_MODE="true"), MACHINE)
    assert values["shared_preload_libraries"] == "pg_stat_statements,plugin_debugger"


def test_quotes_in_a_value_cannot_end_it(settings) -> None:
    assert "listen_addresses = 'a''b'" in render(settings(FLOWDB_LISTEN_ADDRESSES="a'b"), MACHINE)


def test_no_password_is_written(settings) -> None:
    text = render(settings(POSTGRES_PASSWORD="sesame", FLOWAPI_FLOWDB_PASSWORD="tahini"), MACHINE)
    assert "sesame" not in text
    assert "tahini" not in text


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, (7, 4, 4)),
        ({"MAX_CPUS": "1"}, (1, 1, 1)),
        ({"MAX_CPUS": "6"}, (6, 3, 3)),
        # What is left out leaves room for what is set.
        ({"MAX_WORKERS": "12"}, (12, 12, 4)),
        ({"MAX_WORKERS_PER_GATHER": "6"}, (7, 6, 6)),
        ({"MAX_WORKERS": "2"}, (7, 2, 2)),
        ({"MAX_WORKERS_PER_GATHER": "0"}, (7, 4, 0)),
    ],
)
def test_numbers_of_workers_fit_each_other(settings, variables: dict, expected: tuple) -> None:
    values = parameters(settings(**variables), MACHINE)
    names = ("max_worker_processes", "max_parallel_workers", "max_parallel_workers_per_gather")
    assert tuple(int(values[name]) for name in names) == expected


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, "off"),
        ({"JIT": "TRUE"}, "on"),
        ({"JIT": "0"}, "off"),
        ({"NO_USE_JIT": "false"}, "on"),
        ({"NO_USE_JIT": "True"}, "off"),
        ({"JIT": "on", "NO_USE_JIT": "1"}, "off"),
        ({"JIT": "no", "NO_USE_JIT": "no"}, "off"),
    ],
)
def test_either_variable_says_whether_queries_are_compiled(settings, variables: dict, expected: str) -> None:
    assert parameters(settings(**variables), MACHINE)["jit"] == expected


def test_a_small_dev_shm_is_left_alone(settings) -> None:
    """Parallel queries may need 2 x 4 workers x 2 x 64 MB."""
    small = replace(MACHINE, shared_memory=64 * MIB)
    assert parameters(settings(), MACHINE)["dynamic_shared_memory_type"] == "posix"
    assert parameters(settings(), small)["dynamic_shared_memory_type"] == "sysv"
    assert "# /dev/shm (64MB) is too small" in render(settings(), small)
    large = replace(MACHINE, shared_memory=GIB)
    assert parameters(settings(), large)["dynamic_shared_memory_type"] == "posix"
    without = replace(small, system_v=32 * MIB)
    assert parameters(settings(), without)["dynamic_shared_memory_type"] == "posix"
    assert parameters(settings(MAX_WORKERS="0"), small)["dynamic_shared_memory_type"] == "posix"


def test_base_backups_are_possible(settings) -> None:
    values = parameters(settings(), MACHINE)
    assert values["wal_level"] == "replica"
    assert int(values["max_wal_senders"]) >= 2


def test_what_may_name_people_is_logged_only_where_it_is_wanted(settings) -> None:
    names = (
        "log_min_messages",
        "log_error_verbosity",
        "log_min_error_statement",
        "log_min_duration_statement",
    )
    quiet = parameters(settings(), MACHINE)
    assert [quiet[name] for name in names] == ["log", "terse", "panic", "-1"]
    loud = parameters(settings(FLOWDB_LOG_STATEMENTS="true"), MACHINE)
    assert [loud[name] for name in names] == ["warning", "default", "error", "250ms"]
    assert loud["log_parameter_max_length"] == loud["log_parameter_max_length_on_error"] == "0"


@pytest.mark.parametrize("name", sorted(REQUIRED))
def test_every_password_is_required(settings, name: str) -> None:
    with pytest.raises(SettingsError, match=name):
        settings(**{name: ""})


def test_either_name_of_the_superuser_password_serves(settings) -> None:
    assert settings().superuser_password.get_secret_value() == "a"
    assert settings(FLOWDB_POSTGRES_PASSWORD="z").superuser_password.get_secret_value() == "z"


def test_a_secret_file_beats_the_variable(settings, tmp_path: Path) -> None:
    (tmp_path / "FLOWAPI_FLOWDB_PASSWORD").write_text("from the file")
    assert settings().flowapi_password.get_secret_value() == "from the file"


@pytest.mark.parametrize("secret", ["FLOWDB_POSTGRES_PASSWORD", "POSTGRES_PASSWORD"])
@pytest.mark.parametrize("variable", ["FLOWDB_POSTGRES_PASSWORD", "POSTGRES_PASSWORD"])
def test_a_secret_beats_the_variable_of_the_other_name(
    settings, tmp_path: Path, secret: str, variable: str
) -> None:
    (tmp_path / secret).write_text("from the file")
    read = settings(**{variable: "from the variable"})
    assert read.superuser_password.get_secret_value() == "from the file"


OTHER_VALUES = {
    "CACHE_SIZE": "77",
    "CACHE_HALF_LIFE": "7.5",
    "CACHE_PROTECTED_PERIOD": "7",
    "MAX_CPUS": "7",
    "MAX_WORKERS": "6",
    "MAX_WORKERS_PER_GATHER": "5",
    "SHARED_BUFFERS_SIZE": "7GB",
    "EFFECTIVE_CACHE_SIZE": "7GB",
    "STATS_TARGET": "777",
    "MAX_LOCKS_PER_TRANSACTION": "777",
    "FLOWDB_MAX_CONNECTIONS": "77",
    "JIT": "true",
    "NO_USE_JIT": "true",
    "FLOWDB_LOG_DEST": "stderr",
    "FLOWDB_LOG_STATEMENTS": "true",
    "FLOWDB_ENABLE_POSTGRES_DEBUG_MODE": "true",
    "FLOWDB_DURABLE": "false",
    "FLOWDB_VERSION": "v7.7",
    "FLOWDB_RELEASE_DATE": "2027-07-07",
    "LOCATION_TABLE": "infrastructure.sites",
    "FLOWDB_LISTEN_ADDRESSES": "*",
    "FLOWDB_HOST": "elsewhere",
    "FLOWDB_PORT": "7777",
    "POSTGRES_USER": "seven",
    "FLOWMACHINE_FLOWDB_USER": "eight",
    "FLOWAPI_FLOWDB_USER": "nine",
    "PGDATA": "/seven",
    "FLOWDB_SYSTEM_USER": "seven",
    "FLOWDB_SOCKET_DIRECTORY": "/seven",
    "AUTO_CONFIG_PATH": "/seven",
    "AUTO_CONFIG_FILE_NAME": "seven.conf",
}
PASSWORDS = {*REQUIRED, "FLOWDB_POSTGRES_PASSWORD", "POSTGRES_PASSWORD_FILE"}


def test_every_variable_has_another_value_here() -> None:
    assert set(known_names()) - PASSWORDS == set(OTHER_VALUES)


@pytest.mark.parametrize("name", OTHER_VALUES)
def test_every_variable_can_be_a_secret_and_quotes_mean_its_default(
    settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.delenv(name, raising=False)
    default = settings()
    assert settings(**{name: OTHER_VALUES[name]}) != default
    for nothing in ("", '""', "''", " "):
        assert settings(**{name: nothing}) == default
    (tmp_path / name).write_text(OTHER_VALUES[name] + "\n")
    assert settings(**{name: "much"}) == settings(**{name: OTHER_VALUES[name]}) != default


def test_the_release_is_this_one(settings) -> None:
    assert settings().version == "2.0.0"
    assert settings(FLOWDB_RELEASE_DATE="2030-02-01").release_date == date(2030, 2, 1)
