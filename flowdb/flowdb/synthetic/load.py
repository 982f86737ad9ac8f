"""Loading a day of events: wholly or not at all."""

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812

from flowdb.results import forget_results
from flowdb.synthetic import binary
from flowdb.synthetic.behaviour import Rows
from flowdb.synthetic.binary import HEADER, TRAILER, Layout, Stream
from flowdb.synthetic.network import Network
from flowdb.synthetic.people import People

INDEXED = ("msisdn", "msisdn_counterpart", "location_id", "datetime", "tac")
_BLOCK = 20_000
_READ_OCTETS = 1 << 20


def layout(cdr_type: str, location_width: int) -> Layout:
    """Return the columns of a type of event in the order of its table."""
    duration = [binary.numeric("duration")] if cdr_type == "calls" else []
    return Layout(
        [
            binary.text("id", 32),
            binary.boolean("outgoing"),
            binary.timestamp("datetime"),
            *duration,
            binary.null("network"),
            binary.text("msisdn", 64),
            binary.text("msisdn_counterpart", 64),
            binary.text("location_id", location_width),
            binary.text("imsi", 64),
            binary.text("imei", 64),
            binary.numeric("tac"),
            binary.null("operator_code"),
            binary.null("country_code"),
        ]
    )


def encoded(rows: Rows, people: People, network: Network, cdr_type: str) -> Iterator[bytes]:
    """Yield the rows in the binary format of COPY, block by block."""
    table = layout(cdr_type, network.cell_ids.dtype.itemsize)
    yield HEADER
    for start in range(0, len(rows.subscriber), _BLOCK):
        part = slice(start, start + _BLOCK)
        who = rows.subscriber[part]
        yield table.encode(
            {
                "id": rows.event_ids[rows.event[part]],
                "outgoing": rows.outgoing[part],
                "datetime": rows.time[part],
                "duration": rows.duration[part],
                "msisdn": people.msisdn[who],
                "msisdn_counterpart": people.msisdn[rows.counterpart[part]],
                "location_id": network.cell_ids[rows.cell[part]],
                "imsi": people.imsi[who],
                "imei": people.imei[who],
                "tac": people.tac[who],
            }
        )
    yield TRAILER


def load_day(
    connection: Connection,
    cdr_type: str,
    day: date,
    rows: Rows,
    people: People,
    network: Network,
    replaces: bool = False,
) -> int:
    """Load a day of a type, in the caller's transaction; return the number of rows.

    The rows are written sorted by subscriber into a table that stands alone, which is indexed, analysed
    and then attached as the partition of the day; the records of the load are those FlowETL writes.
    A day that was there is replaced, and the stored results that may rest on it are dropped; a run in
    which that may happen says so with `replaces`.
    """
    name = f"{cdr_type}_{day:%Y%m%d}"
    parent, final = sql.Identifier("events", cdr_type), sql.Identifier("events", name)
    # Made where nobody looks: the parent is locked only at the end, for a moment.
    table = sql.Identifier("etl", name)
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", (f"events.{name}",))
        replaced = cursor.fetchone() == (True,)
        if replaces:
            # Taking a partition away locks out everybody. Two loads that both hold a lesser lock on the
            # parent and both want that one would wait for each other: so they take turns from the start.
            cursor.execute(sql.SQL("LOCK TABLE {} IN SHARE UPDATE EXCLUSIVE MODE").format(parent))
        cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(table))
        cursor.execute(sql.SQL("CREATE TABLE {} (LIKE {} INCLUDING DEFAULTS)").format(table, parent))
        cursor.copy_expert(
            sql.SQL("COPY {} FROM STDIN (FORMAT binary)").format(table),
            Stream(encoded(rows, people, network, cdr_type)),
            _READ_OCTETS,
        )
        for column in INDEXED:
            cursor.execute(
                sql.SQL("CREATE INDEX {} ON {} ({})").format(
                    sql.Identifier(f"{name}_{column}_idx"), table, sql.Identifier(column)
                )
            )
        cursor.execute(sql.SQL("ANALYZE {}").format(table))
        if replaced:
            cursor.execute(sql.SQL("DROP TABLE {}").format(final))
        cursor.execute(sql.SQL("ALTER TABLE {} SET SCHEMA events").format(table))
        cursor.execute(
            sql.SQL("ALTER TABLE {} ATTACH PARTITION {} FOR VALUES FROM ({}) TO ({})").format(
                parent,
                final,
                sql.Literal(f"{day.isoformat()} 00:00:00+00"),
                sql.Literal(f"{(day + timedelta(days=1)).isoformat()} 00:00:00+00"),
            )
        )
        _record(connection, cdr_type, day, sorted(set(network.cell_ids[np.unique(rows.cell)].tolist())))
    if replaced:
        forget_results(connection)
    return len(rows.subscriber)


def _record(connection: Connection, cdr_type: str, day: date, locations: list[bytes]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO events.location_ids AS known "
            "(location_id, cdr_type, first_active_date, last_active_date) "
            "SELECT location_id, %(type)s, %(day)s, %(day)s "
            "FROM unnest(%(locations)s) AS active (location_id) "
            "ON CONFLICT (location_id, cdr_type) DO UPDATE SET "
            "first_active_date = least(known.first_active_date, excluded.first_active_date), "
            "last_active_date = greatest(known.last_active_date, excluded.last_active_date)",
            {"type": cdr_type, "day": day, "locations": [location.decode() for location in locations]},
        )
        cursor.execute(
            "INSERT INTO public.available_tables "
            "(table_name, has_locations, has_subscribers, has_counterparts) "
            "VALUES (%s, true, true, true) ON CONFLICT (table_name) DO UPDATE SET "
            "has_locations = true, has_subscribers = true, has_counterparts = true",
            (cdr_type,),
        )
        cursor.execute(
            "INSERT INTO etl.etl_records (cdr_type, cdr_date, state, timestamp) "
            "VALUES (%s, %s, 'ingested', clock_timestamp())",
            (cdr_type, day),
        )
