"""What is refused or pointed out because of another setting or of the machine."""

from dataclasses import replace
from pathlib import Path

import pytest

from flowdb.checks import load_server_settings, misspelt, refusals, refuse_without_library, warnings
from flowdb.machine import Machine
from flowdb.settings import ServerSettings
from flowdb.values import GIB, MIB
from flowkit_jwt_generator.settings import SettingsError

MACHINE = Machine(cpus=8, memory=32 * GIB, disk_total=500 * GIB, disk_free=100 * GIB)
REQUIRED = {
    "POSTGRES_PASSWORD": "a",
    "FLOWMACHINE_FLOWDB_PASSWORD": "b",
    "FLOWAPI_FLOWDB_PASSWORD": "c",
    "PGDATA": "/srv/flowdb",
}


def settings(**variables: object) -> ServerSettings:
    return ServerSettings.model_validate(REQUIRED | variables)


@pytest.mark.parametrize(
    ("variables", "reason"),
    [
        (
            {"SHARED_BUFFERS_SIZE": "64GB"},
            "SHARED_BUFFERS_SIZE=64GB is more than the memory there is, 32GB: a",
        ),
        (
            {"MAX_LOCKS_PER_TRANSACTION": 36500, "FLOWDB_MAX_CONNECTIONS": 5000},
            "MAX_LOCKS_PER_TRANSACTION=36500 with FLOWDB_MAX_CONNECTIONS=5000 takes 68GB of shared memory",
        ),
        (
            {"AUTO_CONFIG_PATH": "/no/such/file"},
            "AUTO_CONFIG_PATH=/no/such/file: there is no directory '/no/such'",
        ),
    ],
)
def test_what_cannot_work_is_refused(variables: dict[str, object], reason: str) -> None:
    (said,) = refusals(settings(**variables), MACHINE)
    assert said.startswith(reason)


@pytest.mark.parametrize(
    ("variables", "reason"),
    [
        ({"MAX_CPUS": 9}, "MAX_CPUS=9 is more than the 8 processors"),
        ({"MAX_CPUS": 2, "MAX_WORKERS": 3}, "MAX_WORKERS=3 is more than MAX_CPUS=2"),
        (
            {"MAX_WORKERS": 3, "MAX_WORKERS_PER_GATHER": 4},
            "MAX_WORKERS_PER_GATHER=4 is more than MAX_WORKERS=3",
        ),
        (
            {"SHARED_BUFFERS_SIZE": "20GB"},
            "SHARED_BUFFERS_SIZE and MAX_LOCKS_PER_TRANSACTION take 21GB of 32GB",
        ),
        ({"CACHE_SIZE": "1TB"}, "CACHE_SIZE=1099511627776 is more than the disk holds, 500GB"),
    ],
)
def test_what_is_odd_is_pointed_out(variables: dict[str, object], reason: str) -> None:
    assert not list(refusals(settings(**variables), MACHINE))
    (said,) = warnings(settings(**variables), MACHINE)
    assert said.startswith(reason)


def test_defaults_are_neither_refused_nor_odd() -> None:
    for cpus in (1, 2, 4, 64):
        for memory in (GIB, 4 * GIB, 32 * GIB, 1024 * GIB):
            machine = replace(MACHINE, cpus=cpus, memory=memory)
            assert not [*refusals(settings(), machine), *warnings(settings(), machine)]


def test_too_little_shared_memory_is_pointed_out_with_what_to_set() -> None:
    docker = replace(MACHINE, shared_memory=64 * MIB)
    assert not list(warnings(settings(), docker))
    (said,) = warnings(settings(), replace(docker, system_v=0))
    assert said.endswith('fail with "No space left on device".')
    assert ("shm holds 64MB, and parallel queries may need 1024MB") in said
    assert "--shm-size 1088m" in said


def test_slips_of_the_pen_are_pointed_out() -> None:
    lines = list(misspelt(["MAX_CPU", "SHARED_BUFFER_SIZE", "CACHE_PROTECTED_PERIODS", "PATH", "MAX_CPUS"]))
    assert [line.split(maxsplit=1)[0] for line in lines] == [
        "CACHE_PROTECTED_PERIODS",
        "MAX_CPU",
        "SHARED_BUFFER_SIZE",
    ]
    assert "is MAX_CPUS meant?" in lines[1]


def test_names_of_the_other_services_are_no_slips() -> None:
    others = [
        "FLOWAPI_HOST",
        "FLOWAPI_PORT",
        "REDIS_PASSWORD",
        "FLOWETL_POSTGRES_PASSWORD",
        "N_DAYS",
        "PGPORT",
    ]
    others += ["FLOWDB_HOST_PORT", "FLOWDB_DATA_DIR", "FLOWDB_ETL_DIR", "FLOWDB_HOST_USER_ID", "FLOWDB_IMAGE"]
    assert not list(misspelt(others))


def test_settings_are_refused_before_anything_is_touched(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("FLOWKIT_SECRETS_DIR", str(tmp_path))
    for name, value in (REQUIRED | {"PGDATA": str(tmp_path / "data"), "MAX_CPU": "2"}).items():
        monkeypatch.setenv(name, value)
    (tmp_path / "CACHE_SIZES").write_text("10GB")
    load_server_settings()
    assert "MAX_CPU is no variable of FlowDB" in caplog.text
    assert "CACHE_SIZES is no variable of FlowDB" in caplog.text
    monkeypatch.setenv("SHARED_BUFFERS_SIZE", "100TB")
    with pytest.raises(SettingsError, match="SHARED_BUFFERS_SIZE=100TB is more than the memory there is"):
        load_server_settings()
    assert not (tmp_path / "data").exists()


def test_the_debugger_must_be_installed(tmp_path: Path) -> None:
    programs, libraries = tmp_path / "17" / "bin", tmp_path / "17" / "lib"
    programs.mkdir(parents=True)
    wanted = settings(FLOWDB_ENABLE_POSTGRES_DEBUG_MODE="TRUE")
    refuse_without_library(wanted, programs)
    libraries.mkdir()
    (libraries / "plpgsql.so").touch()
    refuse_without_library(settings(), programs)
    with pytest.raises(SettingsError, match="package postgresql-17-pldebugger"):
        refuse_without_library(wanted, programs)
    (libraries / "plugin_debugger.so").touch()
    refuse_without_library(wanted, programs)
