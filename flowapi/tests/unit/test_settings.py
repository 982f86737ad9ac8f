"""Settings, the command, and that each of them is documented."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from flowapi.cli import main, server_config
from flowapi.settings import FlowapiSettings
from flowkit_jwt_generator.settings import SettingsError, load_settings

NAMES = [field.alias or name for name, field in FlowapiSettings.model_fields.items()]
REQUIRED = [
    field.alias or name for name, field in FlowapiSettings.model_fields.items() if field.is_required()
]


@pytest.fixture(autouse=True)
def secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Leave nothing of this machine's own settings, and return an empty secrets directory."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("FLOWKIT_SECRETS_DIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def environment(settings: FlowapiSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWAPI_IDENTIFIER", "server")
    monkeypatch.setenv("PUBLIC_JWT_SIGNING_KEY", settings.public_keys)
    monkeypatch.setenv("FLOWMACHINE_HOST", "flowmachine")
    monkeypatch.setenv("FLOWDB_HOST", "flowdb")
    monkeypatch.setenv("FLOWAPI_FLOWDB_PASSWORD", "from the environment")


@pytest.mark.usefixtures("environment")
def test_defaults_and_secrets(secrets: Path) -> None:
    (secrets / "FLOWAPI_FLOWDB_PASSWORD").write_text("from the secret\n")
    settings = load_settings(FlowapiSettings)
    assert settings.flowdb_password.get_secret_value() == "from the secret"
    assert (settings.port, settings.flowmachine_port) == (9090, 5555)
    assert (settings.flowdb_user, settings.log_level, settings.secure) == ("flowapi", "error", False)
    assert "from the secret" not in repr(settings)


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("name", REQUIRED)
def test_a_missing_setting_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(name)
    result = CliRunner().invoke(main)
    assert result.exit_code == 2
    assert f"'{name}' is not set" in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.usefixtures("environment")
def test_a_key_that_does_not_load(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_JWT_SIGNING_KEY", "a password put here by mistake")
    with pytest.raises(SettingsError, match=r"Failed to load public key\.") as raised:
        load_settings(FlowapiSettings)
    assert "mistake" not in str(raised.value)


@pytest.mark.usefixtures("environment")
def test_the_server_listens_where_it_is_told(secrets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWAPI_LOG_LEVEL", "DEBUG")
    assert load_settings(FlowapiSettings).log_level == "debug"
    assert server_config(load_settings(FlowapiSettings)).bind == ["0.0.0.0:9090"]
    monkeypatch.setenv("FLOWAPI_HOST", "::1")
    monkeypatch.setenv("FLOWAPI_PORT", "8000")
    assert server_config(load_settings(FlowapiSettings)).bind == ["[::1]:8000"]
    for name in ("cert-flowkit.pem", "key-flowkit.pem"):
        assert server_config(load_settings(FlowapiSettings)).certfile is None
        (secrets / name).write_text("PEM")
    config = server_config(load_settings(FlowapiSettings))
    assert (config.certfile, config.keyfile) == (
        str(secrets / "cert-flowkit.pem"),
        str(secrets / "key-flowkit.pem"),
    )


def test_health_of_a_server_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWAPI_PORT", "1")
    result = CliRunner().invoke(main, ["health"])
    assert result.exit_code == 1
    assert "does not answer on 127.0.0.1:1" in result.stderr


def test_every_setting_is_documented() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    assert [name for name in NAMES if f"`{name}`" not in readme] == []
