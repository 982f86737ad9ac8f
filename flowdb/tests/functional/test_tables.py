"""Columns of the tables that clients rely on and properties of functions, as the specification has them."""

import pytest

MOMENT = "timestamp with time zone"
PLACE = "geom_point geometry(Point,4326), geom_polygon geometry(MultiPolygon,4326)"
SERVICE = "date_of_first_service date, date_of_last_service date"
DISPLAY = "display_type text, display_colors boolean, display_width numeric, display_height numeric"
HARDWARE = (
    "mms_receiver mms_built_in_camera wap_push_ota_support hardware_gprs hardware_edge hardware_umts "
    "hardware_wifi "
    "hardware_bluetooth hardware_gps"
)
SOFTWARE = (
    "wap_push_ota_settings wap_push_ota_bookmarks wap_push_ota_app_internet wap_push_ota_app_browser "
    "wap_push_ota_app_mms wap_push_ota_single_shot wap_push_ota_multi_shot wap_push_oma_settings "
    "wap_push_oma_app_internet wap_push_oma_app_browser wap_push_oma_app_mms wap_push_oma_cp_bookmarks "
    "wap_1_2_1 "
    "wap_2_0 syncml_dm_settings syncml_dm_acc_gprs syncml_dm_app_internet syncml_dm_app_browser "
    "syncml_dm_app_mms "
    "syncml_dm_app_bookmark syncml_dm_app_java wap_push_oma_app_ims wap_push_oma_app_poc j2me_midp_10 "
    "j2me_midp_20 "
    "j2me_midp_21 j2me_cldc_10 j2me_cldc_11 j2me_cldc_20"
)


def flags(names: str) -> str:
    return ", ".join(f"{name} boolean" for name in names.split())


COLUMNS = {
    "public.flowdb_version": "version text NOT NULL, release_date date, updated boolean",
    "public.location_table": "location_table text NOT NULL, changed boolean",
    "public.available_tables": (
        "table_name text NOT NULL, has_locations boolean, has_subscribers boolean, has_counterparts boolean"
    ),
    "public.files": (
        "id text NOT NULL, full_path text, directory_path text, specification_path text, target_table text, "
        f"created {MOMENT}, processed boolean, datetime {MOMENT}, size numeric, status text, record_number "
        f"numeric, "
        "log text"
    ),
    "public.d_time": (
        "time_dim_id integer NOT NULL, time_of_day time without time zone, hour_of_day integer, "
        "meridian_indicator character(2)"
    ),
    "public.d_date": ", ".join(
        f"{column} NOT NULL"
        for column in (
            *(
                "date_dim_id integer",
                "date_actual date",
                "day_epoch bigint",
                "day_suffix character varying(4)",
            ),
            *("day_name character varying(9)", "day_of_week integer", "day_of_month integer"),
            *(
                "day_of_quarter integer",
                "day_of_year integer",
                "week_of_month integer",
                "week_of_year integer",
            ),
            *("week_of_year_iso character(10)", "month_actual integer", "month_name character varying(9)"),
            *("month_name_abbreviated character(3)", "quarter_actual integer"),
            *("quarter_name character varying(9)", "year_actual integer", "first_day_of_week date"),
            *("last_day_of_week date", "first_day_of_month date", "last_day_of_month date"),
            *("first_day_of_quarter date", "last_day_of_quarter date", "first_day_of_year date"),
            *(
                "last_day_of_year date",
                "mmyyyy character(6)",
                "mmddyyyy character(10)",
                "is_std_weekend boolean",
            ),
        )
    ),
    "events.location_ids": (
        "location_id text NOT NULL, cdr_type text NOT NULL, first_active_date date, last_active_date date"
    ),
    "etl.etl_records": (
        f"id integer NOT NULL, cdr_type character varying, cdr_date date, state character varying, "
        f"timestamp {MOMENT}"
    ),
    "etl.post_etl_queries": (
        "id integer NOT NULL, cdr_date date, cdr_type text, type_of_query_or_check text, outcome text, "
        f"optional_comment_or_description text, timestamp {MOMENT}"
    ),
    "etl.ingest_state": (
        f"cdr_type character varying, cdr_date date, state character varying, timestamp {MOMENT}"
    ),
    "etl.available_dates": "cdr_type character varying, cdr_date date",
    "etl.deduped_post_etl_queries": (
        "cdr_date date, cdr_type text, type_of_query_or_check text, outcome text, "
        f"optional_comment_or_description text, timestamp {MOMENT}"
    ),
    "cache.dependencies": "query_id character(32) NOT NULL, depends_on character(32) NOT NULL",
    "cache.cache_config": "key text, value text",
    "cache.accepted": (
        f"query_id text NOT NULL, request text NOT NULL, accepted {MOMENT} NOT NULL, "
        "state text NOT NULL, cause text"
    ),
    "geography.geo_kinds": "geo_kind_id integer NOT NULL, name text",
    "geography.linkage_methods": "linkage_method_id integer NOT NULL, name text, meta json",
    "geography.geoms": (
        f"gid bigint NOT NULL, added_date {MOMENT} NOT NULL, short_name character varying, long_name text, "
        "geo_kind_id integer, spatial_resolution integer, additional_metadata json, geom "
        "geometry(MultiPolygon,4326)"
    ),
    "geography.geo_bridge": (
        "location_id bigint NOT NULL, gid bigint NOT NULL, valid_from date, valid_to date, weight double "
        "precision, "
        "linkage_method_id integer NOT NULL"
    ),
    "infrastructure.sites": (
        "site_id bigint NOT NULL, id text, version integer, name text, type text, status text, "
        "structure_type text, "
        f"is_cow boolean, {SERVICE}, {PLACE}"
    ),
    "infrastructure.cells": (
        "cell_id bigint NOT NULL, id text, version integer, site_id text, name text, type text, msc text, "
        "bsc_rnc text, antenna_type text, status text, lac text, height numeric, azimuth numeric, "
        "transmitter text, "
        "max_range numeric, min_range numeric, electrical_tilt numeric, mechanical_downtilt numeric, "
        f"{SERVICE}, {PLACE}"
    ),
    "infrastructure.tacs": (
        "id numeric NOT NULL, brand text, model text, width numeric, height numeric, depth numeric, "
        "weight numeric, "
        f"{DISPLAY}, {flags(HARDWARE)}, software_os_vendor text, software_os_name text, "
        f"software_os_version text, "
        f"{flags(SOFTWARE)}, hnd_type text"
    ),
}


@pytest.mark.parametrize("table", COLUMNS)
def test_columns(ask, table: str) -> None:
    rows = ask(
        "SELECT attname || ' ' || format_type(atttypid, atttypmod) || "
        "CASE WHEN attnotnull THEN ' NOT NULL' ELSE '' END "
        "FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 ORDER BY attnum",
        table,
    )
    assert ", ".join(column for (column,) in rows) == COLUMNS[table]


def test_records_of_the_cache(ask) -> None:
    rows = ask(
        "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute "
        "WHERE attrelid = 'cache.cached'::regclass AND attnum > 0"
    )
    assert dict(rows) == {
        "query_id": "character(32)",
        "version": "character varying",
        "query": "text",
        "created": MOMENT,
        "last_accessed": MOMENT,
        "access_count": "integer",
        "compute_time": "numeric",
        "obj": "bytea",
        "cache_score_multiplier": "numeric",
        "class": "character varying",
        "schema": "character varying",
        "tablename": "character varying",
    }
    rows = ask(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = "
        "'cache'::regnamespace "
        "AND contype IN ('p', 'f')"
    )
    assert dict(rows) == {
        "cache_pkey": "PRIMARY KEY (query_id)",
        "accepted_pkey": "PRIMARY KEY (query_id)",
        "dependencies_pkey": "PRIMARY KEY (depends_on, query_id)",
        "cache_dependent_id": "FOREIGN KEY (query_id) REFERENCES cache.cached(query_id) ON DELETE CASCADE",
        "cache_dependency_id": "FOREIGN KEY (depends_on) REFERENCES cache.cached(query_id) ON DELETE CASCADE",
    }
    assert {key for (key,) in ask("SELECT key FROM cache.cache_config")} == {
        *("half_life", "cache_size", "cache_protected_period")
    }


def test_tables_without_keys_and_parents_without_indexes(ask) -> None:
    assert (
        ask(
            "SELECT indrelid::regclass::text FROM pg_index "
            "WHERE indrelid IN ('etl.post_etl_queries'::regclass, "
            "'dfs.transactions_metadata'::regclass, 'cache.cache_config'::regclass, "
            "'events.calls'::regclass, "
            "'events.forwards'::regclass, 'events.sms'::regclass, 'events.mds'::regclass, "
            "'events.topups'::regclass)"
        )
        == []
    )


def test_indexes_of_regions(ask) -> None:
    rows = ask(
        "SELECT indexname FROM pg_indexes WHERE schemaname = 'geography' AND tablename IN ('geoms', "
        "'geo_bridge')"
    )
    assert {name for (name,) in rows} == {
        *("geoms_pkey", "geography_geom_gist", "geography_geog_gist", "geoms_geo_kind_id_idx"),
        *("geoms_spatial_resolution_idx", "geo_bridge_pkey", "geo_bridge_linkage_method_id_idx"),
        *("geo_bridge_gid_idx", "geo_bridge_location_id_idx"),
    }
    assert ask("SELECT geo_kind_id, name FROM geography.geo_kinds") == [(1, "admin_unit")]
    assert ask("SELECT linkage_method_id, name FROM geography.linkage_methods") == [(1, "point_in_polygon")]


# Arguments, result; volatility, "p" for parallel safe, "s" for strict, "d" for the rights of the definer.
FUNCTIONS = {
    "flowdb_version": ("", "TABLE(version text, release_date date)", "id"),
    "available_tables": (
        "",
        "TABLE(table_name text, has_locations boolean, has_subscribers boolean, has_counterparts boolean)",
        "id",
    ),
    "location_table": ("", "TABLE(location_table text)", "id"),
    "cache_half_life": ("", "double precision", "vd"),
    "cache_max_size": ("", "bigint", "vd"),
    "cache_protected_period": ("", "bigint", "vd"),
    "table_size": ("tablename text, table_schema text", "double precision", "vd"),
    "cache_score": (
        "cache_score_multiplier numeric, compute_time numeric, tablesize double precision",
        "double precision",
        "vd",
    ),
    "touch_cache": ("cached_query_id text", "double precision", "vd"),
    "random_ints": ("seed double precision, n_samples integer, max_val integer", "TABLE(id integer)", "v"),
    "makegrid_2d": (
        "bound_polygon geometry, grid_step numeric, metric_srid integer DEFAULT 3857",
        "geometry",
        "sp",
    ),
    "hartigan": (
        "site_id text, version integer, weight integer, threshold double precision, buffer double precision, "
        "call_threshold integer",
        "hartigan_cluster",
        "ip",
    ),
    "viewshed": (
        "_tbl regclass",
        "TABLE(location_id text, geom_point geometry, od_line_identifier text, geom_viewshed geometry, "
        "visible boolean)",
        "sp",
    ),
    "_visible": (
        "_tbl regclass, line_of_sight_identifier text",
        "TABLE(location_id text, geom_point geometry, od_line_identifier text, geom geometry, visible "
        "boolean)",
        "sp",
    ),
    "_viewshed_count_total": ("_tbl regclass, OUT result integer", "integer", "sp"),
    "random_poisson": ("lambda double precision DEFAULT 1.0", "integer", "vsd"),
    "random_pick": ("a anyarray, OUT x anyelement", "anyelement", "vs"),
    "isnumeric": ("text", "boolean", "is"),
    # Not immutable, as it was in FlowKit 1: it depends on the clock.
    "long_running_queries": ("", "TABLE(pid integer, duration interval, query text, state text)", "s"),
    "close_all_connections": ("", "TABLE(closed_connections bigint)", "v"),
    "bounds": ("g geometry, srid integer DEFAULT NULL::integer", "double precision[]", "ip"),
    "cleanint": ("i text", "integer", "ip"),
    "cleannumeric": ("i text", "numeric", "ip"),
    "labelgrid": ("g geometry, grid_size numeric", "text", "ip"),
    "largestpart": ("g geometry", "geometry", "ip"),
    "linelabel": ("zoom numeric, label text, g geometry", "boolean", "ip"),
    "makearc": (
        "p0 geometry, p1 geometry, p2 geometry, srid integer DEFAULT NULL::integer",
        "geometry",
        "ip",
    ),
    "mercbuffer": ("g geometry, distance double precision", "geometry", "ip"),
    "mercdwithin": ("g1 geometry, g2 geometry, distance double precision", "boolean", "ip"),
    "merclength": ("g geometry", "double precision", "ip"),
    "orientedenvelope": ("g geometry", "geometry", "ip"),
    "smartshrink": (
        "geom geometry, ratio double precision, simplify boolean DEFAULT false",
        "geometry",
        "ip",
    ),
    "tilebbox": ("z integer, x integer, y integer, srid integer DEFAULT 3857", "geometry", "ip"),
    "topoint": ("g geometry", "geometry", "ip"),
    "zres": ("z double precision", "double precision", "ip"),
    "z": ("numeric", "integer", "ips"),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions(ask, name: str) -> None:
    assert ask(
        "SELECT pg_get_function_arguments(oid), pg_get_function_result(oid), provolatile::text || "
        "CASE proparallel WHEN 's' THEN 'p' ELSE '' END || CASE WHEN proisstrict THEN 's' ELSE '' END || "
        "CASE WHEN prosecdef THEN 'd' ELSE '' END "
        "FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proname = %s",
        name,
    ) == [FUNCTIONS[name]]


def test_types_of_clusters(ask) -> None:
    arrays = "clusters geography[], rank integer[], weights integer[], site_ids text[], versions text[]"
    for name, columns in (
        ("hartigan_cluster", arrays),
        ("hartigan_cluster_interm", f"{arrays}, buffer double precision, call_threshold integer"),
    ):
        rows = ask(
            "SELECT attname || ' ' || format_type(atttypid, atttypmod) FROM pg_attribute "
            "WHERE attrelid = %s::regclass AND attnum > 0 ORDER BY attnum",
            name,
        )
        assert ", ".join(column for (column,) in rows) == columns
