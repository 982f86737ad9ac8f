"""Mobile money: transactions of two parties each, and what their sums mean, in plain Python."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal

import attrs
import sqlalchemy as sa
from hypothesis import strategies as st

from tests.country import CELLS, REGIONS
from tests.oracle.aggregates_definitions import Groups, Key

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


def insert_transactions(connection: sa.Connection, data: Sequence[Transaction]) -> None:
    """Insert transactions, and the subscribers who are their parties."""

    def table(name: str, *columns: str) -> sa.TableClause:
        return sa.table(name, *map(sa.column, columns), schema="dfs")

    people = [{"id": number, "msisdn": f"p{number}"} for number in range(1, 31)]
    connection.execute(sa.insert(table("subscribers", "id", "msisdn")), people)
    made = table("transactions", "id", "timestamp", *METRICS)
    metadata = table("transactions_metadata", "transaction_id", "subscriber_id", "cell_id", "cell_version")
    for number, one in enumerate(data):
        sums = dict(zip(METRICS, one.sums, strict=True))
        connection.execute(sa.insert(made).values(id=number, timestamp=one.when, **sums))
        for who, (cell, version) in one.parties:
            connection.execute(sa.insert(metadata).values((number, who, cell, version)))


def placed(
    data: Sequence[Transaction], days: tuple[int, int], level: int
) -> Iterator[tuple[Transaction, int, Key]]:
    """Yield each transaction with each party, and the day and region of that version of the party's cell."""
    position = {(cell[0], cell[1]): cell[4:] for cell in CELLS}
    for one in data:
        if not days[0] <= one.when.day <= days[1]:
            continue
        for who, cell in one.parties:
            longitude, latitude = position[cell]
            for pcod, (west, east) in REGIONS[level].items():
                if west < longitude < east and 0 < latitude < 1:
                    yield one, who, (one.when.date(), pcod)


def total(data: Sequence[Transaction], metric: str, days: tuple[int, int], level: int) -> Groups:
    """Add the metric of a transaction up where each of its parties was."""
    sums, people = defaultdict(list), defaultdict(set)
    for one, who, key in placed(data, days, level):
        value = one.sums[METRICS.index(metric)]
        sums[key] += [] if value is None else [value]
        people[key].add(who)
    return {key: (sum(sums[key]) if sums[key] else None, len(people[key])) for key in people}
