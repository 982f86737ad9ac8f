"""Settings come from the environment, then from the file that compose reads."""

from pathlib import Path

import pytest

from flowkit_containers.settings import load


@pytest.fixture
def env_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    file = tmp_path / "env"
    monkeypatch.setenv("FLOWKIT_ENV_FILE", str(file))
    for name in ("FLOWAPI_PORT", "CONTAINER_TAG"):
        monkeypatch.delenv(name, raising=False)
    return file


def test_without_a_file_there_are_defaults(env_file: Path) -> None:
    assert (load().port, load().tag) == (9090, "latest")


def test_the_environment_beats_the_file(env_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    env_file.write_text("FLOWAPI_PORT=9191\nCONTAINER_TAG=2.0.0\nREDIS_PASSWORD=x\n")
    assert (load().port, load().tag) == (9191, "2.0.0")
    monkeypatch.setenv("FLOWAPI_PORT", "9292")
    assert (load().port, load().tag) == (9292, "2.0.0")
