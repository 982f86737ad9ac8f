"""Secrets are made once, kept, and given to those alone who need them."""

import stat
from pathlib import Path

import pytest

from flowkit_jwt_generator import load_private_key, load_public_key
from flowkit_native import credentials


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("secrets")
    made = credentials.ensure(directory)
    assert sorted(made) == sorted(credentials.READERS)
    return directory


def held(directory: Path) -> dict[str, set[str]]:
    return {service.name: {file.name for file in service.iterdir()} for service in directory.iterdir()}


def test_each_service_holds_what_it_needs_and_no_more(directory: Path) -> None:
    assert held(directory) == {
        "flowdb": {"FLOWDB_POSTGRES_PASSWORD", "FLOWMACHINE_FLOWDB_PASSWORD", "FLOWAPI_FLOWDB_PASSWORD"},
        "flowmachine": {"FLOWMACHINE_FLOWDB_PASSWORD", "REDIS_PASSWORD"},
        "flowapi": {"FLOWAPI_FLOWDB_PASSWORD", "PUBLIC_JWT_SIGNING_KEY"},
        "redis": {"REDIS_PASSWORD"},
        "owner": {"PRIVATE_JWT_SIGNING_KEY"},
    }


def test_only_the_owner_can_read_them(directory: Path) -> None:
    for path in directory.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


def test_services_that_share_a_secret_have_the_same(directory: Path) -> None:
    for name in ("FLOWMACHINE_FLOWDB_PASSWORD", "REDIS_PASSWORD"):
        values = {credentials.read(directory, reader, name) for reader in credentials.READERS[name]}
        assert len(values) == 1


def test_a_second_run_changes_nothing(directory: Path) -> None:
    before = {path: path.read_text() for path in directory.rglob("*") if path.is_file()}
    assert credentials.ensure(directory) == []
    assert {path: path.read_text() for path in directory.rglob("*") if path.is_file()} == before


def test_a_lost_copy_is_restored_from_the_other(directory: Path) -> None:
    value = credentials.read(directory, "redis", "REDIS_PASSWORD")
    (directory / "flowmachine" / "REDIS_PASSWORD").unlink()
    assert credentials.ensure(directory) == []
    assert credentials.read(directory, "flowmachine", "REDIS_PASSWORD") == value


def test_the_keys_are_a_pair(directory: Path) -> None:
    private = load_private_key(credentials.read(directory, "owner", "PRIVATE_JWT_SIGNING_KEY"))
    public = load_public_key(credentials.read(directory, "flowapi", "PUBLIC_JWT_SIGNING_KEY"))
    assert private.public_key().public_numbers() == public.public_numbers()


def test_half_a_pair_is_replaced_whole(directory: Path) -> None:
    (directory / "owner" / "PRIVATE_JWT_SIGNING_KEY").unlink()
    assert sorted(credentials.ensure(directory)) == ["PRIVATE_JWT_SIGNING_KEY", "PUBLIC_JWT_SIGNING_KEY"]
    test_the_keys_are_a_pair(directory)
