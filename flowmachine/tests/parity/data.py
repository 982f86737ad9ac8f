"""The data that both answer from: a synthetic country in which no subscriber has two events at once.

Unless that is what is asked for: :mod:`tests.parity.ties`.
"""

import dataclasses
import datetime as dt
import hashlib

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812

from flowdb.database import connect
from flowdb.geography.load import load_level
from flowdb.geography.nepal import bundled_levels
from flowdb.settings import ConnectionSettings
from flowdb.synthetic.generate import generate
from flowdb.synthetic.mobile_money import fill_mobile_money
from flowdb.synthetic.parameters import Parameters
from flowdb.testing import RunningFlowDB
from tests.parity.bridges import make_bridges

FIRST = dt.date(2016, 1, 1)
DAYS = 6
EVENTS = ("calls", "sms", "mds", "topups")
TABLES = (
    *(f"events.{name}" for name in EVENTS),
    *("infrastructure.cells", "infrastructure.sites", "infrastructure.tacs"),
    *(f"geography.admin{level}" for level in range(4)),
    *("dfs.transactions", "dfs.transactions_metadata", "etl.etl_records"),
)
"""What the answers depend on."""

_STABLE = {"etl.etl_records": "concat_ws(' ', cdr_type, cdr_date, state)"}
"""What counts, of tables which have columns that differ each time."""


def parameters(seed: int) -> Parameters:
    """Return how large the country is: enough people in few places that most rows are released."""
    return Parameters(
        generator="python",
        start=FIRST,
        days=DAYS,
        subscribers=3000,
        calls=6000,
        sms=4000,
        mds=3000,
        topups=3000,
        sites=24,
        cells=60,
        tacs=25,
        phones=3,
        out_of_area=0.35,
        dfs_subscribers=400,
        dfs_transactions=600,
        subscribers_seed=seed,
        events_seed=seed + 1,
        cells_seed=seed + 2,
    )


def load(flowdb: RunningFlowDB, seed: int, precision: str | None = None, events: int | None = None) -> str:
    """Fill a FlowDB, and return what its contents are known by.

    Parameters
    ----------
    flowdb : RunningFlowDB
    seed : int
    precision : {"second", "minute", "hour"}, optional
        What times are cut to, so that subscribers have events at once; by default no two are.
    events : int, optional
        Calls, and as many messages, a day.
    """
    settings = ConnectionSettings.model_validate(flowdb.environment())
    with connect(settings) as connection:
        for level, regions in enumerate(bundled_levels()):
            load_level(connection, regions, level)
    made = parameters(seed)
    if events is not None:
        made = dataclasses.replace(made, calls=events, sms=events)
    generate(settings, made, lambda _: None)
    with connect(settings) as connection:
        fill_mobile_money(connection, made)
        with connection.cursor() as cursor:
            if precision is None:
                _part_simultaneous_events(cursor)
            else:
                _cut_times(cursor, precision)
            make_bridges(cursor)
            return _fingerprint(cursor)


def _part_simultaneous_events(cursor: Cursor) -> int:
    """Move events apart which a subscriber has at the same time, whatever their types, by microseconds.

    The published release takes either of two that are equal; where there is no tie, it has a rule too.
    """
    stacked = sql.SQL(" UNION ALL ").join(
        sql.SQL(
            "SELECT {name} AS name, tableoid AS part, ctid AS place, msisdn, datetime, location_id, tac "
            "FROM {table}"
        ).format(name=sql.Literal(name), table=sql.Identifier("events", name))
        for name in EVENTS
    )
    cursor.execute(
        sql.SQL(
            "CREATE TEMPORARY TABLE moved AS SELECT * FROM ("
            "SELECT name, part, place, row_number() OVER ("
            "PARTITION BY msisdn, datetime ORDER BY name, location_id, tac, part, place) - 1 AS later "
            "FROM ({}) AS stacked) AS numbered WHERE later > 0"
        ).format(stacked)
    )
    for name in EVENTS:
        cursor.execute(
            sql.SQL(
                "UPDATE {} AS events SET datetime = datetime + later * interval '1 microsecond' FROM moved "
                "WHERE name = %s AND events.tableoid = part AND events.ctid = place"
            ).format(sql.Identifier("events", name)),
            [name],
        )
    cursor.execute("SELECT count(*) FROM moved")
    return int(cursor.fetchall()[0][0])


def _cut_times(cursor: Cursor, precision: str) -> None:
    for name in EVENTS:
        cursor.execute(
            sql.SQL("UPDATE {} SET datetime = date_trunc(%s, datetime)").format(
                sql.Identifier("events", name)
            ),
            [precision],
        )


def _fingerprint(cursor: Cursor) -> str:
    digest = hashlib.sha256()
    for name in TABLES:
        cursor.execute(
            sql.SQL(
                "SELECT md5(string_agg(text, '' ORDER BY text)) "
                "FROM (SELECT {} AS text FROM {} AS held) AS texts"
            ).format(sql.SQL(_STABLE.get(name, "md5(held::text)")), sql.Identifier(*name.split(".")))
        )
        digest.update(f"{name} {cursor.fetchall()[0][0]}\n".encode())
    return digest.hexdigest()[:16]
