"""The normalised model of events and mobile money: columns, keys, partitions."""

import pytest
from psycopg2 import errors

BIG_KEY = "bigint NOT NULL"
COLUMNS = {
    "interactions.d_event_type": f"event_type_id {BIG_KEY}, name character varying NOT NULL",
    "interactions.subscriber": f"subscriber_id {BIG_KEY}, msisdn text, imei text, imsi text, tac bigint",
    "interactions.locations": (
        f"location_id {BIG_KEY}, site_id bigint, cell_id bigint, position geometry(Point,4326)"
    ),
    "interactions.event_supertable": (
        f"event_id {BIG_KEY}, subscriber_id bigint, location_id bigint, time_dim_id bigint, "
        f"date_dim_id {BIG_KEY}, event_type_id integer, event_timestamp timestamp with time zone NOT NULL"
    ),
    "interactions.calls": (
        f"event_id {BIG_KEY}, date_dim_id {BIG_KEY}, called_subscriber_id bigint, called_party_location_id "
        f"bigint, "
        "calling_party_msisdn text, called_party_msisdn text, duration numeric"
    ),
    "interactions.sms": (
        f"event_id {BIG_KEY}, date_dim_id {BIG_KEY}, called_subscriber_id bigint, called_party_location_id "
        f"bigint, "
        "calling_party_msisdn text, called_party_msisdn text"
    ),
    "interactions.mds": (
        f"event_id {BIG_KEY}, date_dim_id {BIG_KEY}, data_volume_total numeric, data_volume_up numeric, "
        "data_volume_down numeric, duration numeric"
    ),
    "interactions.topup": (
        f"event_id {BIG_KEY}, date_dim_id {BIG_KEY}, type integer, recharge_amount numeric, airtime_fee "
        f"numeric, "
        "tax_and_fee numeric, pre_event_balance numeric, post_event_balance numeric"
    ),
    "interactions.subscriber_sightings": (
        f"sighting_id {BIG_KEY}, subscriber_id bigint, location_id bigint, time_dim_id bigint, "
        f"date_dim_id {BIG_KEY}, event_id bigint, sighting_timestamp timestamp with time zone NOT NULL"
    ),
    "dfs.transaction_types": (
        "id integer NOT NULL, descr text, user_type_a_party text, user_type_b_party text"
    ),
    "dfs.transactions": (
        f"id {BIG_KEY}, amount numeric(14,4), discount numeric(14,4), fee numeric(14,4), "
        "commission numeric(14,4), transtype_id integer, timestamp timestamp with time zone"
    ),
    "dfs.subscribers": f"id {BIG_KEY}, msisdn text",
    "dfs.transactions_metadata": (
        "transaction_id bigint, subscriber_id bigint, cell_id text NOT NULL, cell_version integer NOT NULL, "
        "is_outgoing boolean"
    ),
}
DATE = "date_dim_id > d_date"
OF_AN_EVENT = {DATE, "event_id, date_dim_id > interactions.event_supertable"}
OF_A_CALL = OF_AN_EVENT | {
    "called_subscriber_id > interactions.subscriber",
    "called_party_location_id > interactions.locations",
}
SOMEBODY_SOMEWHERE = {
    *("subscriber_id > interactions.subscriber", "location_id > interactions.locations"),
    *("time_dim_id > d_time", DATE),
}
FOREIGN_KEYS = {
    "interactions.subscriber": {"tac > infrastructure.tacs"},
    "interactions.locations": {"site_id > infrastructure.sites", "cell_id > infrastructure.cells"},
    "interactions.event_supertable": SOMEBODY_SOMEWHERE | {"event_type_id > interactions.d_event_type"},
    "interactions.calls": OF_A_CALL,
    "interactions.sms": OF_A_CALL,
    "interactions.mds": OF_AN_EVENT,
    "interactions.topup": OF_AN_EVENT,
    "interactions.subscriber_sightings": SOMEBODY_SOMEWHERE
    | {"event_id, date_dim_id > interactions.event_supertable"},
    "dfs.transactions": {"transtype_id > dfs.transaction_types"},
    "dfs.transactions_metadata": {
        *("transaction_id > dfs.transactions", "subscriber_id > dfs.subscribers"),
        "cell_id, cell_version > infrastructure.cells",
    },
    "geography.geo_bridge": {
        *("location_id > interactions.locations", "gid > geography.geoms"),
        "linkage_method_id > geography.linkage_methods",
    },
}
PARTITIONED = ("event_supertable", "calls", "sms", "mds", "topup", "subscriber_sightings")


@pytest.mark.parametrize("table", COLUMNS)
def test_columns(ask, table: str) -> None:
    rows = ask(
        "SELECT attname || ' ' || format_type(atttypid, atttypmod) || CASE WHEN attnotnull THEN ' NOT "
        "NULL' ELSE '' END "
        "FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 ORDER BY attnum",
        table,
    )
    assert ", ".join(column for (column,) in rows) == COLUMNS[table]


@pytest.mark.parametrize("table", [*COLUMNS, "geography.geo_bridge"])
def test_foreign_keys(ask, table: str) -> None:
    rows = ask(
        "SELECT (SELECT string_agg(attname, ', ' ORDER BY position) FROM unnest(conkey) WITH ORDINALITY "
        "AS k (n, position) "
        "JOIN pg_attribute ON attrelid = conrelid AND attnum = n) || ' > ' || confrelid::regclass, "
        "confdeltype "
        "FROM pg_constraint WHERE contype = 'f' AND conrelid = %s::regclass",
        table,
    )
    assert {key for key, _ in rows} == FOREIGN_KEYS.get(table, set())
    assert {on_delete for _, on_delete in rows} <= {"a"}


@pytest.mark.parametrize("table", PARTITIONED)
def test_partitions_are_ranges_of_the_date(ask, table: str) -> None:
    assert ask("SELECT pg_get_partkeydef(%s::regclass)", f"interactions.{table}") == [
        ("RANGE (date_dim_id)",)
    ]
    assert ask(
        "SELECT count(*) FROM pg_inherits WHERE inhparent = %s::regclass", f"interactions.{table}"
    ) == [(0,)]
    first = "sighting_id" if table == "subscriber_sightings" else "event_id"
    assert ask(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'p' AND conrelid = %s::regclass",
        f"interactions.{table}",
    ) == [(f"PRIMARY KEY ({first}, date_dim_id)",)]


def test_the_kinds_of_events(ask) -> None:
    assert ask("SELECT event_type_id, name FROM interactions.d_event_type ORDER BY 1") == [
        *((1, "calls"), (2, "sms"), (3, "mds"), (4, "topup"))
    ]


def test_indexes(ask) -> None:
    names = {name for (name,) in ask("SELECT indexdef FROM pg_indexes WHERE schemaname = 'interactions'")}
    texts = {text.partition(" ON ")[2] for text in names}
    assert texts >= {
        "interactions.subscriber USING btree (msisdn, imei, imsi, tac)",
        "interactions.subscriber USING btree (subscriber_id)",
        "interactions.subscriber USING btree (subscriber_id, msisdn)",
        'interactions.locations USING gist ("position")',
    }
    assert any("interactions_locations_position_index" in name for name in names)


def test_identifiers_are_compared_by_octet(ask) -> None:
    assert (
        ask(
            "SELECT attrelid::regclass::text, attname FROM pg_attribute "
            "WHERE attrelid IN ('interactions.subscriber'::regclass, 'interactions.calls'::regclass, "
            "'interactions.sms'::regclass, 'dfs.subscribers'::regclass, "
            "'dfs.transactions_metadata'::regclass) "
            "AND atttypid = 'text'::regtype AND attcollation <> '\"C\"'::regcollation"
        )
        == []
    )


A_CALL = """
    INSERT INTO infrastructure.tacs (id) VALUES (777);
    INSERT INTO infrastructure.sites (site_id, id, version) VALUES (777, 'i-site', 0);
    INSERT INTO infrastructure.cells (cell_id, id, version) VALUES (777, 'i-cell', 0);
    INSERT INTO interactions.subscriber (subscriber_id, msisdn, tac) VALUES (777, 'a', 777), (778, 'b', NULL);
    INSERT INTO interactions.locations (location_id, site_id, cell_id) VALUES (777, 777, 777);
    CREATE TABLE interactions.events_supertable_19990101
    PARTITION OF interactions.event_supertable FOR VALUES FROM (19990101) TO (19990102);
    CREATE TABLE interactions.calls_19990101
    PARTITION OF interactions.calls FOR VALUES FROM (19990101) TO (19990102);
    CREATE TABLE interactions.subscriber_sightings_19990101
    PARTITION OF interactions.subscriber_sightings FOR VALUES FROM (19990101) TO (19990102);
    INSERT INTO interactions.event_supertable
    VALUES (777, 777, 777, 13, 19990101, 1, '1999-01-01 13:05+00');
    INSERT INTO interactions.calls VALUES (777, 19990101, 778, 777, 'a', 'b', 60);
    INSERT INTO interactions.subscriber_sightings
    VALUES (1, 777, 777, 13, 19990101, 777, '1999-01-01 13:05+00');
"""


def test_a_call_and_its_dimensions(asked) -> None:
    with asked() as cursor:
        cursor.execute(A_CALL)
        cursor.execute(
            "SELECT t.name, h.meridian_indicator, d.month_name_abbreviated, c.duration, s.msisdn, cells.id "
            "FROM interactions.event_supertable e JOIN interactions.d_event_type t USING (event_type_id) "
            "JOIN d_time h USING (time_dim_id) JOIN d_date d USING (date_dim_id) "
            "JOIN interactions.calls c USING (event_id, date_dim_id) "
            "JOIN interactions.subscriber s USING (subscriber_id) JOIN interactions.locations l USING "
            "(location_id) "
            "JOIN infrastructure.cells USING (cell_id) WHERE date_dim_id = 19990101"
        )
        assert cursor.fetchall() == [("calls", "pm", "Jan", 60, "a", "i-cell")]
        cursor.connection.rollback()


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO interactions.calls VALUES (778, 19990101, NULL, NULL, 'a', 'b', 1)",
        "INSERT INTO interactions.event_supertable VALUES (779, 1, NULL, 13, 19990101, 1, now())",
        "INSERT INTO interactions.event_supertable VALUES (779, 777, 777, 24, 19990101, 1, now())",
        "INSERT INTO geography.geo_bridge (location_id, gid) VALUES (777, 99999)",
        "INSERT INTO geography.geoms (gid) VALUES (99999); "
        "INSERT INTO geography.geo_bridge (location_id, gid) VALUES (99999, 99999)",
        "INSERT INTO dfs.transactions_metadata VALUES (NULL, NULL, 'i-cell', 5, true)",
    ],
)
def test_what_is_referred_to_must_be_there(asked, statement: str) -> None:
    with asked() as cursor:
        cursor.execute(A_CALL)
        with pytest.raises(errors.ForeignKeyViolation):
            cursor.execute(statement)
        cursor.connection.rollback()


def test_a_day_without_a_partition_is_refused(asked) -> None:
    with asked() as cursor, pytest.raises(errors.CheckViolation, match="no partition of relation"):
        cursor.execute("INSERT INTO interactions.mds (event_id, date_dim_id) VALUES (1, 19990103)")


def test_mobile_money(asked) -> None:
    with asked() as cursor:
        cursor.execute(
            "INSERT INTO infrastructure.cells (id, version) VALUES ('i-cell', 0); "
            "INSERT INTO dfs.transaction_types (id, descr) VALUES (99, 'cash in'); "
            "INSERT INTO dfs.transactions (id, amount, transtype_id) VALUES (99, 10.12345, 99); "
            "INSERT INTO dfs.subscribers (id, msisdn) VALUES (98, 'a'), (99, 'b'); "
            "INSERT INTO dfs.transactions_metadata "
            "VALUES (99, 98, 'i-cell', 0, true), (99, 99, 'i-cell', 0, false)"
        )
        cursor.execute(
            "SELECT amount::text, msisdn, is_outgoing FROM dfs.transactions t "
            "JOIN dfs.transactions_metadata m ON m.transaction_id = t.id JOIN dfs.subscribers s ON s.id = "
            "subscriber_id "
            "JOIN infrastructure.cells c ON c.id = m.cell_id AND c.version = m.cell_version ORDER BY msisdn"
        )
        assert cursor.fetchall() == [("10.1235", "a", True), ("10.1235", "b", False)]
        cursor.connection.rollback()
