"""The test data set: its sizes, its traps, and that it is there wholly or not at all."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from importlib.resources import files

import psycopg2
import pytest
import shapely
from click.testing import CliRunner

from flowdb.cli import main
from flowdb.database import connect
from flowdb.testdata import is_loaded, load, load_test_data
from flowdb.testdata.plan import DAYS, MOVES_ON, ROWS
from flowdb.testing import RunningFlowDB, free_port, running_flowdb, server_directory

TABLES = {
    "calls": (
        "SELECT datetime::date, count(*) FROM events.calls WHERE msisdn <> 'self_caller' "
        "GROUP BY 1 ORDER BY 1"
    ),
    "sms": "SELECT datetime::date, count(*) FROM events.sms GROUP BY 1 ORDER BY 1",
    "mds": "SELECT datetime::date, count(*) FROM events.mds GROUP BY 1 ORDER BY 1",
    "topups": "SELECT datetime::date, count(*) FROM events.topups GROUP BY 1 ORDER BY 1",
}
PHONES = (
    "SELECT min(n), max(n), bool_and(n = imeis) FROM (SELECT count(DISTINCT tac) AS n, "
    "count(DISTINCT imei) AS imeis FROM "
    "(SELECT msisdn, tac, imei FROM events.calls UNION ALL SELECT msisdn, tac, imei FROM events.sms "
    "UNION ALL SELECT msisdn, tac, imei FROM events.mds "
    "UNION ALL SELECT msisdn, tac, imei FROM events.topups) AS e "
    "WHERE msisdn <> 'self_caller' GROUP BY msisdn) AS counts"
)
# Changes with the rows of the set, and with nothing else: see pinned.py for what a change means.
DIGEST = "378f02a651c9b8bcdc41e45e1ab0b5ae2b5b81ab239d973eb1e025acd50136d4"
Ask = Callable[..., list[tuple]]


@pytest.fixture(scope="module")
def ask(flowdb_testdata: RunningFlowDB) -> Ask:
    connection = psycopg2.connect(flowdb_testdata.dsn("flowdb"))

    def run(statement: str, *values: object) -> list[tuple]:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement, values or None)
            return cursor.fetchall()

    yield run
    connection.close()


@pytest.mark.parametrize("cdr_type", ROWS)
def test_days_have_their_rows(ask: Ask, cdr_type: str) -> None:
    assert ask(TABLES[cdr_type]) == list(zip(DAYS, ROWS[cdr_type], strict=True))


def test_everyone_is_in_every_type_with_several_phones(ask: Ask) -> None:
    assert ask(
        "SELECT (SELECT count(DISTINCT msisdn) FROM events.calls WHERE msisdn <> 'self_caller'), "
        "(SELECT count(DISTINCT msisdn) FROM events.sms), (SELECT count(DISTINCT msisdn) FROM events.mds), "
        "(SELECT count(DISTINCT msisdn) FROM events.topups), "
        "(SELECT count(*) FROM "
        "(SELECT msisdn FROM events.calls UNION SELECT msisdn FROM events.mds) AS everyone)"
    ) == [(499, 499, 499, 499, 500)]
    ((least, most, phones),) = ask(PHONES)
    assert (least >= 11, most <= 20, phones) == (True, True, True)


def test_every_cell_is_used_every_day(ask: Ask) -> None:
    assert ask(
        "SELECT datetime::date, count(DISTINCT location_id) FROM events.sms GROUP BY 1 ORDER BY 1"
    ) == [(day, 55) for day in DAYS]
    assert (
        ask(
            "SELECT count(*) FROM events.calls AS e LEFT JOIN infrastructure.cells AS c "
            "ON c.id = e.location_id AND e.datetime::date BETWEEN c.date_of_first_service "
            "AND coalesce(c.date_of_last_service, 'infinity') "
            "GROUP BY e.ctid, e.tableoid HAVING count(c.id) <> 1"
        )
        == []
    )


def test_cells_move_change_and_lie_outside(ask: Ask) -> None:
    assert ask("SELECT count(*), count(DISTINCT id) FROM infrastructure.sites") == [(35, 30)]
    assert ask("SELECT count(*), count(DISTINCT id) FROM infrastructure.cells") == [(62, 55)]
    assert ask(
        "SELECT rows, count(*) FROM "
        "(SELECT count(*) AS rows FROM infrastructure.cells GROUP BY site_id) AS s GROUP BY 1 ORDER BY 1"
    ) == [(1, 15), (2, 7), (3, 4), (4, 2), (6, 1), (7, 1)]
    assert ask(
        "SELECT count(*) FROM infrastructure.cells AS c JOIN infrastructure.sites AS s ON s.id = c.site_id "
        "AND s.version = c.version AND ST_Equals(s.geom_point, c.geom_point) "
        "AND s.date_of_first_service = c.date_of_first_service"
    ) == [(62,)]
    moved = ask(
        "SELECT old.date_of_last_service, new.date_of_first_service, "
        "ST_Equals(old.geom_point, new.geom_point), "
        "ARRAY(SELECT admin3pcod FROM geography.admin3 WHERE ST_Within(old.geom_point, geom)), "
        "ARRAY(SELECT admin3pcod FROM geography.admin3 WHERE ST_Within(new.geom_point, geom)) "
        "FROM infrastructure.cells AS old JOIN infrastructure.cells AS new USING (id) "
        "WHERE old.version = 0 AND new.version = 1"
    )
    assert len(moved) == 7
    assert {row[:2] for row in moved} == {(date(2016, 1, 5), MOVES_ON)}
    assert sorted(row[2] for row in moved) == [False] * 6 + [True]
    assert all((before == after) == stayed for _, _, stayed, before, after in moved)
    assert ask(
        "SELECT count(*), count(DISTINCT site_id) FROM infrastructure.cells AS c WHERE NOT EXISTS "
        "(SELECT 1 FROM geography.admin3 AS a WHERE ST_Within(c.geom_point, a.geom))"
    ) == [(2, 1)]


def test_service_on_a_date_has_the_anchors_of_clients(ask: Ask) -> None:
    def in_service(day: str) -> tuple:
        return ask(
            "SELECT (SELECT count(*) FROM infrastructure.sites WHERE date_of_first_service <= %s "
            "AND coalesce(date_of_last_service, 'infinity') > %s), "
            "(SELECT count(*) FROM infrastructure.cells "
            "WHERE date_of_first_service <= %s AND coalesce(date_of_last_service, 'infinity') > %s)",
            *(day,) * 4,
        )[0]

    assert in_service("2026-01-01") == (30, 55)
    assert in_service("2016-01-05") == (25, 48)


def test_phone_models_have_sizes(ask: Ask) -> None:
    assert ask("SELECT brand, count(*) FROM infrastructure.tacs GROUP BY 1 ORDER BY 2 DESC, 1") == [
        *(("Sony", 8), ("Nokia", 4), ("Apple", 3), ("Samsung", 3), ("Oppo", 2)),
    ]
    assert ask("SELECT hnd_type, count(*) FROM infrastructure.tacs GROUP BY 1 ORDER BY 1") == [
        ("Feature", 10),
        ("Smart", 10),
    ]
    assert ask(
        "SELECT count(*) FROM infrastructure.tacs WHERE width > 0 AND height > 0 AND depth > 0 "
        "AND weight > 0 AND display_width > 0 AND display_height > 0 AND software_os_name IS NULL"
    ) == [(20,)]


def test_somebody_calls_themselves(ask: Ask) -> None:
    assert ask(
        "SELECT outgoing, datetime::text, msisdn_counterpart, location_id, duration FROM events.calls "
        "WHERE msisdn = 'self_caller' ORDER BY outgoing"
    ) == [(outgoing, "2016-01-01 00:00:06+00", "self_caller", "JxDglNVk", 3393) for outgoing in (False, True)]
    assert ask("SELECT count(*) FROM events.calls WHERE msisdn = msisdn_counterpart") == [(2,)]


def test_empty_days_and_short_tables_are_there(ask: Ask) -> None:
    assert ask(
        "SELECT relname FROM pg_class JOIN pg_inherits ON inhrelid = oid "
        "WHERE relname ~ '20160909$' AND relkind = 'r' ORDER BY 1"
    ) == [("calls_20160909",), ("mds_20160909",), ("topups_20160909",)]
    assert ask("SELECT count(*) FROM events.calls WHERE datetime >= '2016-02-01'") == [(0,)]
    for table in ("calls", "sms", "mds", "topups"):
        assert ask(
            "SELECT relispartition FROM pg_class WHERE oid = %s::regclass", f"events.{table}_short"
        ) == [(False,)]
    assert ask(
        "SELECT (SELECT count(*) FROM events.calls_short), (SELECT count(*) FROM events.sms_short), "
        "(SELECT count(*) FROM events.mds_short), (SELECT count(*) FROM events.topups_short)"
    ) == [(20, 20, 20, 20)]


def test_records_are_those_of_loads(ask: Ask) -> None:
    assert ask("SELECT cdr_type, cdr_date FROM etl.available_dates ORDER BY 1, 2") == sorted(
        (kind, day) for kind in ROWS for day in DAYS
    )
    assert ask("SELECT * FROM available_tables() WHERE has_locations ORDER BY 1") == [
        ("calls", True, True, True),
        ("mds", True, True, False),
        ("sms", True, True, True),
        ("topups", True, True, False),
    ]
    assert ask("SELECT count(*) FROM events.location_ids") == [(4 * 55,)]
    indexes = ask(
        "SELECT indexname FROM pg_indexes WHERE schemaname = 'events' AND tablename = 'mds_20160101'"
    )
    assert {row[0] for row in indexes} == {
        f"mds_20160101_{column}_idx" for column in ("msisdn", "location_id", "datetime", "tac", "id")
    }


def test_places_are_there(ask: Ask) -> None:
    assert ask(
        "SELECT (SELECT count(*) FROM geography.admin0), (SELECT count(*) FROM geography.admin1), "
        "(SELECT count(*) FROM geography.admin2), (SELECT count(*) FROM geography.admin3), "
        "(SELECT count(*) FROM public.gambia_admin2)"
    ) == [(1, 5, 14, 75, 37)]
    assert ask(
        "SELECT count(*), count(a.admin3pcod) FROM infrastructure.mapping_table_test "
        "LEFT JOIN geography.admin3 AS a USING (admin3pcod)"
    ) == [(62, 62)]
    assert ask(
        "SELECT ST_X(geom_point), ST_Y(geom_point) FROM geography.test_cluster WHERE cluster_id = 1"
    ) == [(26.66999073, 87.85779897)]
    assert ask("SELECT count(*), min(cluster_id), max(cluster_id) FROM geography.test_point_mapping") == [
        (30, 1, 1)
    ]


def test_districts_lie_in_the_gambia_and_fill_it(ask: Ask) -> None:
    text = (files("flowdb") / "data" / "gambia.geojson").read_text(encoding="utf-8")
    country = shapely.from_geojson(json.dumps(json.loads(text)["features"][0]["geometry"]))
    districts = [
        shapely.from_wkb(bytes(row[0])) for row in ask("SELECT ST_AsBinary(geom) FROM gambia_admin2")
    ]
    assert shapely.coverage_is_valid(districts)
    joined = shapely.union_all(districts)
    assert joined.symmetric_difference(country).area < 1e-4 * country.area


def test_rasters_have_their_sums(ask: Ask) -> None:
    assert ask(
        "SELECT ST_Width(rast), ST_Height(rast), ST_SRID(rast), ST_BandPixelType(rast), "
        "ST_BandNoDataValue(rast), "
        "(ST_SummaryStats(rast)).count, (ST_SummaryStats(rast)).sum, a.admin2pcod "
        "FROM population.small_nepal_raster "
        "JOIN geography.admin2 AS a ON ST_Within(ST_ConvexHull(rast), a.geom)"
    ) == [(500, 500, 4326, "32BF", 0.0, 250_000, 2_500_000.0, "524 3 07")]
    assert ask(
        "SELECT ST_Width(rast), ST_Height(rast), ST_BandPixelType(rast), ST_BandNoDataValue(rast), "
        "(ST_SummaryStats(rast)).count, (ST_SummaryStats(rast)).min, (ST_SummaryStats(rast)).max, "
        "ST_Value(rast, geom_point) BETWEEN 2705 AND 2844 "
        "FROM elevation.nasa_srtm1, infrastructure.sites WHERE id = 'o9yyxY'"
    ) == [(100, 100, "16BSI", -32768.0, 36, 2705.0, 2844.0, True)]
    assert ask(
        "SELECT r_table_name, srid FROM raster_columns WHERE r_table_schema <> 'public' ORDER BY 1"
    ) == [
        ("nasa_srtm1", 4326),
        ("small_nepal_raster", 4326),
    ]


def test_normalised_events_are_those_of_the_days(ask: Ask) -> None:
    assert ask(
        "SELECT (SELECT count(*) FROM interactions.locations), "
        "(SELECT count(*) FROM interactions.event_supertable), "
        "(SELECT count(*) FROM interactions.calls), (SELECT count(*) FROM interactions.sms), "
        "(SELECT count(*) FROM interactions.mds), (SELECT count(*) FROM interactions.topup), "
        "(SELECT count(*) FROM interactions.subscriber_sightings)"
    ) == [(62, 21_171, 5043, 4960, 5654, 5514, 31_174)]
    # Either way round: what was normalised is what the rows of the days say.
    assert ask(
        "WITH normal AS (SELECT s.msisdn, e.event_timestamp, c.id AS cell, k.duration, "
        "k.called_party_msisdn, other.id AS called_cell FROM interactions.calls AS k "
        "JOIN interactions.event_supertable AS e USING (event_id, date_dim_id) "
        "JOIN interactions.subscriber AS s USING (subscriber_id) "
        "JOIN interactions.locations AS l USING (location_id) JOIN infrastructure.cells AS c USING (cell_id) "
        "JOIN interactions.locations AS there ON there.location_id = k.called_party_location_id "
        "JOIN infrastructure.cells AS other ON other.cell_id = there.cell_id "
        "WHERE e.time_dim_id = extract(HOUR FROM e.event_timestamp) AND event_type_id = 1), "
        "plain AS (SELECT one.msisdn, one.datetime, one.location_id, one.duration, other.msisdn, "
        "other.location_id FROM events.calls AS one JOIN events.calls AS other USING (id) "
        "WHERE one.outgoing AND NOT other.outgoing) "
        "SELECT (SELECT count(*) FROM (TABLE normal EXCEPT ALL TABLE plain) AS d), "
        "(SELECT count(*) FROM (TABLE plain EXCEPT ALL TABLE normal) AS d)"
    ) == [(0, 0)]
    assert ask(
        "SELECT count(*) FROM interactions.subscriber_sightings "
        "WHERE subscriber_id IS NULL OR location_id IS NULL OR event_id IS NULL"
    ) == [(0,)]


def test_places_are_linked_to_regions_of_every_level(ask: Ask) -> None:
    assert ask("SELECT spatial_resolution, count(*) FROM geography.geoms GROUP BY 1 ORDER BY 1") == [
        (0, 1),
        (1, 5),
        (2, 14 + 37),
        (3, 75),
    ]
    # Sixty places in four levels; the two cells outside have none.
    assert ask(
        "SELECT count(*), count(DISTINCT location_id), min(valid_from)::text, max(valid_to)::text, "
        "max(linkage_method_id) FROM geography.geo_bridge"
    ) == [(240, 60, "-infinity", "infinity", 1)]


def test_a_grid_over_the_country_has_the_cells_of_its_bounds(ask: Ask) -> None:
    side = 200_000
    ((west, south, east, north, cells),) = ask(
        "SELECT ST_XMin(flat), ST_YMin(flat), ST_XMax(flat), ST_YMax(flat), "
        "ST_NumGeometries(makegrid_2d(geom, %s)) "
        "FROM (SELECT geom, ST_Transform(geom, 3857) AS flat FROM geography.admin0) AS country",
        side,
    )
    assert cells == (int((east - west) // side) + 1) * (int((north - south) // side) + 1) == 15


def test_rows_are_those_pinned(ask: Ask) -> None:
    assert ask(
        "SELECT encode(sha256(string_agg(line, E'\\n' ORDER BY line COLLATE \"C\")::bytea), 'hex') FROM ("
        "SELECT (c.*)::text AS line FROM events.calls AS c UNION ALL "
        "SELECT (s.*)::text FROM events.sms AS s UNION ALL SELECT (m.*)::text FROM events.mds AS m UNION ALL "
        "SELECT (t.*)::text FROM events.topups AS t UNION ALL SELECT concat(id, version, site_id, "
        "date_of_first_service, date_of_last_service, ST_AsText(geom_point, 6)) FROM infrastructure.cells "
        "UNION ALL SELECT (p.*)::text FROM infrastructure.tacs AS p) AS lines"
    ) == [(DIGEST,)]


def test_loading_again_changes_nothing(flowdb_testdata: RunningFlowDB, ask: Ask) -> None:
    before = ask("SELECT count(*), max(id) FROM etl.etl_records")
    result = CliRunner(env=flowdb_testdata.environment()).invoke(main, ["generate", "--test-data"])
    assert (result.exit_code, result.output) == (0, "The test data set is there already.\n")
    assert ask("SELECT count(*), max(id) FROM etl.etl_records") == before


def test_an_interrupted_load_leaves_nothing_and_can_be_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with running_flowdb() as flowdb:
        settings = flowdb.settings()
        with monkeypatch.context() as patch:
            patch.setattr(load, "fill_mobile_money", interrupted)
            with pytest.raises(KeyboardInterrupt):
                load_test_data(settings)
        with connect(settings) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM infrastructure.cells")
            assert (cursor.fetchone(), is_loaded(connection)) == ((0,), False)
            cursor.execute("INSERT INTO infrastructure.tacs (id) VALUES (1)")
        with pytest.raises(load.NotEmptyError, match="empty FlowDB"):
            load_test_data(settings)
        with connect(settings) as connection, connection.cursor() as cursor:
            cursor.execute("DELETE FROM infrastructure.tacs")
        result = CliRunner(env=flowdb.environment()).invoke(main, ["generate", "--test-data"])
        assert (result.exit_code, result.output) == (0, "The test data set is loaded.\n")


def test_a_server_can_begin_with_it() -> None:
    with server_directory("flowdb-test-") as directory:
        flowdb = RunningFlowDB(host="127.0.0.1", port=free_port(), data_directory=directory / "data")
        environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        environment |= flowdb.environment() | {"FLOWDB_DURABLE": "false", "SHARED_BUFFERS_SIZE": "128MB"}

        def run(*arguments: str) -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                [sys.executable, "-m", "flowdb", *arguments],
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )

        try:
            assert "both" in run("start", "--test-data", "--generate").stderr
            assert "The test data set is loaded." in run("start", "--test-data").stdout
            run("stop")
            assert "is there already" in run("start", "--test-data").stdout
        finally:
            run("stop")
