"""Comparisons with SQL by hand: the arithmetic, the statements, and what counts as the same rows."""

import json
import re
from datetime import date
from decimal import Decimal

import pytest

from flowkit_benchmarks import by_hand
from flowkit_benchmarks.compared_rows import difference
from flowkit_benchmarks.queries import Comparison, means, table
from flowkit_benchmarks.query_specs import TEMPLATES
from flowkit_benchmarks.specs import days_from, expand

DAYS = days_from(date(2016, 1, 1))


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_query_has_a_statement_whose_days_are_known(name: str) -> None:
    assert "{d" not in json.dumps(expand(TEMPLATES[name], DAYS))
    text = by_hand.statement(name)
    assert "/*" not in text
    named = set(re.findall(r"%\((\w+)\)s", text))
    assert named and named <= DAYS.keys()
    assert "%" not in re.sub(r"%\(\w+\)s", "", text)


def test_a_block_is_written_for_each_day() -> None:
    text = "WITH /* places */,/* each of d2 to d4 */ SELECT %(day)s, %(next)s /* end */LIMIT 1"
    assert by_hand.fill(text, "places") == (
        "WITH places, SELECT %(d2)s, %(d3)s UNION ALL "
        "SELECT %(d3)s, %(d4)s UNION ALL SELECT %(d4)s, %(d5)s LIMIT 1"
    )


def test_rows_are_the_same_in_any_order_and_up_to_the_last_digits() -> None:
    rows = [("a", 1, 0.1 + 0.2), ("b", 2, None)]
    assert difference(rows, [("b", Decimal(2), None), ("a", 1, 0.3)]) is None


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ([("a", 1)], "2 and 1 rows"),
        ([("a", 1), ("b", 3)], "('b', 2.0) and ('b', 3.0)"),
        ([("a", 1), ("c", 2)], "('b', 2.0) and ('c', 2.0)"),
        ([("a", 1), ("b", None)], "('b', 2.0) and ('b', None)"),
    ],
)
def test_rows_that_differ_are_shown(others: list[tuple[object, ...]], expected: str) -> None:
    assert difference([("a", 1), ("b", 2)], others) == expected


def test_the_least_of_the_rounds_is_compared() -> None:
    one = Comparison("one", (9.0, 4.0), (1.0, 7.0), 75)
    other = Comparison("other", (1.0, 2.0), (1.0, 1.5), 8000)
    assert (one.ratio, other.ratio) == (4, 1)
    assert means([one, other]) == (2.5, pytest.approx(2))
    lines = [line.split() for line in table([one, other]).splitlines()]
    assert lines[1] == ["one", "75", "4.000", "1.000", "4.00"]
    assert lines[2] == ["other", "8,000", "1.000", "1.000", "1.00"]
    assert [line[-1] for line in lines[3:]] == ["2.50", "2.00"]
    assert json.loads(json.dumps(one.as_json()))["ratio"] == 4
