"""Where the password of the superuser comes from."""

from pathlib import Path

import pytest

from flowdb.settings import ConnectionSettings
from flowkit_jwt_generator.settings import SettingsError, load_settings

NAMES = ("FLOWDB_POSTGRES_PASSWORD", "POSTGRES_PASSWORD", "POSTGRES_PASSWORD_FILE")


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("FLOWKIT_SECRETS_DIR", str(tmp_path / "secrets"))


def password() -> str:
    return load_settings(ConnectionSettings).superuser_password.get_secret_value()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    found = tmp_path / "password"
    found.write_text("from a file\n")
    return found


def test_a_file_can_hold_it(monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    monkeypatch.setenv("POSTGRES_PASSWORD_FILE", str(file))
    assert password() == "from a file"


@pytest.mark.parametrize("name", NAMES[:2])
def test_what_is_given_otherwise_comes_first(monkeypatch: pytest.MonkeyPatch, file: Path, name: str) -> None:
    monkeypatch.setenv("POSTGRES_PASSWORD_FILE", str(file))
    monkeypatch.setenv(name, "from a variable")
    assert password() == "from a variable"


def test_a_file_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("POSTGRES_PASSWORD_FILE", str(tmp_path / "none"))
    with pytest.raises(SettingsError, match="POSTGRES_PASSWORD_FILE cannot be read: No such file"):
        load_settings(ConnectionSettings)


def test_without_any_it_is_said_to_be_missing() -> None:
    with pytest.raises(SettingsError, match="'FLOWDB_POSTGRES_PASSWORD' is not set"):
        load_settings(ConnectionSettings)
