"""Mobile money against its definition."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import attrs
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from flowmachine.core.disclosure import disclose
from flowmachine.core.plan import compile_query, survey
from flowmachine.core.query import Query
from flowmachine.features.dfs import DFSTotalMetricAmount
from tests.country import CELLS, REGIONS
from tests.oracle import aggregates_definitions as meaning
from tests.oracle.test_definitions import oracle

METRICS = ["amount", "discount", "fee", "commission"]
CELL_VERSIONS = [(cell[0], cell[1]) for cell in CELLS]
INSTANTS = [
    dt.datetime(2016, 1, day, *time, tzinfo=dt.UTC)
    for day in (1, 2, 3)
    for time in ((0, 0), (12, 0), (23, 59, 59))
]


@attrs.frozen
class Transaction:
    """One transaction, with the parties and the cells they were in."""

    when: dt.datetime
    sums: tuple[Decimal | None, ...]
    parties: tuple[tuple[int, tuple[str, int]], ...]


def _transactions(people: int, cells: list[tuple[str, int]]) -> st.SearchStrategy[Transaction]:
    party = st.tuples(st.integers(1, people), st.sampled_from(cells))
    money = st.none() | st.integers(0, 50).map(Decimal)
    return st.builds(
        Transaction,
        st.sampled_from(INSTANTS),
        st.tuples(*(money for _ in METRICS)),
        st.tuples(party, party),
    )


few = st.lists(_transactions(5, CELL_VERSIONS), max_size=12)
crowds = st.lists(_transactions(30, [("c0", 0), ("moved", 1)]), min_size=30, max_size=60)


@pytest.fixture(scope="session")
def run(superuser: sa.Engine) -> Callable[[list[Transaction], Query], list[Any]]:
    def rows(data: list[Transaction], query: Query) -> list[Any]:
        def table(name: str, *columns: str) -> sa.TableClause:
            return sa.table(name, *map(sa.column, columns), schema="dfs")

        with superuser.connect() as connection, connection.begin() as transaction:
            people = [{"id": number, "msisdn": f"p{number}"} for number in range(1, 31)]
            connection.execute(sa.insert(table("subscribers", "id", "msisdn")), people)
            made = table("transactions", "id", "timestamp", *METRICS)
            metadata = table(
                "transactions_metadata", "transaction_id", "subscriber_id", "cell_id", "cell_version"
            )
            for number, one in enumerate(data):
                sums = dict(zip(METRICS, one.sums, strict=True))
                connection.execute(sa.insert(made).values(id=number, timestamp=one.when, **sums))
                for who, (cell, version) in one.parties:
                    connection.execute(sa.insert(metadata).values((number, who, cell, version)))
            facts, _ = survey(connection, query)
            found = connection.exec_driver_sql(compile_query(query, facts, ()).text)
            assert list(found.keys()) == query.column_names
            result = [tuple(row) for row in found]
            transaction.rollback()
        return result

    return rows


def total(data: list[Transaction], metric: str, days: tuple[int, int], level: int) -> meaning.Groups:
    """Add the metric of a transaction up where each of its parties was, that version of the cell."""
    position = {(cell[0], cell[1]): cell[4:] for cell in CELLS}
    sums, people = defaultdict(list), defaultdict(set)
    for one in data:
        if not days[0] <= one.when.day <= days[1]:
            continue
        for who, cell in one.parties:
            longitude, latitude = position[cell]
            for pcod, (west, east) in REGIONS[level].items():
                if west < longitude < east and 0 < latitude < 1:
                    value = one.sums[METRICS.index(metric)]
                    key = (one.when.date(), pcod)
                    sums[key] += [] if value is None else [value]
                    people[key].add(who)
    return {key: (sum(sums[key]) if sums[key] else None, len(people[key])) for key in people}


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
