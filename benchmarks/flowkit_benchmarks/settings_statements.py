"""The work that server settings are judged by: what FlowMachine and the loaders ask of FlowDB."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from psycopg2 import sql

# Analysed, so that every row is made and none is sent to the client.
_RUN = sql.SQL("EXPLAIN (ANALYZE, TIMING OFF) ")
_PLAN = sql.SQL("EXPLAIN ")


@dataclass(frozen=True)
class Statement:
    """One piece of work to time.

    Attributes
    ----------
    name
        What it is called in tables.
    statements
        What is run, one after another.
    times
        How often it is run for one figure: short ones are repeated.
    """

    name: str
    statements: tuple[sql.Composable, ...]
    times: int = 1


def _events(day: date, columns: str = "msisdn, datetime, location_id") -> sql.Composed:
    bounds = {"first": sql.Literal(f"{day} 00:00:00+00"), "then": sql.Literal(f"{day + _DAY} 00:00:00+00")}
    wanted = sql.SQL(", ").join(sql.Identifier(column) for column in columns.split(", "))
    of_type = [
        sql.SQL("SELECT {} FROM {} WHERE datetime >= {first} AND datetime < {then}").format(
            wanted, sql.Identifier("events", kind), **bounds
        )
        for kind in ("calls", "sms")
    ]
    return sql.SQL(" UNION ALL ").join(of_type)


_DAY = timedelta(days=1)


def _last_location(day: date) -> sql.Composed:
    return sql.SQL(
        "SELECT DISTINCT ON (e.msisdn) e.msisdn AS subscriber, r.region FROM ({}) AS e "
        "JOIN benchmark.cell_regions AS r ON r.cell = e.location_id "
        "ORDER BY e.msisdn, e.datetime DESC"
    ).format(_events(day))


def _modal_location(days: list[date]) -> sql.Composed:
    return sql.SQL(
        "SELECT DISTINCT ON (subscriber) subscriber, region FROM ("
        "SELECT subscriber, region, count(*) AS days FROM ({}) AS daily GROUP BY subscriber, region"
        ") AS counted ORDER BY subscriber, days DESC, region"
    ).format(sql.SQL(" UNION ALL ").join(sql.SQL("({})").format(_last_location(day)) for day in days))


def _flows(day: date) -> sql.Composed:
    return sql.SQL(
        "SELECT a.region AS region_from, b.region AS region_to, count(*) FROM ({}) AS a "
        "JOIN ({}) AS b USING (subscriber) GROUP BY a.region, b.region"
    ).format(_last_location(day), _last_location(day + _DAY))


def _hourly_events(day: date) -> sql.Composed:
    return sql.SQL(
        "SELECT location_id, date_trunc('hour', datetime) AS hour, count(*) FROM ({}) AS e "
        "GROUP BY location_id, date_trunc('hour', datetime)"
    ).format(_events(day))


def _week_by_cell(days: list[date]) -> sql.Composed:
    return sql.SQL(
        "SELECT location_id, count(*) FROM events.calls "
        "WHERE datetime >= {} AND datetime < {} GROUP BY location_id"
    ).format(sql.Literal(f"{days[0]} 00:00:00+00"), sql.Literal(f"{days[-1] + _DAY} 00:00:00+00"))


def _unique_subscribers(day: date) -> sql.Composed:
    return sql.SQL(
        "SELECT region, count(*) FROM (SELECT DISTINCT r.region, e.msisdn FROM ({}) AS e "
        "JOIN benchmark.cell_regions AS r ON r.cell = e.location_id) AS seen GROUP BY region"
    ).format(_events(day))


_ONE_SUBSCRIBER = sql.SQL(
    "SELECT datetime, location_id FROM events.calls WHERE msisdn = (SELECT msisdn FROM benchmark.somebody) "
    "ORDER BY datetime"
)
_PLACES = sql.SQL(
    "SELECT a.admin3pcod, count(*) FROM infrastructure.cells AS c JOIN geography.admin3 AS a "
    "ON ST_Within(c.geom_point, a.geom) GROUP BY a.admin3pcod"
)
_YEAR = sql.SQL(
    "SELECT DISTINCT ON (msisdn) msisdn, location_id FROM events.mds "
    "WHERE datetime >= '2016-01-01 00:00:00+00' AND datetime < '2017-01-01 00:00:00+00' "
    "ORDER BY msisdn, datetime DESC"
)


def queries(days: list[date]) -> list[Statement]:
    """Return the queries and the planning that settings are judged by."""
    stored = (
        sql.SQL("CREATE TABLE benchmark.stored AS {}").format(_last_location(days[0])),
        sql.SQL("CREATE INDEX ON benchmark.stored (subscriber)"),
        sql.SQL("ANALYZE benchmark.stored"),
        sql.SQL("DROP TABLE benchmark.stored"),
    )
    return [
        Statement("last location of a day", (_RUN + _last_location(days[0]),)),
        Statement("modal location of the week", (_RUN + _modal_location(days),)),
        Statement("flows between two days", (_RUN + _flows(days[0]),)),
        Statement("events by cell and hour", (_RUN + _hourly_events(days[0]),)),
        Statement("events by cell of the week", (_RUN + _week_by_cell(days),)),
        Statement("unique subscribers by region", (_RUN + _unique_subscribers(days[0]),)),
        Statement("cells in their regions", (_RUN + _PLACES,), times=10),
        Statement("one subscriber's week", (_RUN + _ONE_SUBSCRIBER,), times=500),
        Statement("a day's result stored", stored),
        Statement("plan: modal location", (_PLAN + _modal_location(days),), times=50),
        Statement("plan: a year of days", (_PLAN + _YEAR,), times=10),
    ]


def load(days: list[date]) -> list[Statement]:
    """Return the steps of loading one day, as FlowDB's loader does them."""
    copy = sql.SQL("INSERT INTO benchmark.loaded SELECT * FROM {}").format(
        sql.Identifier("events", f"calls_{days[0]:%Y%m%d}")
    )
    indexes = tuple(
        sql.SQL("CREATE INDEX ON benchmark.loaded ({})").format(sql.Identifier(column))
        for column in ("msisdn", "msisdn_counterpart", "location_id", "datetime", "tac")
    )
    return [
        # Made in the transaction that fills it, as loaders do.
        Statement(
            "rows of a day",
            (
                sql.SQL("BEGIN"),
                sql.SQL("DROP TABLE IF EXISTS benchmark.loaded"),
                sql.SQL("CREATE TABLE benchmark.loaded (LIKE events.calls INCLUDING DEFAULTS)"),
                copy,
                sql.SQL("COMMIT"),
            ),
        ),
        Statement("five indexes", indexes),
        Statement(
            "1000 small transactions", (sql.SQL("INSERT INTO benchmark.notes VALUES ('note')"),), times=1000
        ),
    ]


def statistics(days: list[date]) -> list[Statement]:
    """Return what statistics cost and bring: gathering them, planning with them, and the queries."""
    gather = (sql.SQL("ANALYZE events.calls"), sql.SQL("ANALYZE events.sms"))
    return [Statement("analyze the week", gather), *queries(days)]


KINDS: Mapping[str, Callable[[list[date]], list[Statement]]] = {
    "queries": queries,
    "load": load,
    "statistics": statistics,
}
"""Kinds of work by name."""

PREPARATION = (
    sql.SQL("DROP SCHEMA IF EXISTS benchmark CASCADE"),
    sql.SQL("CREATE SCHEMA benchmark"),
    sql.SQL(
        "CREATE TABLE benchmark.cell_regions AS "
        "SELECT DISTINCT ON (c.id) c.id AS cell, a.admin3pcod AS region "
        "FROM infrastructure.cells AS c JOIN geography.admin3 AS a ON ST_Within(c.geom_point, a.geom) "
        "ORDER BY c.id, c.version DESC"
    ),
    sql.SQL("CREATE UNIQUE INDEX ON benchmark.cell_regions (cell)"),
    sql.SQL(
        "CREATE TABLE benchmark.somebody AS SELECT msisdn FROM events.calls "
        "GROUP BY msisdn ORDER BY count(*) DESC, msisdn LIMIT 1"
    ),
    sql.SQL("CREATE TABLE benchmark.notes (note text)"),
    # A year of days, empty: what planning pays for partitions does not depend on their rows.
    sql.SQL("CREATE INDEX IF NOT EXISTS mds_subscriber ON events.mds (msisdn)"),
    sql.SQL("CREATE INDEX IF NOT EXISTS mds_place ON events.mds (location_id)"),
    sql.SQL(
        "DO $$ DECLARE day date; BEGIN "
        "FOR day IN SELECT generate_series('2016-01-01'::date, '2016-12-30', '1 day') LOOP "
        "EXECUTE format("
        "'CREATE TABLE IF NOT EXISTS events.%I PARTITION OF events.mds FOR VALUES FROM (%L) TO (%L)', "
        "'mds_' || to_char(day, 'YYYYMMDD'), day::timestamptz, (day + 1)::timestamptz); "
        "END LOOP; END $$"
    ),
    sql.SQL("VACUUM ANALYZE"),
)
"""What the work needs besides events: regions of cells, a subscriber, a year of partitions."""
