from pathlib import Path

import pytest
from pydantic import Field, SecretStr, model_validator

from flowkit_jwt_generator.settings import ServiceSettings, SettingsError, load_settings, secrets_dir


class ExampleSettings(ServiceSettings):
    host: str = Field(alias="EXAMPLE_HOST")
    port: int = Field(default=9000, alias="EXAMPLE_PORT")
    password: SecretStr = Field(alias="EXAMPLE_PASSWORD")


@pytest.fixture(autouse=True)
def secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FLOWKIT_SECRETS_DIR", str(tmp_path))
    for name in ("EXAMPLE_HOST", "EXAMPLE_PORT", "EXAMPLE_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_secret_file_beats_environment(secrets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXAMPLE_HOST", "from-environment")
    monkeypatch.setenv("EXAMPLE_PASSWORD", "from-environment")
    (secrets / "EXAMPLE_PASSWORD").write_text("from-file\n")
    settings = load_settings(ExampleSettings)
    assert settings.host == "from-environment"
    assert settings.password.get_secret_value() == "from-file"
    assert settings.port == 9000
    assert "from-file" not in repr(settings)


def test_missing_and_unusable_settings_are_named_without_their_values(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("EXAMPLE_HOST", "")
    monkeypatch.setenv("EXAMPLE_PORT", "hunter2")
    with pytest.raises(SettingsError) as caught:
        load_settings(ExampleSettings)
    message = str(caught.value)
    assert "'EXAMPLE_HOST' is not set" in message
    assert "'EXAMPLE_PASSWORD' is not set" in message
    assert "'EXAMPLE_PORT' cannot be used" in message
    assert "hunter2" not in message and "\n" not in message


def test_names_are_case_sensitive_and_empty_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("example_host", "lower")
    monkeypatch.setenv("EXAMPLE_PASSWORD", "x")
    monkeypatch.setenv("EXAMPLE_PORT", "")
    with pytest.raises(SettingsError, match="EXAMPLE_HOST"):
        load_settings(ExampleSettings)
    monkeypatch.setenv("EXAMPLE_HOST", "h")
    assert load_settings(ExampleSettings).port == 9000


def test_absent_directory_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWKIT_SECRETS_DIR", str(tmp_path / "absent"))
    monkeypatch.setenv("EXAMPLE_HOST", "h")
    monkeypatch.setenv("EXAMPLE_PASSWORD", "p")
    assert load_settings(ExampleSettings).host == "h"
    monkeypatch.delenv("FLOWKIT_SECRETS_DIR")
    assert secrets_dir() == Path("/run/secrets")


def test_given_values_beat_secrets_and_environment(secrets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (secrets / "EXAMPLE_PASSWORD").write_text("from-file")
    monkeypatch.setenv("EXAMPLE_HOST", "from-environment")
    settings = load_settings(ExampleSettings, host="given", EXAMPLE_PASSWORD="given")
    assert (settings.host, settings.password.get_secret_value()) == ("given", "given")


class PairSettings(ServiceSettings):
    first: int = Field(alias="EXAMPLE_PORT")

    @model_validator(mode="after")
    def _odd(self) -> "PairSettings":
        if self.first % 2:
            raise ValueError("EXAMPLE_PORT and EXAMPLE_HOST do not fit")
        return self


def test_a_check_of_several_settings_speaks_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXAMPLE_PORT", "1")
    with pytest.raises(SettingsError, match=r"configuration: EXAMPLE_PORT and EXAMPLE_HOST do not fit[.]"):
        load_settings(PairSettings)
