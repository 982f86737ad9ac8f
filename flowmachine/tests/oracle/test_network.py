"""How much of the network was in use, against the definitions."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowmachine.core import CustomQuery, make_spatial_unit
from flowmachine.core.disclosure import Aggregate, disclose
from flowmachine.core.statistic_types import Statistic
from flowmachine.features import AggregateNetworkObjects, TotalNetworkObjects
from flowmachine.features.network.parameters import PERIODS, TOTAL_PERIODS
from tests.country import Event, random_events
from tests.oracle.conftest import Runner
from tests.oracle.definitions import Groups, Window
from tests.oracle.network_definitions import STATISTICS, statistics, totals, uses
from tests.oracle.strategies import crowds, events, windows
from tests.oracle.test_definitions import oracle, parameters, unit_of
from tests.oracle.test_definitions import pytestmark as pytestmark


def check(run: Runner, data: list[Event], query: Aggregate, expected: Groups) -> None:
    """Compare rows, and those that are released, whose value stands before their time."""
    for given_query, kept in (
        (query, expected),
        (disclose(query, 15), {k: v for k, v in expected.items() if v[1] > 15}),
    ):
        found = {(*row[:-2], row[-1]): float(row[-2]) for row in run(data, given_query)}
        assert found == pytest.approx({key: value for key, (value, _) in kept.items()})


units = st.sampled_from(["admin0", "admin2", "admin3", "lon-lat"])
objects = st.sampled_from(["cell", "versioned-cell"])


@oracle
@given(
    data=events | crowds, window=windows(), unit=units, thing=objects, total_by=st.sampled_from(TOTAL_PERIODS)
)
def test_total_network_objects(
    run: Runner, data: list[Event], window: Window, unit: str, thing: str, total_by: str
) -> None:
    query = TotalNetworkObjects(
        window.start,
        window.stop,
        total_by=total_by,
        network_object=make_spatial_unit(thing),
        spatial_unit=unit_of(unit),
        **parameters(window),
    )
    found = uses(data, window, unit, thing == "versioned-cell")
    check(run, data, query, totals(found, total_by))


@oracle
@given(
    data=events | crowds,
    window=windows(),
    unit=units,
    total_by=st.sampled_from(TOTAL_PERIODS),
    aggregate_by=st.none() | st.sampled_from(PERIODS),
    statistic=st.sampled_from(sorted(STATISTICS)),
)
def test_aggregate_network_objects(
    run: Runner,
    data: list[Event],
    window: Window,
    unit: str,
    total_by: str,
    aggregate_by: str | None,
    statistic: str,
) -> None:
    total = TotalNetworkObjects(
        window.start, window.stop, total_by=total_by, spatial_unit=unit_of(unit), **parameters(window)
    )
    query = AggregateNetworkObjects(
        total_network_objects=total, statistic=statistic.upper(), aggregate_by=aggregate_by
    )
    by = aggregate_by or PERIODS[PERIODS.index(total_by) + 1]
    check(run, data, query, statistics(uses(data, window, unit, False), total_by, by, statistic))


@pytest.mark.parametrize("statistic", list(Statistic))
def test_every_statistic_has_a_value(run: Runner, statistic: Statistic) -> None:
    data = random_events(seed=1, number=300, subscribers=30)
    query = AggregateNetworkObjects(
        total_network_objects=TotalNetworkObjects("2016-01-01", "2016-01-04"), statistic=statistic
    )
    ((_, value, month),) = run(data, query)
    assert float(value) >= 0
    assert month == dt.datetime(2016, 1, 1, tzinfo=dt.UTC)


def test_a_subset_may_be_a_query(run: Runner) -> None:
    data = random_events(seed=3, number=300, subscribers=20)
    chosen = CustomQuery("SELECT 's1' AS subscriber UNION ALL SELECT 's1'", ["subscriber"])
    one = TotalNetworkObjects("2016-01-01", "2016-01-04", subscriber_subset=chosen)
    other = TotalNetworkObjects("2016-01-01", "2016-01-04", subscriber_subset=["s1"])
    everybody = TotalNetworkObjects("2016-01-01", "2016-01-04")
    assert sorted(run(data, one)) == sorted(run(data, other)) != sorted(run(data, everybody))
    assert run(data, disclose(one, 15)) == []
