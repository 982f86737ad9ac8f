"""The times of planning: what is timed, how it is shown; and what equal queries share."""

import pytest

from flowmachine.core.query import forget_columns
from flowmachine.features import TotalLocationEvents
from tests.planning import made_up, milliseconds, table
from tests.specs import SPECS


@pytest.mark.parametrize("name", ["dummy_query", "flows", "labelled_flows"])
def test_every_step_of_a_plan_is_written(name: str) -> None:
    taken, steps = milliseconds(SPECS[name], made_up(SPECS[name]))
    assert taken > 0
    assert steps == {"dummy_query": 1, "flows": 7, "labelled_flows": 15}[name]


def test_the_slowest_is_last_and_medians_above_the_target_are_named() -> None:
    lines = table({"slow": ([30.0, 20.0, 19.0], 2), "fast": ([500.0, 1.0, 2.0], 1)}).splitlines()
    assert [line.split() for line in lines[1:3]] == [
        ["fast", "2.0", "1.0", "500.0", "1"],
        ["slow", "20.0", "19.0", "30.0", "2"],
    ]
    assert lines[3] == "1 of 2 have a median of 20 ms or more: slow."


def test_equal_queries_share_their_columns_until_these_are_forgotten() -> None:
    def columns(day: int) -> object:
        return TotalLocationEvents("2016-01-01", f"2016-01-0{day}").columns

    first = columns(2)
    assert columns(2) is first
    assert columns(3) is not first
    forget_columns()
    assert columns(2) is not first
    assert [name for name, _ in columns(2)] == [name for name, _ in first]  # type: ignore[attr-defined]
