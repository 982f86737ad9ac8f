"""Checks: whatever goes wrong is an outcome, and no check at all is not a success."""

import pytest

from flowkit_containers.checking import CheckFailedError, Checks, eventually, expect


def test_outcomes_are_kept_and_counted() -> None:
    checks = Checks()
    assert not checks.passed
    assert checks.run("good", lambda: "as told")
    assert checks.passed
    assert not checks.run("bad", lambda: expect(1 > 2, "one is less"))
    assert not checks.run("worse", lambda: str(1 / 0))
    assert not checks.passed
    table = checks.table()
    assert "1 of 3 checks passed" in table
    assert "one is less" in table
    assert "ZeroDivisionError" in table


def test_waiting_ends() -> None:
    assert eventually(lambda: True, "at once") < 1
    with pytest.raises(CheckFailedError, match="never"):
        eventually(lambda: False, "never", seconds=0)
