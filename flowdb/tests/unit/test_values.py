"""How values are written, and how bad ones are refused: by name, with the reason and what would be right."""

from pathlib import Path

import pytest

from flowdb.settings import ServerSettings
from flowdb.values import GIB, KIB, MIB, exact_size, parse_size
from flowkit_jwt_generator.settings import SettingsError, load_settings


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FLOWKIT_SECRETS_DIR", str(tmp_path / "none"))
    for name in ("POSTGRES_PASSWORD", "FLOWMACHINE_FLOWDB_PASSWORD", "FLOWAPI_FLOWDB_PASSWORD"):
        monkeypatch.setenv(name, "sesame")


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("16GB", 16 * GIB),
        ("16 GB", 16 * GIB),
        ("16gb", 16 * GIB),
        ("16G", 16 * GIB),
        ("1.5GB", 1536 * MIB),
        ("512MB", 512 * MIB),
        ("1024kB", MIB),
        ("1024KB", MIB),
        ("2TB", 2048 * GIB),
        ("8192B", 8 * KIB),
        (" 64m\n", 64 * MIB),
    ],
)
def test_sizes_as_people_write_them(text: str, count: int) -> None:
    assert parse_size(text, bare=False) == count


@pytest.mark.parametrize("count", [KIB, 8 * KIB, 1536 * MIB, 16 * GIB, 2048 * GIB, 3 * GIB + KIB])
def test_an_exact_size_is_what_it_was(count: int) -> None:
    assert parse_size(exact_size(count), bare=False) == count


@pytest.mark.parametrize(
    ("text", "count"), [("10737418240", 10 * GIB), ("10GB", 10 * GIB), ("1", 1), ("0.5kB", 512)]
)
def test_the_size_of_the_cache_may_be_in_bytes(
    monkeypatch: pytest.MonkeyPatch, text: str, count: int
) -> None:
    monkeypatch.setenv("CACHE_SIZE", text)
    assert load_settings(ServerSettings).cache_size == count


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("SHARED_BUFFERS_SIZE", "much", "'much' is not a size: write a number and a unit, such as 16GB"),
        ("SHARED_BUFFERS_SIZE", "2048", "'2048' has no unit: write a number and a unit"),
        ("SHARED_BUFFERS_SIZE", "-1GB", "'-1GB' is not a size"),
        ("SHARED_BUFFERS_SIZE", "64kB", "'64kB' is too little: at least 128kB"),
        ("SHARED_BUFFERS_SIZE", "16GiB", "'16GiB' is not a size"),
        ("EFFECTIVE_CACHE_SIZE", "75%", "'75%' is not a size"),
        ("CACHE_SIZE", "0", "'0' is too little"),
        ("CACHE_SIZE", "lots", "or bytes"),
        ("CACHE_HALF_LIFE", "-1", "'-1' is not a number above 0"),
        ("CACHE_HALF_LIFE", "nan", "'nan' is not a number above 0"),
        ("CACHE_HALF_LIFE", "inf", "'inf' is not a number above 0"),
        ("CACHE_PROTECTED_PERIOD", "-1", "'-1' is not a whole number from 0"),
        ("CACHE_PROTECTED_PERIOD", "1 day", "'1 day' is not a whole number from 0"),
        ("MAX_CPUS", "0", "'0' is not a whole number from 1 to 1024"),
        ("MAX_CPUS", "2.5", "'2.5' is not a whole number"),
        ("MAX_WORKERS", "-1", "'-1' is not a whole number from 0 to 1024"),
        ("MAX_WORKERS_PER_GATHER", "1025", "'1025' is not a whole number from 0 to 1024"),
        ("STATS_TARGET", "10001", "'10001' is not a whole number from 1 to 10000"),
        ("MAX_LOCKS_PER_TRANSACTION", "9", "'9' is not a whole number from 10"),
        ("FLOWDB_MAX_CONNECTIONS", "9", "'9' is not a whole number from 10"),
        ("FLOWDB_PORT", "65536", "'65536' is not a whole number from 1 to 65535"),
        ("JIT", "maybe", "'maybe' is neither true nor false"),
        ("FLOWDB_ENABLE_POSTGRES_DEBUG_MODE", "2", "'2' is neither true nor false"),
        ("FLOWDB_LOG_DEST", "paper", "'stderr', 'csvlog' or 'jsonlog'"),
        ("FLOWDB_VERSION", "-dirty", "'-dirty' is not a release, such as 2.0.0"),
        ("FLOWDB_RELEASE_DATE", "yesterday", "'yesterday' is not a date such as 2026-11-23"),
        ("LOCATION_TABLE", "cells", "'cells' is not schema.table"),
        ("POSTGRES_USER", "pg_me", "'pg_me' cannot be the name of a role"),
        ("FLOWAPI_FLOWDB_USER", "x" * 64, "at most 63 bytes"),
        ("AUTO_CONFIG_PATH", "here", "'here' is not an absolute path"),
        ("AUTO_CONFIG_FILE_NAME", "a/b", "'a/b' is not the name of a file"),
    ],
)
def test_a_bad_value_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str, reason: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load_settings(ServerSettings)
    assert f"'{name}' cannot be used: " in str(caught.value)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "sesame" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value", "role"),
    [
        ("POSTGRES_USER", "flowmachine", "POSTGRES_USER is 'flowmachine'"),
        ("POSTGRES_USER", "flowapi", "POSTGRES_USER is 'flowapi'"),
        ("FLOWMACHINE_FLOWDB_USER", "flowdb", "POSTGRES_USER is 'flowdb'"),
        ("FLOWAPI_FLOWDB_USER", "flowmachine", "FLOWAPI_FLOWDB_USER is 'flowmachine'"),
    ],
)
def test_one_role_cannot_be_two(monkeypatch: pytest.MonkeyPatch, name: str, value: str, role: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=role) as caught:
        load_settings(ServerSettings)
    assert "must differ" in str(caught.value)
    assert "''" not in str(caught.value)


def test_all_bad_values_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_CPUS", "0")
    monkeypatch.setenv("JIT", "maybe")
    with pytest.raises(SettingsError, match=r"(?s)'MAX_CPUS'.*'JIT'"):
        load_settings(ServerSettings)
