"""Settings: that each is documented, and that public paths stay."""

from pathlib import Path

import pytest

from flowkit_jwt_generator.settings import SettingsError, load_settings
from flowmachine.core.settings import CleanupSettings, ServerSettings

PAGE = Path(__file__).parents[3] / "docs" / "pages" / "operators" / "flowmachine.md"


def test_every_setting_is_documented() -> None:
    names = [field.alias or name for name, field in ServerSettings.model_fields.items()]
    page = PAGE.read_text()
    assert len(names) > 20
    assert [name for name in names if f"`{name}`" not in page] == []


def test_pruning_takes_the_defaults_of_the_guide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWMACHINE_FLOWDB_PASSWORD", "x")
    monkeypatch.setenv("REDIS_PASSWORD", "x")
    settings = load_settings(CleanupSettings)
    assert (settings.cache_pruning_frequency, settings.cache_pruning_timeout) == (86400, 600)
    monkeypatch.setenv("FLOWMACHINE_CACHE_PRUNING_TIMEOUT", "0")
    with pytest.raises(SettingsError, match="FLOWMACHINE_CACHE_PRUNING_TIMEOUT"):
        load_settings(CleanupSettings)
