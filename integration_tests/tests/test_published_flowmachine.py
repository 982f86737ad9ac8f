"""The published FlowMachine of an earlier release works with this FlowDB, and gets what the definitions say.

Where two places of a subscriber rank alike that release takes either, so any of them is right here; what is
made of such places is computed from those it took.
"""

import contextlib
import json
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from definitions import Spec, World
from programs import plain_environment
from psycopg2 import sql
from stack import load_data
from superuser import Superuser

from flowdb.testing import RunningFlowDB, RunningRedis, running_flowdb

Answer = dict[str, Any]
DIRECTORY = Path(__file__).resolve().parents[1] / "reference_flowmachine"
DAYS = [f"2016-01-0{day}" for day in range(1, 8)]
DATA = {"N_DAYS": "7", "N_SUBSCRIBERS": "300", "N_CALLS": "500", "N_SMS": "200"}
WHOLE_WEEK = {"start_date": DAYS[0], "end_date": "2016-01-08", "aggregation_unit": "admin3"}


@pytest.fixture(scope="module")
def flowdb() -> Iterator[RunningFlowDB]:
    """Yield a FlowDB of its own, whose results and records no other FlowMachine touches."""
    with running_flowdb() as flowdb:
        load_data(flowdb, **DATA)
        with contextlib.closing(Superuser(flowdb.dsn())) as superuser:
            superuser.ask(
                "INSERT INTO etl.post_etl_queries "
                "(cdr_date, cdr_type, type_of_query_or_check, outcome, timestamp) "
                "SELECT DISTINCT cdr_date, cdr_type, 'count_msisdns', '300', now() FROM etl.available_dates"
            )
        yield flowdb


@pytest.fixture(scope="module")
def world(flowdb: RunningFlowDB) -> World:
    return World(flowdb.dsn())


@pytest.fixture
def superuser(flowdb: RunningFlowDB) -> Iterator[Superuser]:
    with contextlib.closing(Superuser(flowdb.dsn())) as superuser:
        yield superuser


def run(task: str, flowdb: RunningFlowDB, redis: RunningRedis) -> Answer:
    """Have the published FlowMachine do something, as the role flowmachine."""
    names = ("FLOWDB_HOST", "FLOWDB_PORT", "FLOWMACHINE_FLOWDB_USER", "FLOWMACHINE_FLOWDB_PASSWORD")
    known = flowdb.environment()
    finished = subprocess.run(
        [DIRECTORY / ".venv" / "bin" / "python", DIRECTORY / "ask_flowmachine.py"],
        input=task,
        env=plain_environment({**{name: known[name] for name in names}, **redis.environment()}),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    answer: Answer = json.loads(finished.stdout.splitlines()[-1])
    return answer


@pytest.fixture(scope="module")
def asked(flowdb: RunningFlowDB, redis_server: RunningRedis) -> Answer:
    return run("ask", flowdb, redis_server)


def daily(day: str, method: str = "last") -> Spec:
    return {"query_kind": "daily_location", "date": day, "aggregation_unit": "admin3", "method": method}


def places(asked: Answer, name: str) -> dict[str, str]:
    """Return the place of each subscriber in a result."""
    result = asked["results"][name]
    assert result["columns"] == ["subscriber", "pcod"]
    found = dict(result["rows"])
    assert len(found) == len(result["rows"]), "a subscriber at two places"
    return found


def groups(asked: Answer, name: str, columns: list[str]) -> dict[tuple[Any, ...], int]:
    """Return the values of a result by the group each is of; numbers in text become numbers."""
    result = asked["results"][name]
    assert result["columns"] == [*columns, "value"]
    found = {tuple(group): int(value) for *group, value in result["rows"]}
    assert found, "a comparison of nothing"
    assert len(found) == len(result["rows"]), "two rows are the same group"
    return found


def comparable(value: Any) -> Any:
    """Return a value as it is in both a row of the database and JSON: numbers are one kind."""
    with contextlib.suppress(ValueError):
        return float(value)
    return value


def test_it_connects_without_a_complaint(asked: Answer, flowdb: RunningFlowDB) -> None:
    assert asked["version"] == "1.34.0"
    first, second = asked["printed"].splitlines()
    assert first == "FlowMachine version: 1.34.0"
    assert f"{flowdb.host}:{flowdb.port}/flowdb" in second
    assert "flowmachine" in second
    assert asked["complained"] == ""
    # On a machine with few processors it says that it opens more connections than there are.
    assert [text for text in asked["warned"] if "Maximum number of connections" not in text] == []


@pytest.mark.parametrize("name", [*(f"daily {day}" for day in DAYS), "most common"])
def test_daily_locations(asked: Answer, world: World, name: str) -> None:
    spec = daily(DAYS[0], "most-common") if name == "most common" else daily(name.removeprefix("daily "))
    expected, found = world.tied_locations(spec), places(asked, name)
    assert found.keys() == expected.keys()
    assert [(who, place) for who, place in found.items() if place not in expected[who]] == []


def test_a_modal_location_over_seven_days(asked: Answer) -> None:
    visits: dict[str, Counter[str]] = {}
    latest: dict[tuple[str, str], str] = {}
    for day in DAYS:
        for who, place in places(asked, f"daily {day}").items():
            visits.setdefault(who, Counter())[place] += 1
            latest[who, place] = day
    expected = {
        who: max(found, key=lambda place, who=who, found=found: (found[place], latest[who, place]))  # type: ignore[misc]
        for who, found in visits.items()
    }
    assert places(asked, "modal") == expected
    counted = {(place,): number for place, number in Counter(expected.values()).items()}
    assert groups(asked, "modal aggregate", ["pcod"]) == counted


def test_flows(asked: Answer) -> None:
    first, last = places(asked, f"daily {DAYS[0]}"), places(asked, f"daily {DAYS[-1]}")
    expected = Counter((first[who], last[who]) for who in first.keys() & last.keys())
    assert groups(asked, "flows", ["pcod_from", "pcod_to"]) == expected


@pytest.mark.parametrize(
    ("name", "spec"),
    [
        ("events by hour", {"interval": "hour"}),
        ("events by day", {"interval": "day", "event_types": ["calls"], "direction": "out"}),
    ],
)
def test_total_events(asked: Answer, world: World, name: str, spec: Spec) -> None:
    columns = ["pcod", "date", *(["hour"] if spec["interval"] == "hour" else [])]
    found = groups(asked, name, columns)
    found = {
        (place, date, *(int(hour) for hour in rest)): value for (place, date, *rest), value in found.items()
    }
    expected = world.groups({"query_kind": "location_event_counts", **WHOLE_WEEK, **spec})
    assert found == {group: events for group, (events, _) in expected.items()}


def test_unique_subscribers_where_cells_moved(asked: Answer, world: World) -> None:
    spec = {"query_kind": "unique_subscriber_counts", "aggregation_unit": "lon-lat"}
    expected = world.groups({**spec, "start_date": DAYS[4], "end_date": DAYS[6]})
    assert groups(asked, "unique subscribers", ["lon", "lat"]) == {
        group: people for group, (people, _) in expected.items()
    }


def test_what_it_learns_about_flowdb(asked: Answer, superuser: Superuser) -> None:
    facts = asked["facts"]
    assert facts["dates"] == {"calls": DAYS, "sms": DAYS}
    assert facts["location table"] == "infrastructure.cells"
    assert set(facts["subscriber tables"]) == {"calls", "sms"}
    assert set(facts["location tables"]) == {"calls", "sms"}
    assert {"cdr_type": "calls", "type_of_query_or_check": "count_msisdns"} in facts["checks"]
    assert [(row["cdr_date"], row["outcome"]) for row in facts["outcomes"]] == [(day, "300") for day in DAYS]
    assert facts["partitioned"] is True
    # It adds up what PostgreSQL estimates for the parent, which is analysed too, and for its partitions.
    ((rows,),) = superuser.ask(
        "SELECT sum(reltuples) FROM pg_partition_tree('events.calls') INNER JOIN pg_class ON oid = relid"
    )
    assert facts["estimated rows"] == rows
    columns = superuser.ask(
        "SELECT column_name::text FROM information_schema.columns "
        "WHERE table_schema = 'events' AND table_name = 'calls' ORDER BY ordinal_position"
    )
    assert facts["columns"] == [name for (name,) in columns]
    assert facts["grid"] > 1
    assert facts["samples"]["random_ids"] == facts["samples"]["system_rows"] == 20
    assert 0 < facts["samples"]["bernoulli"] < len(asked["results"]["daily 2016-01-02"]["rows"])


def test_queries_of_handsets_sites_and_distances(asked: Answer, superuser: Superuser) -> None:
    ((subscribers, sites, in_service),) = superuser.ask(
        "SELECT (SELECT count(DISTINCT msisdn) FROM (SELECT msisdn FROM events.calls UNION "
        "SELECT msisdn FROM events.sms) AS seen), (SELECT count(*) FROM infrastructure.sites), "
        "(SELECT count(*) FROM infrastructure.sites WHERE date_of_first_service <= '2016-01-02' "
        "AND coalesce(date_of_last_service > '2016-01-02', true))"
    )
    rows = asked["facts"]["rows of others"]
    assert rows["handset types"] == rows["radius of gyration"] == subscribers
    assert rows["clusters of sites"] == in_service
    # A cell outside the outline has no area within it.
    assert 0 < rows["areas of sites"] <= in_service
    assert rows["distances of sites"] == sites**2
    # Within a thousand kilometres: everything that somebody visited is one cluster.
    assert rows["clusters of visits"] == subscribers


def test_results_are_stored_and_recorded(asked: Answer, superuser: Superuser) -> None:
    for name, result in asked["results"].items():
        assert result["stored"] is True, name
        record = superuser.ask(
            "SELECT version, access_count > 0, compute_time > 0, octet_length(obj) > 0, schema, tablename, "
            "pg_get_userbyid(relowner)::text "
            "FROM cache.cached INNER JOIN pg_class ON oid = to_regclass(schema || '.' || tablename) "
            "WHERE query_id = %s",
            result["id"],
        )
        assert record == [("1.34.0", True, True, True, "cache", f"x{result['id']}", "flowmachine")]
    dependencies = superuser.ask(
        "SELECT depends_on FROM cache.dependencies WHERE query_id = %s", asked["results"]["flows"]["id"]
    )
    assert dependencies


def test_result_tables_are_indexed_and_analysed(asked: Answer, superuser: Superuser) -> None:
    table = f"x{asked['results']['modal']['id']}"
    indexes = superuser.ask(
        "SELECT indexdef FROM pg_indexes WHERE schemaname = 'cache' AND tablename = %s", table
    )
    assert sorted(text.rpartition("USING ")[2] for (text,) in indexes) == [
        "btree (pcod) WITH (fillfactor='100')",
        "btree (subscriber) WITH (fillfactor='100')",
    ]
    analysed = superuser.ask(
        "SELECT attname FROM pg_stats WHERE schemaname = 'cache' AND tablename = %s", table
    )
    assert {name for (name,) in analysed} == {"pcod", "subscriber"}


def test_touching_a_result_scores_it(asked: Answer, superuser: Superuser) -> None:
    touched = asked["touched"]
    assert touched["class"] == "ModalLocation"
    query_id = asked["results"]["modal"]["id"]
    ((multiplier, milliseconds, octets),) = superuser.ask(
        "SELECT cache_score_multiplier, compute_time, pg_total_relation_size(oid) FROM cache.cached "
        "INNER JOIN pg_class ON oid = to_regclass('cache.' || tablename) WHERE query_id = %s",
        query_id,
    )
    expected = float(multiplier) * float(milliseconds) / 1000 / octets
    assert touched["score"] == pytest.approx(expected)
    assert touched["read score"] == pytest.approx(expected)
    assert touched["seconds"] == pytest.approx(float(milliseconds) / 1000)
    ((before,),) = superuser.ask("SELECT access_count FROM cache.cached WHERE query_id = %s", query_id)
    superuser.ask("SELECT touch_cache(%s)", query_id)
    assert superuser.ask("SELECT access_count FROM cache.cached WHERE query_id = %s", query_id) == [
        (before + 1,)
    ]


def test_it_reads_and_sets_how_results_are_kept(asked: Answer, superuser: Superuser) -> None:
    settings = asked["cache"]
    rows = dict(superuser.ask("SELECT key, value FROM cache.cache_config"))
    assert settings["half life"] == float(rows["half_life"]) == 1000
    assert settings["size"] == float(rows["cache_size"]) > 0
    assert settings["protected period"] == float(rows["cache_protected_period"]) == 86400
    ((used,),) = superuser.ask(
        "SELECT sum(table_size(tablename, schema)) FROM cache.cached WHERE class NOT IN ('Table', 'GeoTable')"
    )
    assert settings["used"] == pytest.approx(used)


@pytest.mark.parametrize("name", ["modal aggregate", "flows", "events by hour", "unique subscribers"])
def test_the_api_reads_the_result_and_no_events(flowdb: RunningFlowDB, asked: Answer, name: str) -> None:
    result = asked["results"][name]
    with (
        contextlib.closing(psycopg2.connect(flowdb.dsn("flowapi"))) as connection,
        connection.cursor() as cursor,
    ):
        columns = sql.SQL(", ").join(map(sql.Identifier, result["columns"]))
        table = sql.Identifier("cache", f"x{result['id']}")
        cursor.execute(sql.SQL("SELECT {} FROM {}").format(columns, table))
        found = Counter(tuple(map(comparable, row)) for row in cursor.fetchall())
        assert found == Counter(tuple(map(comparable, row)) for row in result["rows"])
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute("SELECT 1 FROM events.calls")


def test_it_forgets_results_and_starts_anew(
    flowdb: RunningFlowDB, redis_server: RunningRedis, asked: Answer, superuser: Superuser
) -> None:
    """Last in this module: it removes what the others look at."""
    forgotten = run("forget", flowdb, redis_server)["forgotten"]
    assert forgotten["octets freed"] > 0
    assert forgotten["kept"] > 0
    assert forgotten["stored again"] is True
    assert forgotten["id"] == asked["results"]["modal aggregate"]["id"]
    gone = asked["results"]["flows"]["id"]
    assert superuser.ask(
        "SELECT to_regclass(%s), count(*) FROM cache.cached WHERE query_id = %s", f"cache.x{gone}", gone
    ) == [(None, 0)]
    # The first touch after a reset adds exactly one, and each later one a little more.
    ((least,),) = superuser.ask("SELECT min(cache_score_multiplier) FROM cache.cached WHERE class <> 'Table'")
    assert 1 <= least < 1.1
