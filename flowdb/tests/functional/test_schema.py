"""The schema, as its clients find it."""

from datetime import date

import pytest
from psycopg2 import errors

from flowdb.extensions import REQUIRED
from flowdb.schema import migrate
from flowdb.testing import RunningFlowDB

SCHEMAS = {
    *("public", "cache", "events", "etl", "geography", "infrastructure", "interactions"),
    *("dfs", "population", "elevation", "routing"),
}
COMMON = (
    *("network text", "msisdn text", "msisdn_counterpart text", "location_id text", "imsi text", "imei text"),
    *("tac numeric(8,0)", "operator_code numeric", "country_code numeric"),
)
MOMENT = "datetime timestamp with time zone"
EVENTS = {
    "calls": ("id text", "outgoing boolean", MOMENT, "duration numeric", *COMMON),
    "sms": ("id text", "outgoing boolean", MOMENT, *COMMON),
    "forwards": ("id text", "outgoing boolean", MOMENT, *COMMON),
    "mds": (
        *("id text", MOMENT, "duration numeric", "volume_total numeric", "volume_upload numeric"),
        *("volume_download numeric", "msisdn text", "location_id text", "imsi text", "imei text"),
        *("tac numeric(8,0)", "operator_code numeric", "country_code numeric"),
    ),
    "topups": (
        *("id text", MOMENT, "type text", "recharge_amount numeric", "airtime_fee numeric"),
        *("tax_and_fee numeric", "pre_event_balance numeric", "post_event_balance numeric"),
        *("msisdn text", "location_id text", "imsi text", "imei text"),
        *("tac numeric(8,0)", "operator_code numeric", "country_code numeric"),
    ),
}


def test_the_schemas_are_there(ask) -> None:
    assert {name for (name,) in ask("SELECT nspname FROM pg_namespace")} >= SCHEMAS


def test_the_extensions_and_the_file_server_are_there(ask) -> None:
    assert {name for (name,) in ask("SELECT extname FROM pg_extension")} >= set(REQUIRED)
    assert ask(
        "SELECT fdwname FROM pg_foreign_server JOIN pg_foreign_data_wrapper w ON w.oid = srvfdw "
        "WHERE srvname = 'csv_fdw'"
    ) == [("file_fdw",)]
    assert "pg_stat_statements" in ask("SHOW shared_preload_libraries")[0][0]


@pytest.mark.parametrize("table", sorted(EVENTS))
def test_event_tables_have_their_columns_and_are_partitioned_by_time(ask, table: str) -> None:
    columns = ask(
        "SELECT attname || ' ' || format_type(atttypid, atttypmod) FROM pg_attribute "
        "WHERE attrelid = %s::regclass AND attnum > 0 ORDER BY attnum",
        f"events.{table}",
    )
    assert tuple(column for (column,) in columns) == EVENTS[table]
    assert ask("SELECT pg_get_partkeydef(%s::regclass)", f"events.{table}") == [("RANGE (datetime)",)]


@pytest.mark.parametrize("table", sorted(EVENTS))
def test_identifiers_are_compared_by_octet(ask, table: str) -> None:
    rows = ask(
        "SELECT attname FROM pg_attribute JOIN pg_collation c ON c.oid = attcollation "
        "WHERE attrelid = %s::regclass AND collname = 'C'",
        f"events.{table}",
    )
    wanted = {"msisdn", "msisdn_counterpart", "imsi", "imei", "location_id"}
    assert {name for (name,) in rows} == wanted & {column.split()[0] for column in EVENTS[table]}


INDEXES = {
    "cells": {
        "cells_pkey": "UNIQUE btree (cell_id)",
        "cells_id_version_key": "UNIQUE btree (id, version)",
        "cells_id_idx": "btree (id)",
        "cells_site_id_idx": "btree (site_id)",
        "infrastructure_cells_geom_point_index": "gist (geom_point)",
        "infrastructure_cells_geom_polygon_index": "gist (geom_polygon)",
    },
    "sites": {
        "sites_pkey": "UNIQUE btree (site_id)",
        "sites_id_version_key": "UNIQUE btree (id, version)",
        "sites_id_idx": "btree (id)",
        "infrastructure_sites_geom_point_index": "gist (geom_point)",
        "infrastructure_sites_geom_polygon_index": "gist (geom_polygon)",
    },
}


@pytest.mark.parametrize("table", sorted(INDEXES))
def test_infrastructure_has_exactly_these_indexes(ask, table: str) -> None:
    rows = ask(
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'infrastructure' AND tablename = %s",
        table,
    )
    assert dict(rows) == {
        name: f"CREATE {kind}INDEX {name} ON infrastructure.{table} USING {definition}"
        for name, kind, definition in (
            (name, "UNIQUE " if text.startswith("UNIQUE") else "", text.removeprefix("UNIQUE "))
            for name, text in INDEXES[table].items()
        )
    }


def test_points_are_longitudes_and_latitudes(ask) -> None:
    for table in ("cells", "sites"):
        for column in ("geom_point", "geom_polygon"):
            assert ask("SELECT Find_SRID('infrastructure', %s, %s)", table, column) == [(4326,)]


def test_the_calendar_covers_its_years(ask) -> None:
    assert ask("SELECT count(*), min(date_actual), max(date_actual) FROM d_date") == [
        (25_569, date(1979, 1, 1), date(2049, 1, 1))
    ]
    assert ask(
        "SELECT date_dim_id, day_suffix, day_name, day_of_week, day_of_quarter, week_of_year_iso, "
        "month_name, quarter_name, year_actual, first_day_of_week, last_day_of_quarter, first_day_of_year, "
        "mmyyyy, mmddyyyy, is_std_weekend FROM d_date WHERE date_actual = '2016-01-02'"
    ) == [
        (
            *(20160102, "2nd", "Saturday ", 6, 2, "2016-W53-6", "January  ", "First", 2015),
            *(date(2015, 12, 28), date(2016, 3, 31), date(2015, 1, 1), "012016", "01022016  ", True),
        )
    ]
    assert ask("SELECT count(*), count(*) FILTER (WHERE meridian_indicator = 'am') FROM d_time") == [(24, 12)]


def test_what_the_database_says_about_itself(ask, flowdb_cluster: RunningFlowDB) -> None:
    settings = flowdb_cluster.settings()
    assert ask("SELECT * FROM flowdb_version()") == [("2.0.0", settings.release_date)]
    assert ask("SELECT * FROM location_table()") == [("infrastructure.cells",)]
    assert {row[0] for row in ask("SELECT * FROM available_tables()")} == set(EVENTS)
    assert ask("SELECT cache_half_life(), cache_protected_period()") == [(1000.0, 86400)]
    assert ask("SELECT cache_max_size()")[0][0] > 0
    assert ask("SHOW timezone") == [("UTC",)]


def test_the_newest_record_of_a_day_decides_whether_it_is_available(asked) -> None:
    with asked() as cursor:
        for state, moment in (
            ("ingested", "2020-01-01"),
            ("withdrawn", "2020-01-02"),
            ("ingested", "2020-01-03"),
            ("withdrawn", None),
        ):
            cursor.execute(
                "INSERT INTO etl.etl_records (cdr_type, cdr_date, state, timestamp) "
                "VALUES ('mds', '1999-01-01', %s, %s)",
                (state, moment),
            )
        cursor.execute("SELECT cdr_type, cdr_date FROM etl.available_dates WHERE cdr_type = 'mds'")
        assert cursor.fetchall() == [("mds", date(1999, 1, 1))]
        cursor.execute(
            "INSERT INTO etl.post_etl_queries "
            "(cdr_date, cdr_type, type_of_query_or_check, outcome, timestamp) VALUES "
            "('1999-01-01', 'mds', 'c', 'old', '2020-01-01'), "
            "('1999-01-01', 'mds', 'c', 'new', '2020-01-02'), "
            "('1999-01-02', 'mds', 'c', 'not available', '2020-01-02')"
        )
        cursor.execute("SELECT outcome FROM etl.deduped_post_etl_queries WHERE cdr_type = 'mds'")
        assert cursor.fetchall() == [("new",)]
        cursor.connection.rollback()


def test_a_day_only_touches_its_own_partition(asked) -> None:
    with asked() as cursor:
        for day in range(1, 11):
            cursor.execute(
                f"CREATE TABLE events.mds_199901{day:02} PARTITION OF events.mds "
                f"FOR VALUES FROM ('1999-01-{day:02}') TO ('1999-01-{day + 1:02}')"
            )
        cursor.execute(
            "EXPLAIN SELECT * FROM events.mds WHERE datetime >= '1999-01-03' AND datetime < '1999-01-04'"
        )
        plan = "\n".join(line for (line,) in cursor.fetchall())
        assert "mds_19990103" in plan
        assert "mds_19990102" not in plan
        assert "mds_19990104" not in plan
        cursor.connection.rollback()


def test_touches_score_as_the_half_life_says(asked) -> None:
    with asked() as cursor:
        cursor.execute("SELECT setval('cache.cache_touches', 1)")
        for query_id, kind in (("a" * 32, "Query"), ("b" * 32, "Table")):
            cursor.execute(
                "INSERT INTO cache.cached (query_id, access_count, compute_time, cache_score_multiplier, "
                "class, schema, tablename) VALUES (%s, 0, 2000, 0, %s, 'infrastructure', 'tacs')",
                (query_id, kind),
            )
        cursor.execute("SELECT table_size('tacs', 'infrastructure')")
        (size,) = cursor.fetchone()
        step = 1 + 0.6931471805599453 / 1000
        expected = 0.0
        for number in range(3):
            cursor.execute("SELECT touch_cache(%s)", ("b" * 32,))
            assert cursor.fetchone() == (0.0,)
            cursor.execute("SELECT touch_cache(%s)", ("a" * 32,))
            expected += step**number
            assert cursor.fetchone()[0] == pytest.approx(expected * 2 / size)
        cursor.execute("SELECT access_count FROM cache.cached WHERE class = 'Query'")
        assert cursor.fetchone() == (3,)
        cursor.connection.rollback()


def test_touching_what_is_not_there_says_so(ask) -> None:
    with pytest.raises(errors.RaiseException, match="Cache record nothing not found"):
        ask("SELECT touch_cache('nothing')")


def test_sizes_are_those_of_ordinary_tables(ask) -> None:
    assert ask(
        "SELECT table_size('d_date', 'public') > 0, table_size('calls', 'events'), table_size('a', 'b')"
    ) == [(True, None, None)]


def test_random_ints_repeat_for_a_seed_and_leave_no_trace(ask) -> None:
    statement = "SELECT array_agg(id), random() FROM random_ints(%s, 5, 100)"
    (first, after_first), (second, after_second) = ask(statement, 0.3)[0], ask(statement, 0.3)[0]
    assert first == second
    assert len(set(first)) == 5
    assert after_first != after_second
    assert ask("SELECT count(*) FROM random_ints(0.1, 10, 3)") == [(3,)]
    assert ask(statement, 0.4)[0][0] != first


def test_the_grid_includes_its_upper_edge(ask) -> None:
    assert ask(
        "SELECT count(*), min(ST_Area(geom)), max(ST_Area(geom)), min(ST_SRID(geom)) FROM ("
        "SELECT (ST_Dump(makegrid_2d(ST_MakeEnvelope(0, 0, 10, 10, 3857), 1))).geom) AS cells"
    ) == [(121, 1.0, 1.0, 3857)]


def test_texts_that_are_numbers(ask) -> None:
    rows = ask(
        "SELECT v, isnumeric(v) "
        "FROM unnest(ARRAY['2', 'foo', 'bar', '100', '1e5', ' 7 ', 'NaN', '', NULL]) AS t (v)"
    )
    assert dict(rows) == {
        "2": True,
        "foo": False,
        "bar": False,
        "100": True,
        "1e5": True,
        " 7 ": True,
        "NaN": True,
        "": False,
        None: None,
    }


def test_connections_of_others_are_closed(ask, asked) -> None:
    assert ask("SELECT * FROM long_running_queries()") == []
    with asked():
        assert ask("SELECT closed_connections FROM close_all_connections()")[0][0] >= 1


def test_migrating_again_changes_nothing(ask, flowdb_cluster: RunningFlowDB) -> None:
    state = (
        "SELECT md5(string_agg(line, ',' ORDER BY line)) FROM ("
        "SELECT concat_ws(' ', n.nspname, relname, relkind, relacl::text) AS "
        "line FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace "
        "WHERE nspname NOT LIKE 'pg\\_%') AS objects"
    )
    before = ask(state)
    migrate(flowdb_cluster.settings())
    assert ask(state) == before


def test_variables_that_are_set_reach_the_cache_and_others_stay(ask, flowdb_cluster: RunningFlowDB) -> None:
    migrate(flowdb_cluster.settings(CACHE_SIZE=12345, CACHE_HALF_LIFE=500, CACHE_PROTECTED_PERIOD=7))
    facts = "SELECT cache_max_size(), cache_half_life(), cache_protected_period()"
    assert ask(facts) == [(12345, 500.0, 7)]
    migrate(flowdb_cluster.settings())
    assert ask(facts) == [(12345, 500.0, 7)]
    migrate(flowdb_cluster.settings(CACHE_HALF_LIFE=1000, CACHE_PROTECTED_PERIOD=86400))


def test_an_upgrade_reports_the_new_version_only(ask, flowdb_cluster: RunningFlowDB) -> None:
    migrate(flowdb_cluster.settings(FLOWDB_VERSION="2.1.0", LOCATION_TABLE="infrastructure.sites"))
    assert [row[0] for row in ask("SELECT * FROM flowdb_version()")] == ["2.1.0"]
    assert ask("SELECT * FROM location_table()") == [("infrastructure.sites",)]
    migrate(flowdb_cluster.settings())
    assert [row[0] for row in ask("SELECT * FROM flowdb_version()")] == ["2.0.0"]
    assert ask("SELECT * FROM location_table()") == [("infrastructure.cells",)]
