"""Ids of every class: equal for equal meaning, in every process and release; different otherwise."""

import json
import math
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowmachine.core import CustomQuery, Query, Table, make_spatial_unit
from flowmachine.core.declaration import declare, rebuild
from flowmachine.core.identity import ADDED_LATER
from flowmachine.core.join import Join
from flowmachine.core.union import Union
from flowmachine.core.union_with_fixed_values import UnionWithFixedValues
from flowmachine.features import Flows, LastLocation, daily_location
from tests.queries import QUERIES

PINNED = Path(__file__).parent / "pinned_ids"
ROOT = Path(__file__).parent.parent.parent

NOT_PINNED = {
    "Query",
    "ActivePeriods",
    "Aggregate",
    "BaseCluster",
    "BaseEntropy",
    "BaseLocation",
    "BestVisit",
    "Derived",
    "FromPoints",
    "Flow",
    "GeomSpatialUnit",
    "LocationEvents",
    "MultiLocation",
    "OverDays",
    "PointSpatialUnit",
    "QStub",
    "SubscriberFeature",
    "_Pairs",
}
"""Bases, and what stands for a query that is not known: its id is given."""


def classes(base: type[Query] = Query) -> Iterator[type[Query]]:
    if not base.stands_for:
        yield base
    for cls in base.__subclasses__():
        yield from classes(cls)


def test_every_class_has_a_pinned_id() -> None:
    names = {cls.__name__ for cls in classes() if cls.__module__.startswith("flowmachine.")}
    assert names - NOT_PINNED <= {type(query).__name__ for query in QUERIES.values()}


def test_all_queries_that_mean_different_things_have_different_ids() -> None:
    by_id: dict[str, list[str]] = {}
    for name, query in QUERIES.items():
        by_id.setdefault(query.query_id, []).append(name)
    assert [names for names in by_id.values() if len(names) > 1] == []


def test_ids_are_those_of_earlier_releases() -> None:
    # A change here orphans every stored result of the class. If its meaning changed, that is right: raise its
    # revision and write the file anew. A parameter that is added needs ADDED_LATER instead.
    pinned = {
        name: id_ for file in PINNED.glob("*.json") for name, id_ in json.loads(file.read_text()).items()
    }
    assert {name: QUERIES[name].query_id for name in pinned} == pinned
    assert pinned.keys() == QUERIES.keys(), "new queries are to be pinned"


@pytest.mark.parametrize("seed", ["0", "1"])
def test_ids_are_the_same_in_another_process(seed: str) -> None:
    program = (
        "import json, sys; from tests.queries import QUERIES;"
        "json.dump({name: query.query_id for name, query in reversed(QUERIES.items())}, sys.stdout)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT), "LC_ALL": "C", "TZ": "Asia/Kathmandu"},
        check=True,
        capture_output=True,
        text=True,
    )
    assert json.loads(done.stdout) == {name: query.query_id for name, query in QUERIES.items()}


@pytest.mark.parametrize("name", sorted(QUERIES))
def test_every_query_is_rebuilt_from_what_the_cache_keeps(name: str) -> None:
    query = QUERIES[name]
    again = rebuild(json.loads(json.dumps(declare(query))))
    assert (again, type(again)) == (query, type(query))
    assert again.column_names == query.column_names


words = st.sampled_from(["a", "b", "a, b", "1", "", "None", "it's"])
days = st.sampled_from([daily_location(f"2016-01-0{n}") for n in (1, 2, 3)])


def agree(one: tuple[Any, Query], other: tuple[Any, Query]) -> None:
    """Check that two queries have one id exactly when they mean the same."""
    assert (one[0] == other[0]) == (one[1].query_id == other[1].query_id)


@st.composite
def joins(draw: st.DrawFn) -> tuple[Any, Query]:
    left, right = draw(days), draw(days)
    on = draw(st.sampled_from([("subscriber",), ("pcod",), ("subscriber", "pcod"), ("pcod", "subscriber")]))
    how = draw(st.sampled_from(["inner", "left", "left outer", "right", "right outer", "full outer"]))
    ends = draw(st.permutations(["", "_x", "_y"]))[:2]
    meaning = (left.query_id, right.query_id, on, how.removesuffix(" outer") if how[0] in "lr" else how, ends)
    return meaning, Join(left, right, list(on), how=how, left_append=ends[0], right_append=ends[1])


@given(joins(), joins())
def test_joins(one: tuple[Any, Query], other: tuple[Any, Query]) -> None:
    agree(one, other)


scalars = st.none() | words | st.integers(-2, 2) | st.booleans() | st.sampled_from([0.5, -1.5])


@st.composite
def subsets(draw: st.DrawFn) -> tuple[Any, Query]:
    parent, column = draw(days), draw(st.sampled_from(["subscriber", "pcod"]))
    values = draw(st.lists(scalars, max_size=3))
    meaning = (parent.query_id, column, frozenset((type(value).__name__, value) for value in values))
    return meaning, parent.subset(column, values)


@given(subsets(), subsets())
def test_subsets(one: tuple[Any, Query], other: tuple[Any, Query]) -> None:
    agree(one, other)


bounds = st.integers(-2, 2) | st.sampled_from([0.5, -1.0, math.inf, -math.inf, 2**53, 2**53 + 1])


@given(st.tuples(bounds, bounds), st.tuples(bounds, bounds))
def test_numeric_subsets(one: tuple[Any, ...], other: tuple[Any, ...]) -> None:
    counts = QUERIES["spatial aggregate"]
    agree(*((pair, counts.numeric_subset("value", *pair)) for pair in (one, other)))


@st.composite
def samples(draw: st.DrawFn) -> tuple[Any, Query]:
    method = draw(st.sampled_from(["random_ids", "bernoulli", "system"]))
    how = draw(st.sampled_from([{"size": 1}, {"size": 2}, {"fraction": 1}, {"fraction": 0.5}]))
    seed = draw(st.sampled_from([None, 0, 0.0, 0.5, 1]))
    return (method, tuple(how.items()), seed), draw(days).random_sample(method, seed=seed, **how)


@given(samples().map(lambda drawn: ((drawn[0], drawn[1].parent.query_id), drawn[1])), st.data())
def test_samples(one: tuple[Any, Query], data: st.DataObject) -> None:
    other = data.draw(samples().map(lambda drawn: ((drawn[0], drawn[1].parent.query_id), drawn[1])))
    agree(one, other)


@st.composite
def unions(draw: st.DrawFn) -> tuple[Any, Query]:
    queries = draw(st.lists(days, min_size=2, max_size=3))
    all_rows = draw(st.booleans())
    ids = tuple(query.query_id for query in queries)
    if draw(st.booleans()):
        return (ids, all_rows), Union(*queries, all=all_rows)
    kind = draw(st.sampled_from([words, st.integers(0, 2)]))
    labels = draw(st.lists(kind, min_size=len(ids), max_size=len(ids)))
    name = draw(st.sampled_from(["x", "y"]))
    meaning = (ids, all_rows, name, tuple((type(label).__name__, label) for label in labels))
    return meaning, UnionWithFixedValues(queries, labels, name, all=all_rows)


@given(unions(), unions())
def test_unions(one: tuple[Any, Query], other: tuple[Any, Query]) -> None:
    agree(one, other)


names = st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=3)


@given(names, names)
def test_columns_and_their_order(one: list[str], other: list[str]) -> None:
    def meaning(columns: list[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(columns))

    agree(*((meaning(columns), Table("x.y", columns=columns)) for columns in (one, other)))
    text = "SELECT a, b, c FROM x.y"
    agree(*((meaning(columns), CustomQuery(text, columns)) for columns in (one, other)))


@given(days, days, days, days)
def test_roles(a: Query, b: Query, c: Query, d: Query) -> None:
    agree(*(((x.query_id, y.query_id), Flows(x, y)) for x, y in ((a, b), (c, d))))


parameters = st.fixed_dictionaries(
    {},
    optional={
        "hours": st.sampled_from([None, "all", (1, 5), (5, 1)]),
        "table": st.sampled_from(
            [None, "ALL", "events.calls", ["events.calls"], ["events.sms", "events.calls"]]
        ),
        "subscriber_identifier": st.sampled_from(["msisdn", "imei"]),
        "subscriber_subset": st.sampled_from([None, "all", "a", ["a"], ("b", "a"), ["a", "b", "a"]]),
        "spatial_unit": st.sampled_from(
            [None, *(make_spatial_unit("admin", level=level) for level in (2, 3)), make_spatial_unit("cell")]
        ),
    },
)


@given(parameters, parameters)
def test_parameters_of_events(one: dict[str, Any], other: dict[str, Any]) -> None:
    def meaning(given: dict[str, Any]) -> tuple[Any, ...]:
        def several(value: Any) -> Any:
            if value is None or str(value).lower() == "all":
                return None
            return frozenset([value] if isinstance(value, str) else value)

        hours = given.get("hours")
        return (
            None if hours == "all" else hours,
            several(given.get("table")),
            given.get("subscriber_identifier", "msisdn"),
            several(given.get("subscriber_subset")),
            given.get("spatial_unit") or make_spatial_unit("admin", level=3),
        )

    agree(*((meaning(given), LastLocation("2016-01-01", "2016-01-02", **given)) for given in (one, other)))


def test_a_parameter_that_is_added_later_leaves_the_ids_of_before() -> None:
    def unit(**fields: Any) -> type[Query]:
        made: type[Query] = attrs.make_class(
            "Unit", {"size": attrs.field(), **fields}, bases=(Query,), frozen=True, slots=False, eq=False
        )
        return made

    before = unit()
    after = unit(shape=attrs.field(default="square", metadata=ADDED_LATER))
    assert before(1).query_id == after(1).query_id == after(1, "square").query_id
    assert after(1, "hexagon").query_id not in (after(1).query_id, after(1, "circle").query_id)
