"""A made-up country, small enough to think about: regions, cells that move, and events.

The country is four unit squares in a row at admin 3 (``R0`` to ``R3``), two at admin 2, one at
admin 1 and 0. Cell ``c0`` is in R0, ``c1`` in R1 and so on; ``moved`` goes from R0 to R3 on the third
day; ``swap`` has two versions that are both valid on the third day; ``outside`` lies in no region.
"""

import datetime as dt
import random
from collections.abc import Iterable, Sequence

import sqlalchemy as sa

DAYS = [dt.date(2016, 1, day) for day in range(1, 5)]
"""Days that are loaded; the last one without any event."""

UNLOADED = dt.date(2016, 1, 20)

# id, version, first and last day of service, longitude, latitude
CELLS = [
    ("c0", 0, None, None, 0.5, 0.5),
    ("c1", 0, dt.date(2015, 1, 1), None, 1.5, 0.5),
    ("c1b", 0, None, dt.date(2030, 1, 1), 1.7, 0.7),
    ("c2", 0, None, None, 2.5, 0.5),
    ("c3", 0, None, None, 3.5, 0.5),
    ("moved", 0, None, dt.date(2016, 1, 2), 0.2, 0.2),
    ("moved", 1, dt.date(2016, 1, 3), None, 3.2, 0.2),
    ("swap", 0, dt.date(2015, 1, 1), dt.date(2016, 1, 3), 1.2, 0.2),
    ("swap", 1, dt.date(2016, 1, 3), None, 2.2, 0.2),
    ("retired", 0, None, dt.date(2016, 1, 1), 2.8, 0.8),
    ("outside", 0, None, None, 40.0, 40.0),
]
REGIONS = {
    3: {f"R{n}": (n, n + 1) for n in range(4)},
    2: {"P0": (0, 2), "P1": (2, 4)},
    1: {"W": (0, 4)},
    0: {"XX": (0, 4)},
}

Event = tuple[str, dt.datetime, str | None, bool, str]
"""Subscriber, time, cell, whether outgoing, table."""


def place_of(cell: str | None, day: dt.date, level: int) -> str | None:
    """Return the region of a cell on a day, from the definition: the newest version in service."""
    versions = [
        (first or dt.date.min, version, longitude, latitude)
        for id_, version, first, last, longitude, latitude in CELLS
        if id_ == cell and (first or dt.date.min) <= day <= (last or dt.date.max)
    ]
    if not versions:
        return None
    _, _, longitude, latitude = max(versions)
    for pcod, (west, east) in REGIONS[level].items():
        if west < longitude < east and 0 < latitude < 1:
            return pcod
    return None


def position_of(cell: str | None, day: dt.date) -> tuple[float, float] | None:
    """Return the longitude and latitude of a cell on a day."""
    versions = [
        (first or dt.date.min, version, longitude, latitude)
        for id_, version, first, last, longitude, latitude in CELLS
        if id_ == cell and (first or dt.date.min) <= day <= (last or dt.date.max)
    ]
    return max(versions)[2:] if versions else None


_TABLES = """
    CREATE TABLE geography.admin3 (admin3pcod text, admin3name text, geom geometry(MultiPolygon, 4326));
    CREATE TABLE geography.admin2 (admin2pcod text, admin2name text, geom geometry(MultiPolygon, 4326));
    CREATE TABLE geography.admin1 (admin1pcod text, admin1name text, geom geometry(MultiPolygon, 4326));
    CREATE TABLE geography.admin0 (admin0pcod text, admin0name text, geom geometry(MultiPolygon, 4326));
    CREATE TABLE events.calls_any PARTITION OF events.calls DEFAULT;
    CREATE TABLE events.sms_any PARTITION OF events.sms DEFAULT;
    UPDATE available_tables SET has_locations = true, has_subscribers = true, has_counterparts = true
    WHERE table_name IN ('calls', 'sms');
"""


def make_country(engine: sa.Engine, days: Sequence[dt.date]) -> None:
    """Load geography, cells and empty days; no events yet."""
    with engine.begin() as connection:
        connection.exec_driver_sql(_TABLES)
        for level, regions in REGIONS.items():
            names = (f"admin{level}pcod", f"admin{level}name", "geom")
            table = sa.table(f"admin{level}", *map(sa.column, names), schema="geography")
            for pcod, (west, east) in regions.items():
                square = sa.func.ST_Multi(sa.func.ST_MakeEnvelope(west, 0, east, 1, 4326))
                values = (pcod, f"Region {pcod}", square)
                connection.execute(sa.insert(table).values(dict(zip(names, values, strict=True))))
        names = ("id", "version", "date_of_first_service", "date_of_last_service", "geom_point")
        cells = sa.table("cells", *map(sa.column, names), schema="infrastructure")
        for *described, longitude, latitude in CELLS:
            point = sa.func.ST_SetSRID(sa.func.ST_MakePoint(longitude, latitude), 4326)
            values = dict(zip(names, (*described, point), strict=True))
            connection.execute(sa.insert(cells).values(values))
        names = ("cdr_type", "cdr_date", "state", "timestamp")
        records = sa.table("etl_records", *map(sa.column, names), schema="etl")
        for kind in ("calls", "sms"):
            for day in days:
                values = dict(zip(names, (kind, day, "ingested", sa.func.now()), strict=True))
                connection.execute(sa.insert(records).values(values))


def insert_events(connection: sa.Connection, events: Iterable[Event]) -> None:
    """Insert events into calls and sms."""
    for kind in ("calls", "sms"):
        table = sa.table(
            kind,
            *map(sa.column, ("msisdn", "datetime", "location_id", "outgoing", "imei")),
            schema="events",
        )
        rows = [
            {"msisdn": who, "datetime": when, "location_id": cell, "outgoing": outgoing, "imei": None}
            for who, when, cell, outgoing, where in events
            if where == kind
        ]
        if rows:
            connection.execute(sa.insert(table), rows)


def random_events(
    seed: int, number: int, subscribers: int, days: Sequence[dt.date] = DAYS[:3]
) -> list[Event]:
    """Make reproducible events over some days: everywhere, at all hours, both ways."""
    source = random.Random(seed)  # noqa: S311 - made-up data, no secret
    cells = [*dict.fromkeys(cell[0] for cell in CELLS), None, ""]
    return [
        (
            f"s{source.randrange(subscribers)}",
            dt.datetime.combine(source.choice(days), dt.time(), dt.UTC)
            + dt.timedelta(seconds=source.randrange(86400)),
            source.choice(cells),
            source.random() < 0.5,
            source.choice(("calls", "sms")),
        )
        for _ in range(number)
    ]
