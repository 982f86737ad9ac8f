"""A small country whose events the SQL generator makes, read back for tests that know the definitions."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import pandas as pd
import pyproj
from psycopg2 import sql

from flowdb.database import connect
from flowdb.geography.load import load_level
from flowdb.geography.nepal import bundled_levels
from flowdb.settings import ConnectionSettings
from flowdb.synthetic.day import load_day
from flowdb.synthetic.infrastructure import make_infrastructure
from flowdb.synthetic.network import read_network, read_regions
from flowdb.synthetic.parameters import CDR_TYPES, Parameters
from flowdb.synthetic.sql.generator import SqlGenerator
from flowdb.testing import RunningFlowDB

FRIDAY = date(2016, 1, 1)
REACH_METRES = 3000
SMALL = Parameters(
    days=3,
    subscribers=1500,
    calls=15_000,
    sms=0,
    mds=0,
    sites=60,
    cells=150,
    tacs=40,
    out_of_area=0.1,
    relocate=0.02,
    # With this one there are cells in the small region that a disaster strikes.
    cells_seed=1,
)
CLOSED, OPENED, MOVED = "closes-on-2", "opens-on-3", "moves-on-3"
"""Ids of cells: out of service from the third day on, in service from then on, elsewhere from then on."""


def make_network(flowdb: RunningFlowDB) -> None:
    """Load regions and cells, among them some that come, go and move within the first days.

    The one that moves goes from the middle of one region of level 1 to that of another.
    """
    settings = flowdb.settings()
    with connect(settings) as connection, connection.cursor() as cursor:
        for level, regions in enumerate(bundled_levels()):
            load_level(connection, regions, level)
        make_infrastructure(connection, read_regions(connection), SMALL)
        cursor.execute(
            "INSERT INTO infrastructure.cells "
            "(id, version, date_of_first_service, date_of_last_service, geom_point) "
            "SELECT id, version, first_day, last_day, ST_PointOnSurface(geom) "
            "FROM (VALUES (%(closed)s, 0, date '2015-01-01', date '2016-01-02', '524 1'), "
            "(%(opened)s, 0, '2016-01-03', NULL, '524 1'), "
            "(%(moved)s, 0, NULL, '2016-01-02', '524 1'), "
            "(%(moved)s, 1, '2016-01-03', NULL, '524 2')) "
            "AS versions (id, version, first_day, last_day, region) "
            "JOIN geography.admin1 ON admin1pcod = region",
            {"closed": CLOSED, "opened": OPENED, "moved": MOVED},
        )
        # People live where it goes, wherever the others happen to be.
        cursor.execute(
            "INSERT INTO infrastructure.cells (id, version, geom_point) "
            "SELECT 'stays-' || number, 0, ST_PointOnSurface(geom) "
            "FROM geography.admin1 CROSS JOIN generate_series(1, 5) AS number WHERE admin1pcod = '524 2'"
        )


@dataclass(frozen=True)
class Country:
    """A country that has been made, with what it was made from still there.

    Attributes
    ----------
    settings
        How to reach its database.
    parameters
        What it was made with.
    """

    settings: ConnectionSettings
    parameters: Parameters

    def read(self, statement: str, *values: object) -> pd.DataFrame:
        """Return the rows of a statement."""
        with connect(self.settings) as connection, connection.cursor() as cursor:
            cursor.execute(statement, values or None)
            columns = [column.name for column in cursor.description or ()]
            return pd.DataFrame(cursor.fetchall(), columns=columns)

    def read_all(self) -> None:
        """Read everything now, so that it can be asked after when the events are gone."""
        for _ in (self.events, self.versions, self.homes, self.subscribers):
            pass

    @cached_property
    def events(self) -> dict[str, pd.DataFrame]:
        """Return the rows of each type with the day of each."""
        statements = {
            "calls": "SELECT *, datetime::date AS day FROM events.calls",
            "sms": "SELECT *, datetime::date AS day FROM events.sms",
            "mds": "SELECT *, datetime::date AS day FROM events.mds",
            "topups": "SELECT *, datetime::date AS day FROM events.topups",
        }
        return {kind: self.read(statement) for kind, statement in statements.items()}

    @cached_property
    def versions(self) -> pd.DataFrame:
        """Return the versions of all cells."""
        return self.read(
            "SELECT id, version, coalesce(date_of_first_service, '0001-01-01') AS first_day, "
            "coalesce(date_of_last_service, '9999-12-31') AS last_day, "
            "ST_X(geom_point) AS x, ST_Y(geom_point) AS y FROM infrastructure.cells ORDER BY id, version"
        )

    def serving(self, day: date) -> pd.DataFrame:
        """Return the cells in service on a day, with where they are, by id."""
        rows = self.versions
        return rows[(rows.first_day <= day) & (day <= rows.last_day)].set_index("id")

    def regions(self, day: date, allowed: pd.DataFrame) -> dict[str, set[str]]:
        """Return the home region of each of the cells allowed on a day, from their distances on the globe."""
        geod = pyproj.Geod(ellps="WGS84")
        x, y, ids = allowed.x.to_numpy(), allowed.y.to_numpy(), allowed.index.to_numpy()
        found = {}
        for number, home in enumerate(ids):
            many = len(ids)
            distance = geod.inv(np.full(many, x[number]), np.full(many, y[number]), x, y)[2]
            found[home] = set(ids[distance <= REACH_METRES])
        return found

    @cached_property
    def homes(self) -> pd.DataFrame:
        """Return who lived where, from when until before when."""
        return self.read(
            "SELECT subscriber, id AS cell, moved_in, moved_out = 'infinity' AS stays, "
            "least(moved_out, '9999-12-31') AS moved_out "
            "FROM flowdb_synthetic.homes JOIN (SELECT DISTINCT cell, id FROM flowdb_synthetic.versions) AS c "
            "USING (cell) ORDER BY subscriber, moved_in"
        )

    @cached_property
    def subscribers(self) -> pd.Series:
        """Return the number of each subscriber by msisdn."""
        people = self.read("SELECT encode(msisdns, 'hex') AS msisdns FROM flowdb_synthetic.people")
        text = people.msisdns[0]
        ids = [text[start : start + 64] for start in range(0, len(text), 64)]
        return pd.Series(np.arange(1, len(ids) + 1), index=ids)

    def homes_on(self, day: date) -> pd.Series:
        """Return where each subscriber lives on a day, by msisdn."""
        rows = self.homes
        current = rows[(rows.moved_in <= day) & (day < rows.moved_out)].set_index("subscriber").cell
        return pd.Series(current.loc[self.subscribers.to_numpy()].to_numpy(), index=self.subscribers.index)


@contextmanager
def made(flowdb: RunningFlowDB, parameters: Parameters) -> Iterator[Country]:
    """Make events, yield them with what they were made from, and remove both."""
    settings = flowdb.settings()
    generator = SqlGenerator(parameters)
    try:
        with connect(settings) as connection:
            network = read_network(connection)
            assert network is not None
            generator.prepare(connection, read_regions(connection), network)
        for kind in CDR_TYPES:
            for day in parameters.dates if parameters.events_of(kind) else ():
                with connect(settings) as connection:
                    load_day(
                        connection,
                        kind,
                        day,
                        lambda cursor, table, kind=kind, day=day: generator.write_day(
                            cursor, table, kind, day
                        ),
                        generator.indexed(kind),
                    )
        yield Country(settings, parameters)
    finally:
        with connect(settings) as connection:
            generator.finish(connection)
        remove_events(flowdb)


def remove_events(flowdb: RunningFlowDB) -> None:
    """Drop all days and their records."""
    with connect(flowdb.settings()) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid "
            "JOIN pg_namespace AS n ON n.oid = relnamespace "
            "WHERE nspname = 'events' AND relkind = 'r'"
        )
        for (name,) in cursor.fetchall():
            cursor.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier("events", name)))
        cursor.execute("TRUNCATE etl.etl_records, events.location_ids")


def day(number: int) -> date:
    """Return the day of a number, the first being 1."""
    return FRIDAY + timedelta(days=number - 1)
