"""Mobile money against its definition."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from flowmachine.core.disclosure import disclose
from flowmachine.core.plan import compile_query, survey
from flowmachine.core.query import Query
from flowmachine.features.dfs import DFSTotalMetricAmount
from tests.oracle import aggregates_definitions as meaning
from tests.oracle.mobile_money_definitions import (
    METRICS,
    Transaction,
    crowds,
    few,
    insert_transactions,
    total,
)
from tests.oracle.test_definitions import oracle


@pytest.fixture(scope="session")
def run(superuser: sa.Engine) -> Callable[[list[Transaction], Query], list[Any]]:
    def rows(data: list[Transaction], query: Query) -> list[Any]:
        with superuser.connect() as connection, connection.begin() as transaction:
            insert_transactions(connection, data)
            facts, _ = survey(connection, query)
            found = connection.exec_driver_sql(compile_query(query, facts, ()).text)
            assert list(found.keys()) == query.column_names
            result = [tuple(row) for row in found]
            transaction.rollback()
        return result

    return rows


@oracle
@given(
    data=few | crowds,
    metric=st.sampled_from(METRICS),
    days=st.tuples(st.integers(1, 3), st.integers(1, 3)).map(lambda days: (min(days), max(days))),
    level=st.sampled_from([0, 2, 3]),
)
def test_total_amount(
    run: Callable[[list[Transaction], Query], list[Any]],
    data: list[Transaction],
    metric: str,
    days: tuple[int, int],
    level: int,
) -> None:
    query = DFSTotalMetricAmount(
        metric=metric,
        start_date=f"2016-01-0{days[0]}",
        end_date=f"2016-01-0{days[1]}",
        aggregation_unit=f"admin{level}",
    )
    groups = total(data, metric, days, level)
    found = {row[:-1]: row[-1] for row in run(data, query)}
    assert found == {key: value for key, (value, _) in groups.items()}
    released = {row[:-1]: row[-1] for row in run(data, disclose(query, 15))}
    assert released == meaning.released(groups)


@pytest.mark.parametrize("bad", [{"metric": "tax"}, {"aggregation_unit": "lon-lat"}])
def test_what_cannot_be_added_up(bad: dict[str, str]) -> None:
    usual = {"metric": "fee", "start_date": "2016-01-01", "end_date": "2016-01-01"}
    with pytest.raises(ValueError):
        DFSTotalMetricAmount(**{**usual, "aggregation_unit": "admin3", **bad})
