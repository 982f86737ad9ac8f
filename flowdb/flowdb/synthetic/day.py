"""Loading a day of events: wholly or not at all."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812
from psycopg2.extensions import cursor as Cursor  # noqa: N812

from flowdb.results import forget_results

TWO_PARTIES = frozenset({"calls", "sms"})
"""Types whose events have two rows, one for either party."""

Write = Callable[[Cursor, sql.Identifier], int]
"""Fills an empty table with the rows of a day, sorted by subscriber, and returns how many there are."""


def load_day(
    connection: Connection,
    cdr_type: str,
    day: date,
    write: Write,
    indexed: Sequence[str],
    replaces: bool = False,
) -> int:
    """Load a day of a type, in the caller's transaction; return the number of rows.

    The rows are written sorted by subscriber into a table that stands alone, which is indexed, analysed
    and then attached as the partition of the day; the records of the load are those FlowETL writes.
    A day that was there is replaced, and the stored results that may rest on it are dropped; a run in
    which that may happen says so with `replaces`.

    Parameters
    ----------
    connection
        A connection of the superuser.
    cdr_type, day
        What is loaded.
    write
        Fills the table.
    indexed
        Columns that get an index.
    replaces
        Whether the day may be there already.
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
        first, after = (
            sql.Literal(f"{each.isoformat()} 00:00:00+00") for each in (day, day + timedelta(days=1))
        )
        # With the bounds checked row by row, attaching need not read all rows again.
        cursor.execute(
            sql.SQL(
                "CREATE TABLE {} (LIKE {} INCLUDING DEFAULTS, "
                "CONSTRAINT of_the_day CHECK (datetime >= {} AND datetime < {}))"
            ).format(table, parent, first, after)
        )
        rows = write(cursor, table)
        for column in indexed:
            cursor.execute(
                sql.SQL("CREATE INDEX {} ON {} ({})").format(
                    sql.Identifier(f"{name}_{column}_idx"), table, sql.Identifier(column)
                )
            )
        cursor.execute(sql.SQL("ANALYZE {}").format(table))
        _record(cursor, cdr_type, day, table)
        if replaced:
            cursor.execute(sql.SQL("DROP TABLE {}").format(final))
        cursor.execute(sql.SQL("ALTER TABLE {} SET SCHEMA events").format(table))
        cursor.execute(
            sql.SQL("ALTER TABLE {} ATTACH PARTITION {} FOR VALUES FROM ({}) TO ({})").format(
                parent, final, first, after
            )
        )
        cursor.execute(sql.SQL("ALTER TABLE {} DROP CONSTRAINT of_the_day").format(final))
    if replaced:
        forget_results(connection)
    return rows


def _record(cursor: Cursor, cdr_type: str, day: date, table: sql.Identifier) -> None:
    """Write what FlowETL records of a load."""
    # Each next location is found in the index: reading all rows for them would take much longer.
    cursor.execute(
        sql.SQL(
            "INSERT INTO events.location_ids AS known "
            "(location_id, cdr_type, first_active_date, last_active_date) "
            "WITH RECURSIVE seen AS ("
            "SELECT min(location_id) AS location_id FROM {table} UNION ALL "
            "SELECT (SELECT min(location_id) FROM {table} WHERE location_id > seen.location_id) "
            "FROM seen WHERE seen.location_id IS NOT NULL) "
            "SELECT location_id, {type}, {day}::date, {day}::date "
            "FROM seen WHERE location_id IS NOT NULL ORDER BY location_id "
            "ON CONFLICT (location_id, cdr_type) DO UPDATE SET "
            "first_active_date = least(known.first_active_date, excluded.first_active_date), "
            "last_active_date = greatest(known.last_active_date, excluded.last_active_date)"
        ).format(type=sql.Literal(cdr_type), day=sql.Literal(day), table=table)
    )
    cursor.execute(
        "INSERT INTO public.available_tables "
        "(table_name, has_locations, has_subscribers, has_counterparts) "
        "VALUES (%(type)s, true, true, %(two)s) ON CONFLICT (table_name) DO UPDATE SET "
        "has_locations = true, has_subscribers = true, has_counterparts = excluded.has_counterparts",
        {"type": cdr_type, "two": cdr_type in TWO_PARTIES},
    )
    cursor.execute(
        "INSERT INTO etl.etl_records (cdr_type, cdr_date, state, timestamp) "
        "VALUES (%s, %s, 'ingested', clock_timestamp())",
        (cdr_type, day),
    )
