"""Reading a query row by row, without counting its rows before."""

import gc
import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from flowmachine.core import CustomQuery
from flowmachine.core.execute import Engine

NUMBERS = CustomQuery("SELECT n FROM generate_series(1, 30) AS s(n)", "n")
ROWS = [(n,) for n in range(1, 31)]


@pytest.fixture
def statements(engine: Engine) -> Iterator[list[str]]:
    """Yield the statements that read rows, as they are run."""
    seen: list[str] = []

    def note(*args: Any) -> None:
        seen.append(args[2])

    sa.event.listen(engine.connection.engine, "before_cursor_execute", note)
    yield seen
    sa.event.remove(engine.connection.engine, "before_cursor_execute", note)


def starred(query: Iterable[Any]) -> list[Any]:
    return [*query]


def extended(query: Iterable[Any]) -> list[Any]:
    rows: list[Any] = []
    rows.extend(query)
    return rows


@pytest.mark.parametrize("read", [list, tuple, sorted, starred, extended])
def test_reading_all_rows_does_not_count_them_first(
    statements: list[str], read: Callable[[Any], Iterable[Any]]
) -> None:
    """``list(query)`` asks for a length as a hint, which once ran the query twice."""
    assert list(read(NUMBERS)) == ROWS
    assert len(statements) == 1
    assert "count" not in statements[0]


def test_a_length_is_exact_whoever_iterates(statements: list[str]) -> None:
    rows = iter(NUMBERS)
    assert len(NUMBERS) == 30
    assert next(rows) == (1,)
    assert len(NUMBERS) == 30
    assert [len(NUMBERS), *(len(list(NUMBERS)) for _ in range(2))] == [30, 30, 30]
    assert list(rows) == ROWS[1:]
    pairs = [(row, len(NUMBERS)) for row in itertools.islice(NUMBERS, 2)]
    assert pairs == [((1,), 30), ((2,), 30)]


def test_iterators_and_lengths_of_the_same_instruction_of_other_frames(statements: list[str]) -> None:
    def call(function: Callable[[Any], Any]) -> Any:
        return function(NUMBERS)

    rows = call(iter)
    assert call(len) == 30
    assert call(list) == ROWS
    assert next(rows) == (1,)


def test_an_iterator_keeps_nothing_of_who_asked_for_it_once_it_is_read(engine: Engine) -> None:
    def ask() -> Iterator[Any]:
        held = Held()
        rows = iter(NUMBERS)
        assert held
        return rows

    rows = ask()
    assert next(rows) == (1,)
    gc.collect()
    assert [found for found in gc.get_objects() if isinstance(found, Held)] == []


class Held:
    """Something in the frame of who asks."""

    def __init__(self) -> None:
        self.itself = [self]
