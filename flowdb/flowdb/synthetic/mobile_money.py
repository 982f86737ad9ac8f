"""Synthetic mobile money: the tables of the schema dfs."""

import io
from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
from psycopg2.extensions import connection as Connection  # noqa: N812
from psycopg2.extras import execute_values

from flowdb.results import forget_results
from flowdb.synthetic.draws import Draws, Ints
from flowdb.synthetic.parameters import ParameterError, Parameters

TRANSACTION_TYPES = (
    ("cash in", "agent", "customer"),
    ("cash in at a superagent", "superagent", "customer"),
    ("cash out", "customer", "agent"),
    ("cash out at a superagent", "customer", "superagent"),
    ("transfer", "customer", "customer"),
    ("payment", "customer", "agent"),
    ("bill payment", "customer", "superagent"),
    ("airtime purchase", "customer", "agent"),
    ("salary", "superagent", "customer"),
    ("refund", "agent", "customer"),
    ("float transfer", "agent", "agent"),
    ("float purchase", "superagent", "agent"),
    ("float return", "agent", "superagent"),
    ("float exchange", "superagent", "superagent"),
)
"""What each type is called, and who pays whom; their ids are 1 to 14."""

# Whole amounts from 0 up to these.
LARGEST = {"amount": 10_000, "discount": 100, "fee": 500, "commission": 2_000}
_DAY_SECONDS = 24 * 60 * 60
_SUBSCRIBER_WORDS = 3
_ID_DIGITS = 40


def fill_mobile_money(connection: Connection, parameters: Parameters, replace: bool = False) -> int:
    """Fill the tables of mobile money, in the caller's transaction; return the number of transactions.

    The parties are subscribers who call, as many as asked for, and made-up ones where there are fewer. There
    are transactions on each day and on the day after the last. Tables that hold transactions already are
    left as they are unless `replace` is given. The same seeds, subscribers and cells give the same rows.

    Raises
    ------
    ParameterError
        If there are no cells.
    """
    if not parameters.dfs_transactions or not parameters.dfs_subscribers:
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM dfs.transactions)")
        if cursor.fetchone() == (True,):
            if not replace:
                return 0
            forget_results(connection)
        cells = _cells(connection)
        cursor.execute(
            "TRUNCATE dfs.transactions_metadata, dfs.transactions, dfs.subscribers, dfs.transaction_types "
            "RESTART IDENTITY"
        )
        execute_values(
            cursor,
            "INSERT INTO dfs.transaction_types (descr, user_type_a_party, user_type_b_party) VALUES %s",
            TRANSACTION_TYPES,
        )
        cursor.copy_expert(
            "COPY dfs.subscribers (msisdn) FROM STDIN", _text(_subscribers(connection, parameters))
        )
        days = [parameters.start + timedelta(days=number) for number in range(parameters.days + 1)]
        for number, day in enumerate(days):
            first = number * parameters.dfs_transactions
            _write_day(
                connection, parameters, cells, day, np.arange(first, first + parameters.dfs_transactions)
            )
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence('dfs.transactions', 'id'), max(id)) FROM dfs.transactions"
        )
        cursor.execute("ANALYZE dfs.transactions, dfs.transactions_metadata, dfs.subscribers")
    return len(days) * parameters.dfs_transactions


def _subscribers(connection: Connection, parameters: Parameters) -> list[str]:
    wanted = parameters.dfs_subscribers
    with connection.cursor() as cursor:
        # From one subscriber to the next by the index: reading all events to find a thousand takes minutes.
        cursor.execute(
            "WITH RECURSIVE caller (msisdn, number) AS ("
            "  SELECT min(msisdn), 1 FROM events.calls"
            "  UNION ALL"
            "  SELECT (SELECT min(msisdn) FROM events.calls AS c WHERE c.msisdn > caller.msisdn), number + 1"
            "  FROM caller WHERE msisdn IS NOT NULL AND number < %s"
            ") SELECT msisdn FROM caller WHERE msisdn IS NOT NULL",
            (wanted,),
        )
        found = [row[0] for row in cursor.fetchall()]
    made = Draws("dfs", parameters.subscribers_seed).texts(
        "subscriber", np.arange(wanted - len(found)), _SUBSCRIBER_WORDS
    )
    return found + [text.decode()[:_ID_DIGITS] for text in made]


def _cells(connection: Connection) -> list[tuple[str, int]]:
    """Return the latest version of each cell."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT ON (id) id, version FROM infrastructure.cells "
            "WHERE version IS NOT NULL ORDER BY id, version DESC"
        )
        cells = cursor.fetchall()
    if not cells:
        raise ParameterError("Mobile money needs cells to happen at, and there are none.")
    return cells


def transactions(parameters: Parameters, cells: int, number: Ints) -> dict[str, Ints]:
    """Return the columns of transactions of some numbers, with the indices of their parties and cells."""
    draws = Draws("dfs", parameters.events_seed)
    return {
        **{name: draws.below(name, number, largest + 1) for name, largest in LARGEST.items()},
        "type": 1 + draws.below("type", number, len(TRANSACTION_TYPES)),
        "second": draws.below("second", number, _DAY_SECONDS),
        "a": draws.below("a", number, parameters.dfs_subscribers),
        "b": draws.below("b", number, parameters.dfs_subscribers),
        "from": draws.below("from", number, cells),
        "to": draws.below("to", number, cells),
    }


def _write_day(
    connection: Connection, parameters: Parameters, cells: list[tuple[str, int]], day: date, number: Ints
) -> None:
    made = transactions(parameters, len(cells), number)
    hours, rest = np.divmod(made["second"], 3600)
    rows = zip(
        number + 1, *(made[name] for name in (*LARGEST, "type")), hours, rest // 60, rest % 60, strict=True
    )
    with connection.cursor() as cursor:
        cursor.copy_expert(
            "COPY dfs.transactions "
            "(id, amount, discount, fee, commission, transtype_id, timestamp) FROM STDIN",
            _text(
                "\t".join(map(str, row[:-3])) + f"\t{day} {row[-3]}:{row[-2]}:{row[-1]}+00" for row in rows
            ),
        )
        cursor.copy_expert(
            "COPY dfs.transactions_metadata "
            "(transaction_id, subscriber_id, cell_id, cell_version, is_outgoing) FROM STDIN",
            _text(_metadata(made, cells, number)),
        )


def _metadata(made: dict[str, Ints], cells: list[tuple[str, int]], number: Ints) -> Iterator[str]:
    for party, place, outgoing in (("a", "from", "t"), ("b", "to", "f")):
        for one, who, where in zip(number, made[party], made[place], strict=True):
            cell, version = cells[where]
            yield f"{one + 1}\t{who + 1}\t{_escaped(cell)}\t{version}\t{outgoing}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def _text(lines: Iterator[str] | list[str]) -> io.StringIO:
    return io.StringIO("".join(f"{line}\n" for line in lines))
