"""Mobile money: what is in the tables is what the seed says, computed again in plain Python."""

import hashlib
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from flowdb.commands.generate import fill
from flowdb.database import connect
from flowdb.synthetic.mobile_money import LARGEST, TRANSACTION_TYPES, fill_mobile_money
from flowdb.synthetic.parameters import ParameterError, Parameters
from flowdb.testing import RunningFlowDB, running_flowdb

PARAMETERS = Parameters(
    generator="python",
    days=2,
    subscribers=40,
    calls=100,
    sites=5,
    cells=10,
    tacs=3,
    dfs_subscribers=60,
    dfs_transactions=150,
    subscribers_seed=5,
    events_seed=6,
)
COUNT = 3 * PARAMETERS.dfs_transactions


def drawn(name: str, number: int, limit: int, seed: int = PARAMETERS.events_seed) -> int:
    """Return a draw from its definition: an output of SplitMix64."""
    mask = 2**64 - 1
    start = int.from_bytes(hashlib.sha256(f"dfs:{seed}:{name}".encode()).digest()[:8])
    word = (start + (number + 1) * 0x9E3779B97F4A7C15) & mask
    word = ((word ^ word >> 30) * 0xBF58476D1CE4E5B9) & mask
    word = ((word ^ word >> 27) * 0x94D049BB133111EB) & mask
    return (word ^ word >> 31) % limit


@pytest.fixture(scope="module")
def filled() -> RunningFlowDB:
    with running_flowdb() as flowdb:
        fill(flowdb.settings(), PARAMETERS)
        yield flowdb


@pytest.fixture
def ask(filled: RunningFlowDB):
    def run(statement: str) -> list[tuple]:
        with connect(filled.settings()) as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall()

    return run


def test_sums_are_those_of_the_seed(ask) -> None:
    sums = {
        name: Decimal(sum(drawn(name, number, largest + 1) for number in range(COUNT)))
        for name, largest in LARGEST.items()
    }
    assert ask("SELECT sum(amount), sum(discount), sum(fee), sum(commission) FROM dfs.transactions") == [
        tuple(sums.values())
    ]


def test_transactions_are_those_of_the_seed(ask) -> None:
    subscribers = [row[0] for row in ask("SELECT msisdn FROM dfs.subscribers ORDER BY id")]
    cells = ask('SELECT id, max(version) FROM infrastructure.cells GROUP BY id ORDER BY id COLLATE "C"')
    expected = []
    for number in range(COUNT):
        day = datetime(2016, 1, 1, tzinfo=UTC) + timedelta(days=number // PARAMETERS.dfs_transactions)
        moment = day + timedelta(seconds=drawn("second", number, 86_400))
        kind = 1 + drawn("type", number, 14)
        for party, place, outgoing in (("a", "from", True), ("b", "to", False)):
            who, where = drawn(party, number, len(subscribers)), drawn(place, number, len(cells))
            expected.append((number + 1, moment, kind, subscribers[who], *cells[where], outgoing))
    found = ask(
        "SELECT t.id, timestamp, transtype_id, msisdn, cell_id, cell_version, is_outgoing "
        "FROM dfs.transactions_metadata JOIN dfs.transactions AS t ON t.id = transaction_id "
        "JOIN dfs.subscribers AS s ON s.id = subscriber_id ORDER BY t.id, is_outgoing DESC"
    )
    assert found == expected


def test_there_are_transactions_on_each_day_and_the_next(ask) -> None:
    assert ask("SELECT timestamp::date, count(*) FROM dfs.transactions GROUP BY 1 ORDER BY 1") == [
        (date(2016, 1, day), 150) for day in (1, 2, 3)
    ]


def test_parties_call_and_are_made_up_where_too_few_do(ask) -> None:
    known = {row[0] for row in ask("SELECT DISTINCT msisdn FROM events.calls")}
    parties = [row[0] for row in ask("SELECT msisdn FROM dfs.subscribers ORDER BY id")]
    assert len(parties) == len(set(parties)) == 60
    assert parties[: len(known)] == sorted(known)
    made_up = parties[len(known) :]
    assert {len(text) for text in made_up} == {40}


def test_types_are_combinations_of_parties(ask) -> None:
    assert len(TRANSACTION_TYPES) == len(set(TRANSACTION_TYPES)) == 14
    assert ask("SELECT * FROM dfs.transaction_types ORDER BY id") == [
        (number, *kind) for number, kind in enumerate(TRANSACTION_TYPES, start=1)
    ]
    assert {party for kind in TRANSACTION_TYPES for party in kind[1:]} == {"customer", "agent", "superagent"}
    kinds = Counter(drawn("type", number, 14) for number in range(COUNT))
    assert len(kinds) == 14


def test_what_is_there_is_left_unless_replaced(filled: RunningFlowDB, ask) -> None:
    before = ask("SELECT sum(id * amount), count(*) FROM dfs.transactions")
    with connect(filled.settings()) as connection, connection.cursor() as cursor:
        assert fill_mobile_money(connection, PARAMETERS) == 0
        cursor.execute("DELETE FROM dfs.transactions_metadata")
        assert fill_mobile_money(connection, PARAMETERS, replace=True) == COUNT
    assert ask("SELECT sum(id * amount), count(*) FROM dfs.transactions") == before
    assert ask("SELECT count(*) FROM dfs.transactions_metadata") == [(2 * COUNT,)]
    # A row that somebody adds gets an id of its own.
    assert ask("INSERT INTO dfs.transactions (amount) VALUES (1) RETURNING id") == [(COUNT + 1,)]


def test_it_needs_cells(filled: RunningFlowDB) -> None:
    with connect(filled.settings()) as connection, connection.cursor() as cursor:
        cursor.execute("TRUNCATE dfs.transactions_metadata, infrastructure.cells CASCADE")
        with pytest.raises(ParameterError, match="needs cells"):
            fill_mobile_money(connection, PARAMETERS, replace=True)
        connection.rollback()
