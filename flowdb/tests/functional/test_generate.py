"""``flowdb generate`` against a real database."""

from datetime import date

import pytest
from click.testing import CliRunner

from flowdb.cli import main
from flowdb.synthetic.network import read_network, read_regions
from flowdb.synthetic.parameters import ParameterError
from flowdb.testing import RunningFlowDB

SMALL = (
    "--generator",
    "python",
    "--days",
    "3",
    "--subscribers",
    "400",
    "--calls",
    "2000",
    "--sms",
    "500",
    "--cells",
    "100",
    "--sites",
    "60",
)
DAYS = [date(2016, 1, day) for day in (1, 2, 3)]
EVERYTHING = (
    "SELECT md5(string_agg(event::text, '' ORDER BY event::text)) FROM ("
    "SELECT c FROM events.calls AS c UNION ALL SELECT NULL WHERE false) AS all_events (event)"
)


@pytest.fixture(scope="module", autouse=True)
def generated(flowdb_cluster: RunningFlowDB):
    """Fill the database of the session once for this module, and empty it at the end."""
    result = CliRunner(env=flowdb_cluster.environment()).invoke(
        main, ["generate", *SMALL], catch_exceptions=False
    )
    assert result.exit_code == 0, result.output
    return result.output


def test_progress_is_told(generated: str) -> None:
    assert "loading the bundled outline of Nepal with synthetic regions" in generated
    assert "2016-01-01 calls: 4000 rows" in generated
    assert "(6 of 6, about 0 s left)" in generated
    assert "15000 rows loaded" in generated


def test_every_day_has_two_rows_for_each_event(ask) -> None:
    for table, rows in (("calls", 4000), ("sms", 1000)):
        statement = {
            "calls": (
                "SELECT datetime::date, count(*), count(DISTINCT id) FROM events.calls GROUP BY 1 ORDER BY 1"
            ),
            "sms": (
                "SELECT datetime::date, count(*), count(DISTINCT id) FROM events.sms GROUP BY 1 ORDER BY 1"
            ),
        }[table]
        assert ask(statement) == [(day, rows, rows // 2) for day in DAYS]


def test_the_rows_of_an_event_mirror_each_other(ask) -> None:
    assert ask(
        "SELECT count(*) FROM events.calls AS one JOIN events.calls AS other USING (id) "
        "WHERE one.outgoing AND NOT other.outgoing AND one.msisdn = other.msisdn_counterpart "
        "AND other.msisdn = one.msisdn_counterpart AND one.datetime = other.datetime "
        "AND one.duration = other.duration AND one.duration > 0 AND one.msisdn <> other.msisdn"
    ) == [(6000,)]


def test_identifiers_look_like_hashes_and_go_together(ask) -> None:
    assert ask(
        "SELECT count(*) FROM events.calls WHERE msisdn !~ '^[0-9a-f]{64}$' OR imsi !~ '^[0-9a-f]{64}$' "
        "OR imei !~ '^[0-9a-f]{64}$' OR id !~ '^[0-9a-f]{32}$' OR tac NOT IN "
        "(SELECT id FROM infrastructure.tacs)"
    ) == [(0,)]
    assert ask(
        "SELECT count(DISTINCT msisdn) = count(DISTINCT (msisdn, imei, imsi, tac)) FROM events.calls"
    ) == [(True,)]


def test_days_are_partitions_written_by_subscriber_with_indexes(ask) -> None:
    assert ask(
        "SELECT child.relname, pg_get_expr(child.relpartbound, child.oid) FROM pg_inherits "
        "JOIN pg_class AS child ON child.oid = inhrelid WHERE inhparent = 'events.sms'::regclass ORDER BY 1"
    )[0] == (
        "sms_20160101",
        "FOR VALUES FROM ('2016-01-01 00:00:00+00') TO ('2016-01-02 00:00:00+00')",
    )
    assert {row[0] for row in ask("SELECT indexname FROM pg_indexes WHERE tablename = 'sms_20160101'")} == {
        f"sms_20160101_{column}_idx"
        for column in ("msisdn", "msisdn_counterpart", "location_id", "datetime", "tac")
    }
    assert ask(
        "SELECT bool_and(msisdn >= before) FROM (SELECT msisdn, lag(msisdn) OVER (ORDER BY ctid) AS before "
        "FROM events.calls_20160101) AS rows"
    ) == [(True,)]


def test_the_records_are_those_of_a_load(ask) -> None:
    assert sorted(ask("SELECT cdr_type, cdr_date FROM etl.available_dates")) == sorted(
        (kind, day) for kind in ("calls", "sms") for day in DAYS
    )
    flags = {row[0]: row[1:] for row in ask("SELECT * FROM available_tables()")}
    assert flags["calls"] == flags["sms"] == (True, True, True)
    assert flags["mds"] == (False, False, False)
    assert ask(
        "SELECT count(*) FROM (SELECT location_id, min(datetime)::date, "
        "max(datetime)::date FROM events.calls "
        "GROUP BY 1 EXCEPT SELECT location_id, first_active_date, last_active_date FROM events.location_ids "
        "WHERE cdr_type = 'calls') AS missing"
    ) == [(0,)]


def test_cells_are_on_sites_some_move_and_some_lie_outside(ask) -> None:
    assert ask("SELECT count(DISTINCT id) FROM infrastructure.cells") == [(100,)]
    assert ask("SELECT count(DISTINCT id) FROM infrastructure.sites") == [(60,)]
    assert ask(
        "SELECT count(*) FROM infrastructure.cells AS c LEFT JOIN infrastructure.sites AS s "
        "ON s.id = c.site_id AND s.version = c.version AND "
        "ST_Equals(s.geom_point, c.geom_point) WHERE s.id IS NULL"
    ) == [(0,)]
    assert ask(
        "SELECT DISTINCT old.date_of_last_service, new.date_of_first_service "
        "FROM infrastructure.cells AS old "
        "JOIN infrastructure.cells AS new USING (id) WHERE old.version = 0 AND new.version = 1 "
        "AND NOT ST_Equals(old.geom_point, new.geom_point)"
    ) == [(date(2016, 1, 4), date(2016, 1, 5))]
    ((outside,),) = ask(
        "SELECT count(*) FROM infrastructure.sites, geography.admin0 WHERE NOT "
        "ST_Intersects(geom_point, geom)"
    )
    assert 2 <= outside <= 4


def test_a_cell_serves_from_its_first_version_to_its_last(asked) -> None:
    with asked() as cursor:
        cursor.execute("DELETE FROM infrastructure.cells")
        cursor.execute(
            "INSERT INTO infrastructure.cells (id, version, site_id, date_of_first_service, "
            "date_of_last_service, geom_point) SELECT id, version, 'site', opened, closed, "
            "ST_SetSRID(ST_MakePoint(84.5, 28.25 + version), 4326) FROM (VALUES "
            "('always', 0, NULL::date, NULL::date), ('moves', 0, '2016-01-02', '2016-01-03'), "
            "('moves', 1, '2016-01-04', '2016-01-05')) AS cell (id, version, opened, closed)"
        )
        network = read_network(cursor.connection)
        cursor.connection.rollback()
    assert network.cell_ids.tolist() == [b"always", b"moves"]
    assert network.points.tolist() == [[84_500_000, 28_250_000]]
    served = [network.serving(date(2016, 1, day)).tolist() for day in range(1, 7)]
    assert served == [[True, False], *[[True, True]] * 4, [True, False]]


def test_people_are_where_they_live(ask) -> None:
    ((regions,),) = ask(
        "SELECT count(DISTINCT admin3pcod) FROM events.location_ids JOIN "
        "infrastructure.cells ON id = location_id "
        "JOIN geography.admin3 ON ST_Intersects(geom_point, geom)"
    )
    assert regions > 30


def test_running_again_adds_nothing(flowdb, ask) -> None:
    before = ask(EVERYTHING), ask("SELECT count(*) FROM etl.etl_records")
    result = flowdb("generate", *SMALL)
    assert result.exit_code == 0
    assert "All days are there already." in result.output
    assert (ask(EVERYTHING), ask("SELECT count(*) FROM etl.etl_records")) == before


def test_replacing_with_the_same_seeds_gives_the_same_rows_and_forgets_results(flowdb, ask) -> None:
    before = ask(EVERYTHING)
    ask("INSERT INTO cache.cached (query_id, schema, tablename) VALUES ('q', 'cache', 'xgone')")
    assert flowdb("generate", *SMALL, "--replace").exit_code == 0
    assert ask(EVERYTHING) == before
    assert ask("SELECT count(*) FROM cache.cached") == [(0,)]
    assert ask("SELECT count(*) FROM etl.etl_records WHERE cdr_type = 'calls'") == [(6,)]
    assert ask("SELECT count(*) FROM pg_tables WHERE schemaname = 'etl' AND tablename LIKE 'calls%%'") == [
        (0,)
    ]


def test_a_withdrawn_day_is_loaded_again(flowdb, ask) -> None:
    before = ask(EVERYTHING)
    ask(
        "INSERT INTO etl.etl_records (cdr_type, cdr_date, state, timestamp) "
        "VALUES ('calls', %s, 'withdrawn', now())",
        DAYS[0],
    )
    result = flowdb("generate", *SMALL)
    assert "(1 of 1, about 0 s left)" in result.output
    assert ask(EVERYTHING) == before


def test_a_load_that_fails_leaves_nothing(flowdb, ask, asked) -> None:
    with asked() as cursor:
        # A table of somebody else that holds the place of the day makes the attaching fail.
        cursor.execute(
            "CREATE TABLE events.other_day PARTITION OF events.calls FOR VALUES "
            "FROM ('2016-01-04') TO ('2016-01-05')"
        )
    try:
        result = flowdb("generate", *SMALL, "--days", "4", "--sms", "0")
        assert result.exit_code == 1
        assert "flowdb: FlowDB refused: partition" in result.output
        assert ask("SELECT to_regclass('events.calls_20160104'), to_regclass('etl.calls_20160104')") == [
            (None, None)
        ]
        assert ask("SELECT max(cdr_date) FROM etl.available_dates") == [(DAYS[-1],)]
    finally:
        ask("DROP TABLE events.other_day")


def test_bad_numbers_are_refused(flowdb) -> None:
    result = flowdb("generate", *SMALL, "--sites", "200")
    assert result.exit_code == 1
    assert "at least one cell: 200 sites, 100 cells" in result.output
    assert flowdb("generate", "--out-of-area", "2").exit_code == 2


def test_variables_are_options_too(flowdb, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("N_DAYS", "none")
    assert "N_DAYS" in flowdb("generate").output


def test_without_regions_there_is_nowhere_to_live(asked) -> None:
    with asked() as cursor:
        cursor.execute("DROP TABLE geography.admin0, geography.admin1, geography.admin2, geography.admin3")
        with pytest.raises(ParameterError, match="no regions"):
            read_regions(cursor.connection)
        cursor.connection.rollback()
