from datetime import date
from pathlib import Path

import pytest

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
    assert values["max_worker_processes"] == "5"
    assert values["max_parallel_workers"] == "5"
    assert values["max_parallel_workers_per_gather"] == "2"
    assert values["shared_buffers"] == "1GB"
    assert values["effective_cache_size"] == "2GB"
    assert values["default_statistics_target"] == "1000"
    assert values["max_locks_per_transaction"] == "99"
    assert values["jit"] == "on"


def test_jit_is_off_unless_wanted(settings) -> None:
    assert parameters(settings(), MACHINE)["jit"] == "off"
    assert parameters(settings(JIT="true", NO_USE_JIT="true"), MACHINE)["jit"] == "off"


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
    ("name", "value"),
    [
        ("MAX_CPUS", "0"),
        ("SHARED_BUFFERS_SIZE", "much"),
        ("STATS_TARGET", "10001"),
        ("CACHE_HALF_LIFE", "-1"),
        ("FLOWDB_LOG_DEST", "paper"),
    ],
)
def test_a_bad_value_is_refused_by_name(settings, name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        settings(**{name: value})


@pytest.mark.parametrize("value", ["", '""', "''"])
def test_empty_and_quoted_empty_values_mean_the_default(settings, value: str) -> None:
    assert settings(CACHE_SIZE=value).cache_size is None
    assert settings(SHARED_BUFFERS_SIZE=value).shared_buffers is None


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


def test_the_release_is_this_one(settings) -> None:
    assert settings().version == "2.0.0"
    assert settings(FLOWDB_RELEASE_DATE="2030-02-01").release_date == date(2030, 2, 1)
