"""The page of weaknesses: that it has all of them, and that the tests it names exist."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[3]
TESTS = CHECKOUT / "flowmachine" / "tests"
PACKAGE = CHECKOUT / "flowmachine" / "flowmachine"
PAGE = CHECKOUT / "docs" / "pages" / "developers" / "weaknesses.md"
ROWS = dict(re.findall(r"^\| ([PCS]\d+) \| (.*) \|$", PAGE.read_text(), re.MULTILINE))


@cache
def functions_of(name: str) -> frozenset[str]:
    """Return the names of the functions of a file, given as below FlowMachine's tests or the checkout."""
    (file,) = [base / name for base in (TESTS, CHECKOUT) if (base / name).is_file()]
    nodes = ast.walk(ast.parse(file.read_text()))
    return frozenset(n.name for n in nodes if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))


def test_every_weakness_is_on_the_page() -> None:
    numbers = {"P": 14, "C": 18, "S": 6}
    assert list(ROWS) == [f"{kind}{n}" for kind, last in numbers.items() for n in range(1, last + 1)]


@pytest.mark.parametrize("number", ROWS)
def test_the_tests_that_the_page_names_exist(number: str) -> None:
    named = re.findall(r"`([\w/]+\.py)::(\w+)`", ROWS[number])
    assert named
    assert [f"{file}::{test}" for file, test in named if test not in functions_of(file)] == []
    assert all(test.startswith("test_") for _, test in named)


@pytest.mark.parametrize("layer", ["core", "server"])
def test_nothing_waits_by_sleeping(layer: str) -> None:
    """P7: whoever waited looked again every whole second, and held a thread of the pool meanwhile."""
    files = sorted((PACKAGE / layer).rglob("*.py"))
    assert len(files) > 10
    nodes = [node for file in files for node in ast.walk(ast.parse(file.read_text()))]
    called = [ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call)]
    assert [name for name in called if name in ("time.sleep", "sleep")] == []
