"""Every public query class is compared with its definition: an oracle test reaches it."""

import ast
import importlib
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from flowmachine.core.query import Query
from tests.public_classes import CLASSES, FACTORIES

ORACLE = Path(__file__).parents[1] / "oracle"
Node = tuple[str, str]
"""A module, and a name in it."""

NOTHING_TO_DRAW = {"GeoTable", "Geography", "RasterStatistics", "VersionedInfrastructure"}
"""What reads no events: compared over a made-up country, each parameter in turn."""


def _names(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _defined(statement: ast.stmt) -> Iterator[str]:
    match statement:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Assign(targets=targets):
            yield from set().union(*map(_names, targets))
        case ast.AnnAssign(target=ast.Name(id=name)):
            yield name


@cache
def graph() -> dict[Node, set[Node]]:
    """Return what each definition of the oracle's modules uses, and where imported names come from."""
    found: dict[Node, set[Node]] = defaultdict(set)
    for file in ORACLE.glob("*.py"):
        module = f"tests.oracle.{file.stem}"
        for statement in ast.parse(file.read_text()).body:
            if isinstance(statement, ast.ImportFrom) and statement.module:
                for alias in statement.names:
                    found[module, alias.asname or alias.name].add((statement.module, alias.name))
            for name in _defined(statement):
                found[module, name] |= {(module, used) for used in _names(statement)}
    return found


def reached(start: Node) -> set[Node]:
    """Return everything that a definition uses, directly or not."""
    seen, ahead = {start}, [start]
    while ahead:
        new = graph().get(ahead.pop(), set()) - seen
        seen |= new
        ahead += new
    return seen


@cache
def oracles_by_name() -> dict[str, dict[str, bool]]:
    """Return the oracle tests that reach each public name, and whether their data are drawn by Hypothesis."""
    found: dict[str, dict[str, bool]] = defaultdict(dict)
    for file in ORACLE.glob("test_*.py"):
        for statement in ast.parse(file.read_text()).body:
            if isinstance(statement, ast.FunctionDef) and statement.name.startswith("test_"):
                drawn = any("given" in _names(decorator) for decorator in statement.decorator_list)
                for module, name in reached((f"tests.oracle.{file.stem}", statement.name)):
                    if module.startswith("flowmachine"):
                        found[name][f"{file.stem}::{statement.name}"] = drawn
    return found


def test_the_list_is_whole() -> None:
    assert len(CLASSES) == 132
    assert len(FACTORIES) == 5


@pytest.mark.parametrize("name", [*CLASSES, *FACTORIES])
def test_a_public_name_is_compared_with_its_definition(name: str) -> None:
    module = (CLASSES | FACTORIES)[name]
    found = getattr(importlib.import_module(module), name)
    assert callable(found)
    assert name in FACTORIES or issubclass(found, Query)
    tests = oracles_by_name()[name]
    assert tests, f"No test in tests/oracle uses {module}.{name}."
    assert any(tests.values()) or name in NOTHING_TO_DRAW, f"No test of {name} draws its data: {list(tests)}"


def test_only_what_needs_no_draws_is_without() -> None:
    assert {name for name in NOTHING_TO_DRAW if any(oracles_by_name()[name].values())} == set()
