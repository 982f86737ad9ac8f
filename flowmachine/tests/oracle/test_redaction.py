"""Nothing of few subscribers is released, and nothing else withheld: every kind, any parameters."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowmachine.api.registry import available_queries, parse
from flowmachine.core import catalogue
from flowmachine.core.plan import compile_query, survey
from tests.oracle import disclosing, disclosing_places
from tests.oracle.cdr import Cdr, insert_cdrs
from tests.oracle.spec_strategies import SUBSET, SUBSET_ID, Spec, crowd

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*calendar dates missing"),
    pytest.mark.filterwarnings("ignore:The .* dates of metric and locations differ"),
]

KINDS = disclosing.KINDS | disclosing_places.KINDS
TESTED_ELSEWHERE = {
    "dummy_query": "holds nothing",
    "geography": "holds nothing about subscribers",
    "dfs_metric_total_amount": "tests/oracle/test_mobile_money.py, over transactions",
    "total_network_objects": "tests/oracle/test_network.py, with places of cells",
    "aggregate_network_objects": "tests/oracle/test_network.py, with places of cells",
    "meaningful_locations_aggregate": "tests/oracle/test_clusters.py, with sites",
    "meaningful_locations_between_label_od_matrix": "tests/oracle/test_clusters.py, with sites",
    "meaningful_locations_between_dates_od_matrix": "tests/oracle/test_clusters.py, with sites",
}

Rows = list[tuple[Any, ...]]
Answer = Callable[[list[Cdr], Spec], Rows]


@pytest.fixture(scope="session")
def answer(superuser: sa.Engine) -> Answer:
    """Return the function that answers a spec over given events, as the server would; nothing of it stays."""

    def rows(data: list[Cdr], spec: Spec) -> Rows:
        query = parse(spec).expose(15)
        with superuser.connect() as connection, connection.begin() as transaction:
            insert_cdrs(connection, data)
            subset = sa.table(f"x{SUBSET_ID}", sa.column("subscriber"), schema="cache")
            connection.exec_driver_sql(f"CREATE TABLE cache.x{SUBSET_ID} (subscriber text)")
            connection.execute(sa.insert(subset), [{"subscriber": who} for who in sorted(SUBSET)])
            record = {
                "query_id": SUBSET_ID,
                "class": "CustomQuery",
                "schema": "cache",
                "tablename": f"x{SUBSET_ID}",
            }
            connection.execute(sa.insert(catalogue.CACHED).values(record))
            facts, _ = survey(connection, query)
            found = connection.exec_driver_sql(compile_query(query, facts, ()).text)
            result = [tuple(row) for row in found]
            transaction.rollback()
        return result

    return rows


def test_every_kind_is_here() -> None:
    assert set(available_queries()) == KINDS.keys() | TESTED_ELSEWHERE.keys()


@pytest.mark.parametrize("name", sorted(KINDS))
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.function_scoped_fixture,
        HealthCheck.data_too_large,
    ],
)
@given(data=crowd, draw=st.data())
def test_a_row_is_released_if_more_than_15_subscribers_are_behind_it(
    answer: Answer, name: str, data: list[Cdr], draw: st.DataObject
) -> None:
    kind = KINDS[name]
    spec = draw.draw(kind.specs)
    people = defaultdict(set)
    for who, key in kind.contributions(data, spec):
        people[key].add(who)
    rows = [
        tuple(tuple(item) if isinstance(item, list) else item for item in row) for row in answer(data, spec)
    ]
    released = [row[kind.key] for row in rows]
    assert len(set(released)) == len(released)
    assert set(released) == kind.released(people, spec)
