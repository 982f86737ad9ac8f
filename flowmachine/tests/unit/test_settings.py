"""Settings: that each is documented, and that public paths stay."""

import importlib
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


@pytest.mark.parametrize(
    ("module", "names"),
    [
        ("flowmachine.core.server.cache_cleanup", ["main", "watch_and_shrink_cache"]),
        ("flowmachine.core.server.server", ["main"]),
        ("flowmachine.core.query_state", ["QueryState", "QueryEvent", "QueryStateMachine"]),
        ("flowmachine.core.query_stub", ["QStub"]),
        (
            "flowmachine.core.cache",
            [
                "cache_table_exists", "get_cache_half_life", "get_cache_protected_period",
                "get_cached_query_objects_ordered_by_score", "get_compute_time", "get_max_size_of_cache",
                "get_obj_or_stub", "get_query_object_by_id", "get_score", "get_size_of_cache",
                "get_size_of_table", "invalidate_cache_by_id", "reset_cache", "resync_redis_with_cache",
                "set_cache_half_life", "set_cache_protected_period", "set_max_size_of_cache",
                "shrink_below_size", "shrink_one", "touch_cache",
            ],
        ),
    ],
)  # fmt: skip
def test_public_paths(module: str, names: list[str]) -> None:
    found = importlib.import_module(module)
    assert [name for name in names if not hasattr(found, name)] == []


def test_pruning_takes_the_defaults_of_the_guide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWMACHINE_FLOWDB_PASSWORD", "x")
    monkeypatch.setenv("REDIS_PASSWORD", "x")
    settings = load_settings(CleanupSettings)
    assert (settings.cache_pruning_frequency, settings.cache_pruning_timeout) == (86400, 600)
    monkeypatch.setenv("FLOWMACHINE_CACHE_PRUNING_TIMEOUT", "0")
    with pytest.raises(SettingsError, match="FLOWMACHINE_CACHE_PRUNING_TIMEOUT"):
        load_settings(CleanupSettings)
