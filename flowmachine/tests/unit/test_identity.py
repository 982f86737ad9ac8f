"""Ids: different whenever any argument, its order or its role differs, equal for equal meaning."""

import datetime as dt
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowmachine.core import make_spatial_unit
from flowmachine.core.declaration import declare, rebuild
from flowmachine.core.disclosure import disclose
from flowmachine.core.identity import canonical, dumps
from flowmachine.core.query import Query
from flowmachine.features import (
    Flows,
    LastLocation,
    ModalLocation,
    MostFrequentLocation,
    SpatialAggregate,
    TotalLocationEvents,
    UniqueSubscriberCounts,
    daily_location,
)

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3).map(tuple) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)


def typed(value: object) -> object:
    """Return a value that equals another only if both are the same in type and content."""
    if isinstance(value, tuple):
        return ("tuple", *map(typed, value))
    if isinstance(value, dict):
        return ("dict", frozenset((key, typed(item)) for key, item in value.items()))
    return (type(value).__name__, repr(value))


@given(values, values)
def test_different_values_have_different_encodings(one: object, other: object) -> None:
    assert (dumps(canonical(one)) == dumps(canonical(other))) == (typed(one) == typed(other))


def test_a_value_without_stable_identity_is_refused() -> None:
    with pytest.raises(TypeError, match="cannot be a object"):
        canonical(object())


def test_reversed_flows_differ() -> None:
    a, b = daily_location("2016-01-01"), daily_location("2016-01-02")
    assert Flows(a, b).query_id != Flows(b, a).query_id


# Every query here means something different from every other.
ADMIN2, ADMIN3 = (make_spatial_unit("admin", level=level) for level in (2, 3))
DIFFERENT: list[Query] = [
    LastLocation("2016-01-01", "2016-01-02"),
    LastLocation("2016-01-02", "2016-01-03"),
    LastLocation("2016-01-01", "2016-01-03"),
    LastLocation("2016-01-01", "2016-01-02", ADMIN2),
    LastLocation("2016-01-01", "2016-01-02", make_spatial_unit("lon-lat")),
    LastLocation("2016-01-01", "2016-01-02", make_spatial_unit("cell")),
    LastLocation("2016-01-01", "2016-01-02", hours=(1, 5)),
    LastLocation("2016-01-01", "2016-01-02", hours=(5, 1)),
    LastLocation("2016-01-01", "2016-01-02", table="events.calls"),
    LastLocation("2016-01-01", "2016-01-02", subscriber_identifier="imei"),
    LastLocation("2016-01-01", "2016-01-02", subscriber_subset="1"),
    LastLocation("2016-01-01", "2016-01-02", subscriber_subset=["1", "2"]),
    LastLocation("2016-01-01", "2016-01-02", subscriber_subset=["1,2"]),
    LastLocation("2016-01-01", "2016-01-02", subscriber_subset=LastLocation("2016-01-01", "2016-01-02")),
    MostFrequentLocation("2016-01-01", "2016-01-02"),
    UniqueSubscriberCounts("2016-01-01", "2016-01-02", ADMIN3),
    TotalLocationEvents("2016-01-01", "2016-01-02", spatial_unit=ADMIN3),
    TotalLocationEvents("2016-01-01", "2016-01-02", spatial_unit=ADMIN3, direction="in"),
    TotalLocationEvents("2016-01-01", "2016-01-02", spatial_unit=ADMIN3, interval="day"),
    ModalLocation(daily_location("2016-01-01")),
    ModalLocation(daily_location("2016-01-01"), daily_location("2016-01-01")),
    SpatialAggregate(locations=daily_location("2016-01-01")),
    disclose(SpatialAggregate(locations=daily_location("2016-01-01")), 15),
    disclose(SpatialAggregate(locations=daily_location("2016-01-01")), 16),
    Flows(daily_location("2016-01-01"), daily_location("2016-01-02")),
    Flows(daily_location("2016-01-01"), daily_location("2016-01-02"), join_type="left"),
]


def test_queries_that_mean_different_things_have_different_ids() -> None:
    assert len({query.query_id for query in DIFFERENT}) == len(DIFFERENT)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            LastLocation("2016-01-01", "2016-01-02"),
            LastLocation(dt.date(2016, 1, 1), dt.datetime(2016, 1, 2, tzinfo=dt.UTC)),
        ),
        (LastLocation("2016-01-01", "2016-01-02"), daily_location("2016-01-01", spatial_unit=ADMIN3)),
        (
            LastLocation("2016-01-01", "2016-01-02", table="ALL", hours="all", subscriber_subset="all"),
            LastLocation("2016-01-01", "2016-01-02"),
        ),
        (
            LastLocation("2016-01-01", "2016-01-02", table=["events.sms", "events.calls", "events.sms"]),
            LastLocation("2016-01-01", "2016-01-02", table=["events.calls", "events.sms"]),
        ),
        (
            LastLocation("2016-01-01", "2016-01-02", subscriber_subset=["b", "a"]),
            LastLocation("2016-01-01", "2016-01-02", subscriber_subset=("a", "b", "a")),
        ),
        (
            ModalLocation(daily_location("2016-01-01"), daily_location("2016-01-02")),
            ModalLocation(daily_location("2016-01-02"), daily_location("2016-01-01")),
        ),
    ],
)
def test_queries_that_mean_the_same_have_the_same_id(one: Query, other: Query) -> None:
    assert one == other
    assert hash(one) == hash(other)


@pytest.mark.parametrize("query", DIFFERENT, ids=lambda query: type(query).__name__)
def test_a_query_is_rebuilt_from_its_declaration(query: Query) -> None:
    assert rebuild(declare(query)) == query


def test_a_declaration_that_means_something_else_now_is_refused() -> None:
    declared = declare(DIFFERENT[0])
    declared["queries"]["f" * 32] = declared["queries"].pop(declared["root"])
    declared["root"] = "f" * 32
    with pytest.raises(ValueError, match="changed its meaning"):
        rebuild(declared)
    with pytest.raises(ValueError, match="not the declaration"):
        rebuild({"root": "x", "queries": {"x": {"class": "os.system", "parameters": []}}})


def test_ids_are_equal_in_another_process() -> None:
    program = (
        "from flowmachine.features import Flows, daily_location as d;"
        "import sys; sys.stdout.write(Flows(d('2016-01-01'), d('2016-01-02')).query_id)"
    )
    ids = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert ids == {Flows(daily_location("2016-01-01"), daily_location("2016-01-02")).query_id}


def test_ids_do_not_change_between_releases() -> None:
    # A change here orphans every stored result: raise the class's revision if its meaning changed.
    query = disclose(Flows(daily_location("2016-01-01"), daily_location("2016-01-02")), 15)
    assert query.query_id == "f44d886766587bdda543341f7a1b1645"
