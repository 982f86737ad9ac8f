"""Joins, unions, subsets and samples of queries, against pandas and plain Python."""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from flowmachine.core import CustomQuery
from flowmachine.core.join import Join
from flowmachine.core.plan import compile_query, survey
from flowmachine.core.query import Query
from flowmachine.core.random import METHODS
from flowmachine.core.union import Union
from flowmachine.core.union_with_fixed_values import UnionWithFixedValues

Row = tuple[Any, ...]
oracle = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
words = st.sampled_from(["a", "b", "it's", '"', "%s", ":x", "\\", "é", ""])
numbers = st.integers(-3, 3)


@pytest.fixture(scope="session")
def rows_of(superuser: sa.Engine) -> Callable[[Query], list[Row]]:
    def rows(query: Query) -> list[Row]:
        with superuser.connect() as connection:
            facts, _ = survey(connection, query)
            text = compile_query(query, facts, ()).text
            found = connection.exec_driver_sql(text, execution_options={"no_parameters": True})
            assert list(found.keys()) == query.column_names
            return [tuple(row) for row in found]

    return rows


def literal(rows: Sequence[Row], names: Sequence[str], kinds: Sequence[str]) -> CustomQuery:
    """Return a query with exactly the given rows."""
    from flowmachine.core import sql

    types: dict[str, Any] = {"text": sa.Text, "int": sa.Integer}
    columns = [sa.column(name, types[kind]) for name, kind in zip(names, kinds, strict=True)]
    given = sa.values(*columns, name="given").data([*rows] or [(None,) * len(names)])
    typed = [sa.cast(column, column.type).label(column.name) for column in given.c]
    select = sa.select(*typed) if rows else sa.select(*typed).where(sa.false())
    return CustomQuery(sql.render(select), names)


tables = st.lists(st.tuples(st.none() | words, st.none() | numbers), max_size=8)
filled = st.lists(st.tuples(words, numbers), max_size=12)


@oracle
@given(left=tables, right=tables, how=st.sampled_from(["inner", "full outer", "left", "right"]))
def test_join(rows_of: Callable[[Query], list[Row]], left: list[Row], right: list[Row], how: str) -> None:
    one, other = (literal(rows, ("word", "number"), ("text", "int")) for rows in (left, right))
    query = Join(one, other, "word", how=how, left_append="_l", right_append="_r")
    assert query == one.join(other, on_left="word", how=how, left_append="_l", right_append="_r")
    expected: Counter[Row] = Counter()
    for word, number in left:
        partners = [
            other_number for other_word, other_number in right if word is not None and word == other_word
        ]
        expected.update((word, number, partner) for partner in partners)
        if not partners and how in ("left", "full outer"):
            expected[(word, number, None)] += 1
    for word, number in right:
        if how in ("right", "full outer") and (word is None or word not in {w for w, _ in left}):
            expected[(word, None, number)] += 1
    assert Counter(rows_of(query)) == expected
    if how == "left":
        assert query == one.join(other, "word", how="left outer", left_append="_l", right_append="_r")


@oracle
@given(left=filled, right=filled, how=st.sampled_from(["inner", "outer", "left", "right"]))
def test_join_as_pandas_does(
    rows_of: Callable[[Query], list[Row]], left: list[Row], right: list[Row], how: str
) -> None:
    one = literal(left, ("word", "x"), ("text", "int"))
    other = literal(right, ("name", "y"), ("text", "int"))
    kind = {"outer": "full outer"}.get(how, how)
    query = one.join(other, on_left="word", on_right="name", how=kind)
    frames = pd.DataFrame(left, columns=["word", "x"]).merge(
        pd.DataFrame(right, columns=["name", "y"]), left_on="word", right_on="name", how=how
    )
    key = frames.word.where(frames.word.notna(), frames.name)
    expected = [
        (k, *(None if pd.isna(v) else int(v) for v in vs))
        for k, *vs in zip(key, frames.x, frames.y, strict=True)
    ]
    assert Counter(rows_of(query)) == Counter(expected)
    named = "name" if kind in ("right", "full outer") else "word"
    assert query.column_names == [named, "x", "y"]


def test_a_query_joined_to_itself(rows_of: Callable[[Query], list[Row]]) -> None:
    one = literal([("a", 1), ("b", 2)], ("word", "number"), ("text", "int"))
    joined = one.join(one, ["word", "number"])
    assert sorted(rows_of(joined)) == [("a", 1), ("b", 2)]


@oracle
@given(st.lists(tables, min_size=1, max_size=3), st.booleans())
def test_union(rows_of: Callable[[Query], list[Row]], stacks: list[list[Row]], all_rows: bool) -> None:
    assume(all_rows or len(stacks) > 1)
    queries = [literal(rows, ("word", "number"), ("text", "int")) for rows in stacks]
    query = Union(*queries, all=all_rows)
    assert query == queries[0].union(*queries[1:], all=all_rows)
    found = rows_of(query)
    everything = [row for rows in stacks for row in rows]
    assert Counter(found) == Counter(everything if all_rows else set(everything))


@oracle
@given(st.lists(st.tuples(tables, words), min_size=1, max_size=3), st.booleans())
def test_union_with_labels(
    rows_of: Callable[[Query], list[Row]], stacks: list[tuple[list[Row], str]], all_rows: bool
) -> None:
    queries = [literal(rows, ("word", "number"), ("text", "int")) for rows, _ in stacks]
    query = UnionWithFixedValues(queries, [label for _, label in stacks], "label", all=all_rows)
    expected = [(*row, label) for rows, label in stacks for row in rows]
    found = rows_of(query)
    if all_rows or len(stacks) == 1:
        assert Counter(found) == Counter(expected)
    else:
        assert Counter(found) == Counter(set(expected))


@oracle
@given(tables, st.lists(st.none() | words, max_size=4))
def test_subset(rows_of: Callable[[Query], list[Row]], rows: list[Row], values: list[str | None]) -> None:
    query = literal(rows, ("word", "number"), ("text", "int")).subset("word", values)
    assert Counter(rows_of(query)) == Counter(row for row in rows if row[0] in values)


bounds = st.floats(-4, 4) | numbers | st.sampled_from([math.inf, -math.inf, 2**40])


@oracle
@given(tables, bounds, bounds)
def test_numeric_subset(
    rows_of: Callable[[Query], list[Row]], rows: list[Row], low: float, high: float
) -> None:
    query = literal(rows, ("word", "number"), ("text", "int")).numeric_subset("number", low, high)
    kept = [row for row in rows if row[1] is not None and low <= row[1] <= high]
    assert Counter(rows_of(query)) == Counter(kept)


@oracle
@given(tables, st.lists(words, max_size=3), numbers, numbers)
def test_subsets_of_subsets_commute(
    rows_of: Callable[[Query], list[Row]], rows: list[Row], values: list[str], low: int, high: int
) -> None:
    query = literal(rows, ("word", "number"), ("text", "int"))
    one = query.subset("word", values).numeric_subset("number", low, high)
    other = query.numeric_subset("number", low, high).subset("word", values)
    assert Counter(rows_of(one)) == Counter(rows_of(other))


seeds = st.floats(-1, 1)


@oracle
@given(
    tables, st.sampled_from(["random_ids", "bernoulli", "system"]), st.integers(0, 10), seeds, st.randoms()
)
def test_a_sample_of_a_size_does_not_depend_on_the_order_of_rows(
    rows_of: Callable[[Query], list[Row]], rows: list[Row], method: str, size: int, seed: float, source: Any
) -> None:
    shuffled = source.sample(rows, len(rows))
    samples = [
        rows_of(
            literal(some, ("word", "number"), ("text", "int")).random_sample(method, size=size, seed=seed)
        )
        for some in (rows, shuffled)
    ]
    assert Counter(samples[0]) == Counter(samples[1])
    assert len(samples[0]) == min(size, len(rows))
    assert not Counter(samples[0]) - Counter(rows)


@oracle
@given(tables, st.sampled_from(["random_ids", "bernoulli", "system"]), st.floats(0, 1), seeds)
def test_a_sample_of_a_fraction(
    rows_of: Callable[[Query], list[Row]], rows: list[Row], method: str, fraction: float, seed: float
) -> None:
    query = literal(rows, ("word", "number"), ("text", "int"))
    found = rows_of(query.random_sample(method, fraction=fraction, seed=seed))
    assert not Counter(found) - Counter(rows)
    if method == "random_ids" or fraction in (0, 1):
        assert len(found) == math.floor(fraction * len(rows))
    assert Counter(found) == Counter(rows_of(query.random_sample(method, fraction=fraction, seed=seed)))


@pytest.mark.parametrize("method", METHODS)
def test_a_large_sample_has_the_share_asked_for_and_equal_rows_draw_their_own_lots(
    rows_of: Callable[[Query], list[Row]], method: str
) -> None:
    many = CustomQuery("SELECT 7 AS a FROM generate_series(1, 4000)", "a")
    seed = {} if method == "system_rows" else {"seed": 0.25}
    assert abs(len(rows_of(many.random_sample(method, fraction=0.5, **seed))) - 2000) < 200


def test_samples_of_different_seeds_differ(rows_of: Callable[[Query], list[Row]]) -> None:
    many = CustomQuery("SELECT n FROM generate_series(1, 1000) AS n", "n")
    one, other = (set(rows_of(many.random_sample(size=100, seed=seed))) for seed in (0, 0.1))
    assert one != other
    assert len(one) == len(other) == 100
    assert set(rows_of(many.random_sample(size=100))) != set(rows_of(many.random_sample(size=100)))
