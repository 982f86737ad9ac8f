"""Loading the test data set: wholly or not at all."""

from datetime import date
from functools import partial
from importlib.resources import as_file, files

import geopandas as gpd
from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812
from psycopg2.extensions import cursor as Cursor  # noqa: N812
from psycopg2.extras import execute_values
from shapely import to_wkb

from flowdb.database import connect
from flowdb.errors import FlowDBError
from flowdb.geography.load import load_level
from flowdb.geography.nepal import bundled_levels
from flowdb.settings import ConnectionSettings
from flowdb.synthetic.day import TWO_PARTIES, load_day
from flowdb.synthetic.infrastructure import write_network
from flowdb.synthetic.mobile_money import fill_mobile_money
from flowdb.synthetic.network import read_network, read_regions
from flowdb.synthetic.python.generator import PythonGenerator
from flowdb.testdata.network import phone_models, site_rows_and_cell_rows
from flowdb.testdata.plan import DAYS, PARAMETERS, ROWS

_NORMALISED = ("event_supertable", "calls", "sms", "mds", "topup", "subscriber_sightings")


class NotEmptyError(FlowDBError):
    """FlowDB holds what the test data set would be mixed with."""


def is_loaded(connection: Connection) -> bool:
    """Say whether the test data set is there."""
    with connection.cursor() as cursor:
        # Made in the transaction that loads everything.
        cursor.execute("SELECT to_regclass('infrastructure.mapping_table_test') IS NOT NULL")
        return cursor.fetchone() == (True,)


def load_test_data(settings: ConnectionSettings) -> bool:
    """Load the test data set, in one transaction, unless it is there; return whether it was loaded.

    Raises
    ------
    NotEmptyError
        If there are other events, cells or phone models.
    """
    with connect(settings) as connection:
        _wait_for_other_loads(connection)
        if is_loaded(connection):
            return False
        _refuse_other_data(connection)
        for level, regions in enumerate(bundled_levels()):
            load_level(connection, regions, level)
        _write_infrastructure(connection)
        _write_events(connection)
        _write_districts(connection)
        for name in ("010_places.sql", "020_events.sql"):
            _run(connection, name)
        _make_partitions(connection)
        _run(connection, "030_interactions.sql")
        fill_mobile_money(connection, PARAMETERS)
        return True


def _wait_for_other_loads(connection: Connection) -> None:
    """Wait until nobody else loads synthetic data; what they loaded is seen afterwards."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('flowdb generate'))")


def _refuse_other_data(connection: Connection) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM etl.etl_records) OR EXISTS (SELECT 1 FROM infrastructure.cells) "
            "OR EXISTS (SELECT 1 FROM infrastructure.sites) OR EXISTS (SELECT 1 FROM infrastructure.tacs)"
        )
        if cursor.fetchone() == (True,):
            raise NotEmptyError(
                "FlowDB holds other events, cells or phone models: the test data set needs an empty FlowDB."
            )


def _write_infrastructure(connection: Connection) -> None:
    write_network(connection, *site_rows_and_cell_rows(read_regions(connection)))
    with connection.cursor() as cursor:
        execute_values(
            cursor,
            "INSERT INTO infrastructure.tacs (id, brand, model, hnd_type, width, height, depth, weight, "
            "display_width, display_height) VALUES %s",
            phone_models(),
        )


def _write_events(connection: Connection) -> None:
    generator = PythonGenerator(PARAMETERS)
    network = read_network(connection)
    assert network is not None  # noqa: S101 - written above
    generator.prepare(connection, read_regions(connection), network)
    for cdr_type, counts in ROWS.items():
        events = [count // 2 if cdr_type in TWO_PARTIES else count for count in counts]
        indexed = generator.indexed(cdr_type)
        for day, count in zip(DAYS, events, strict=True):
            load_day(
                connection,
                cdr_type,
                day,
                partial(_write_day, generator=generator, cdr_type=cdr_type, day=day, events=count),
                indexed if cdr_type in TWO_PARTIES else (*indexed, "id"),
            )


def _write_day(
    cursor: Cursor, table: sql.Identifier, generator: PythonGenerator, cdr_type: str, day: date, events: int
) -> int:
    return generator.write_events(cursor, table, cdr_type, day, events)


def _write_districts(connection: Connection) -> None:
    """Write the districts of a second country."""
    with as_file(files("flowdb") / "data" / "gambia-districts.geojson") as path:
        districts = gpd.read_file(path)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE public.gambia_admin2 (gid serial PRIMARY KEY, district_n text NOT NULL, "
            "district_c text NOT NULL UNIQUE, geom geometry(MultiPolygon, 4326) NOT NULL)"
        )
        execute_values(
            cursor,
            "INSERT INTO public.gambia_admin2 (district_n, district_c, geom) VALUES %s",
            [(row.district_n, row.district_c, to_wkb(row.geometry)) for row in districts.itertuples()],
            template="(%s, %s, ST_GeomFromWKB(%s, 4326))",
        )
        cursor.execute("CREATE INDEX gambia_admin2_geom_gist ON public.gambia_admin2 USING gist (geom)")


def _make_partitions(connection: Connection) -> None:
    """Make the days of the normalised events."""
    with connection.cursor() as cursor:
        for table in _NORMALISED:
            prefix = "events_supertable" if table == "event_supertable" else table
            for day in DAYS:
                number = int(f"{day:%Y%m%d}")
                cursor.execute(
                    sql.SQL("CREATE TABLE {} PARTITION OF {} FOR VALUES FROM ({}) TO ({})").format(
                        sql.Identifier("interactions", f"{prefix}_{number}"),
                        sql.Identifier("interactions", table),
                        sql.Literal(number),
                        sql.Literal(number + 1),
                    )
                )


def _run(connection: Connection, name: str) -> None:
    text = (files("flowdb") / "testdata" / "sql" / name).read_text(encoding="utf-8")
    with connection.cursor() as cursor:
        cursor.execute(text)
