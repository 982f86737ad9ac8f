"""Queries on their way to other processes, and copied."""

import copy
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.reduction import ForkingPickler

import pytest

from flowmachine.core import Query, make_spatial_unit
from flowmachine.core.query_stub import QStub
from flowmachine.features import daily_location
from tests.plugins import Held
from tests.queries import QUERIES

DAY = daily_location("2016-01-01")


def transferred(value: object) -> object:
    """Return what another process would get."""
    return ForkingPickler.loads(ForkingPickler.dumps(value))


@pytest.mark.parametrize("name", sorted(QUERIES))
def test_a_query_is_the_same_after_a_round_trip(name: str) -> None:
    query = QUERIES[name]
    found = transferred(query)
    assert isinstance(found, Query)
    assert found is not query
    assert (found.query_id, type(found)) == (query.query_id, type(query))
    assert found.dependencies == query.dependencies


@pytest.mark.parametrize("derive", [
    lambda query: query.subset("pcod", ["R0"]).numeric_subset("pcod", 0, 1),
    lambda query: query.random_sample(size=3, seed=0.5),
    lambda query: Held({"a": query}, frozenset({query})),
    lambda query: query.subset("subscriber", ["a"]).aggregate(),
    lambda query: query.join_to_location(make_spatial_unit("cell")),
])  # fmt: skip
def test_queries_of_classes_made_for_their_parents(derive) -> None:
    query = derive(DAY)
    found = transferred(query)
    assert (found, type(found)) == (query, type(query))
    assert found.column_names == query.column_names


def test_what_travels_is_the_declaration_alone() -> None:
    """Frames that were read once travelled with the query."""
    query = daily_location("2016-01-02")
    before = bytes(ForkingPickler.dumps(query))
    query.columns  # noqa: B018 - what is computed once is kept
    query.dependencies  # noqa: B018
    assert bytes(ForkingPickler.dumps(query)) == before
    assert len(before) < 4000
    assert b"sqlalchemy" not in before
    assert b"pandas" not in before


def test_a_stand_in_for_an_unknown_query_keeps_its_id() -> None:
    stub = QStub((DAY,), "0" * 32, "1.34.0")
    found = transferred(stub)
    assert (found, found.deps, found.flowmachine_version) == (stub, (DAY,), "1.34.0")


def test_several_queries_and_units_travel_together() -> None:
    cell = make_spatial_unit("cell")
    assert transferred({"queries": [DAY, DAY], "unit": cell}) == {"queries": [DAY, DAY], "unit": cell}


def id_of(query: Query) -> str:
    return query.query_id


def test_a_process_that_knows_no_class_yet() -> None:
    query = Held({"a": DAY}, frozenset({DAY}))
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=fresh) as pool:
        assert pool.submit(id_of, query).result(timeout=60) == query.query_id


def test_a_copy_is_the_query_itself() -> None:
    held = [DAY]
    assert copy.copy(DAY) is copy.deepcopy(DAY) is copy.deepcopy(held)[0] is DAY
