"""The environment of the services holds what they need and nothing of the caller's."""

from pathlib import Path

import pytest

from flowkit_jwt_generator.settings import SettingsError, load_settings
from flowkit_native.installation import Installation, NotReadyError
from flowkit_native.settings import NativeSettings


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation(NativeSettings(home_directory=tmp_path / "home"))


def test_the_callers_environment_does_not_reach_the_services(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", "hunter2")
    monkeypatch.setenv("MAX_CPUS", "3")
    environment = installation.environment()
    assert "PGPASSWORD" not in environment
    assert environment["MAX_CPUS"] == "3"


def test_everything_listens_on_this_machine_only(installation: Installation) -> None:
    environment = installation.environment()
    names = ("FLOWDB_LISTEN_ADDRESSES", "FLOWMACHINE_BIND_HOST", "FLOWAPI_HOST")
    assert {environment[name] for name in names} == {"127.0.0.1"}


def test_a_port_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWAPI_PORT", "90900")
    with pytest.raises(SettingsError, match="FLOWAPI_PORT"):
        load_settings(NativeSettings)


def test_a_path_that_cannot_be_passed_on_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flowkit_native.programs.PROGRAMS", ())
    with pytest.raises(NotReadyError, match="please move it"):
        Installation(NativeSettings(home_directory=tmp_path / "50%")).preflight()
