"""Records of every type of event with all their columns, for queries that read more than where and when.

The strategies go for the corners: few instants, so that ties are common; calls with one leg only;
subscribers who call themselves; nulls in whatever may be null.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import attrs
import sqlalchemy as sa
from hypothesis import strategies as st

from flowmachine.features.utilities.events import TABLE_COLUMNS
from tests.country import DAYS
from tests.oracle.definitions import Window
from tests.oracle.strategies import INSTANTS, SUBSCRIBERS, cells

TWO_PARTIES = frozenset({"calls", "sms"})


@attrs.frozen
class Cdr:
    """One row of a table of events; what the table has no column for is None."""

    table: str
    msisdn: str
    datetime: dt.datetime
    location_id: str | None = None
    outgoing: bool | None = None
    msisdn_counterpart: str | None = None
    id: str | None = None
    duration: Decimal | None = None
    imei: str | None = None
    imsi: str | None = None
    tac: Decimal | None = None
    volume_total: Decimal | None = None
    volume_upload: Decimal | None = None
    volume_download: Decimal | None = None
    recharge_amount: Decimal | None = None
    pre_event_balance: Decimal | None = None
    post_event_balance: Decimal | None = None

    def row(self) -> dict[str, Any]:
        """Return the values of the columns that the table has."""
        return {
            name: value for name, value in attrs.asdict(self).items() if name in TABLE_COLUMNS[self.table]
        }


def held(cdrs: Iterable[Cdr], window: Window) -> list[Cdr]:
    """List the records that belong to a window, whether they have a location or not."""
    return [
        cdr
        for cdr in cdrs
        if window.holds((cdr.msisdn, cdr.datetime, cdr.location_id, bool(cdr.outgoing), cdr.table))
    ]


def insert_cdrs(connection: sa.Connection, cdrs: Sequence[Cdr]) -> None:
    """Insert records, into tables that are made ready for them within the transaction."""
    record = sa.table(
        "etl_records", *map(sa.column, ("cdr_type", "cdr_date", "state", "timestamp")), schema="etl"
    )
    for kind in ("mds", "topups"):
        connection.exec_driver_sql(f"CREATE TABLE events.{kind}_any PARTITION OF events.{kind} DEFAULT")
        for day in DAYS:
            values = {"cdr_type": kind, "cdr_date": day, "state": "ingested", "timestamp": sa.func.now()}
            connection.execute(sa.insert(record).values(values))
    for kind in {cdr.table for cdr in cdrs}:
        rows = [cdr.row() for cdr in cdrs if cdr.table == kind]
        table = sa.table(kind, *map(sa.column, rows[0]), schema="events")
        connection.execute(sa.insert(table), rows)


def _optional(values: Sequence[Any]) -> st.SearchStrategy[Any]:
    return st.sampled_from([*values, None])


numbers = st.integers(0, 9).map(Decimal)


@st.composite
def _cdr(draw: st.DrawFn, tables: Sequence[str]) -> Cdr:
    table = draw(st.sampled_from(tables))
    own = TABLE_COLUMNS[table]
    choices: dict[str, st.SearchStrategy[Any]] = {
        "outgoing": st.booleans(),
        "msisdn_counterpart": _optional([*SUBSCRIBERS[:3], "elsewhere"]),
        "id": _optional(["1", "2", "3", "4"]),
        "duration": st.none() | numbers,
        "imei": _optional(["i1", "i2"]),
        "imsi": _optional(["m1", "m2"]),
        "tac": _optional([Decimal(1), Decimal(2), Decimal(99)]),
        **dict.fromkeys(("volume_total", "volume_upload", "volume_download"), st.none() | numbers),
        **dict.fromkeys(("recharge_amount", "pre_event_balance", "post_event_balance"), st.none() | numbers),
    }
    return Cdr(
        table,
        draw(st.sampled_from(SUBSCRIBERS)),
        draw(st.sampled_from(INSTANTS)),
        draw(cells),
        **{name: draw(choice) for name, choice in choices.items() if name in own},
    )


def cdrs(*tables: str, max_size: int = 20) -> st.SearchStrategy[list[Cdr]]:
    """Draw records of some tables; of calls and sms if none is named."""
    return st.lists(_cdr(tables or ("calls", "sms")), max_size=max_size)
