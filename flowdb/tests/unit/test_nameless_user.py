"""A user without a name gets one, where the library that lends it is installed."""

import os
from pathlib import Path

import pytest

from flowdb.nameless_user import name_for_nameless_user

NOBODY_KNOWS = 54321


@pytest.fixture
def libraries(tmp_path: Path) -> Path:
    (tmp_path / "some-linux-gnu").mkdir()
    (tmp_path / "some-linux-gnu" / "libnss_wrapper.so").touch()
    return tmp_path


def test_a_user_with_a_name_keeps_it(libraries: Path) -> None:
    assert name_for_nameless_user(0, 0, libraries) == {}


def test_a_user_without_a_name_is_lent_one(libraries: Path) -> None:
    variables = name_for_nameless_user(NOBODY_KNOWS, 7, libraries)
    assert variables["LD_PRELOAD"] == str(libraries / "some-linux-gnu" / "libnss_wrapper.so")
    file = Path(variables["NSS_WRAPPER_PASSWD"])
    assert file.read_text().startswith(f"postgres:x:{NOBODY_KNOWS}:7:")
    assert file.stat().st_uid == os.geteuid()
    assert name_for_nameless_user(NOBODY_KNOWS, 7, libraries) == variables


def test_without_the_library_nothing_is_changed(tmp_path: Path) -> None:
    assert name_for_nameless_user(NOBODY_KNOWS, 7, tmp_path) == {}
