"""Where the password of the superuser comes from."""

from pathlib import Path

import pytest

from flowdb.passwords import make_up_password
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


def test_one_can_be_made_up_and_is_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    made = tmp_path / "made"
    monkeypatch.setenv("POSTGRES_PASSWORD_FILE", str(made))
    make_up_password()
    first = password()
    assert len(first) >= 32
    assert made.stat().st_mode & 0o777 == 0o600
    make_up_password()
    assert password() == first


@pytest.mark.parametrize("name", NAMES[:2])
def test_none_is_made_up_where_one_is_given(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    monkeypatch.setenv("POSTGRES_PASSWORD_FILE", str(tmp_path / "made"))
    monkeypatch.setenv(name, "given")
    make_up_password()
    assert not (tmp_path / "made").exists()
    assert password() == "given"


def test_without_a_place_to_keep_it_none_is_made_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    make_up_password()
    monkeypatch.setenv("POSTGRES_PASSWORD_FILE", str(tmp_path / "no" / "directory"))
    make_up_password()
    with pytest.raises(SettingsError, match="POSTGRES_PASSWORD_FILE cannot be read"):
        load_settings(ConnectionSettings)
