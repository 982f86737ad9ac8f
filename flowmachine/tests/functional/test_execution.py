"""Queries planned, run, stored and read back."""

import datetime as dt
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis
import sqlalchemy as sa

from flowdb.testing import free_port
from flowmachine.core import catalogue, ddl, make_spatial_unit, sql
from flowmachine.core.connect import make_engine
from flowmachine.core.disclosure import disclose
from flowmachine.core.errors import MissingDateError, UnknownQueryError
from flowmachine.core.execute import Engine
from flowmachine.core.geojson import geography_features, result_features
from flowmachine.core.state import QueryState, States
from flowmachine.features import (
    Flows,
    Geography,
    ModalLocation,
    SpatialAggregate,
    TotalLocationEvents,
    UniqueSubscriberCounts,
    daily_location,
)
from tests.country import insert_events, random_events
from tests.stored import ADMIN3, catalogued, day, tables


@pytest.fixture(autouse=True, scope="module")
def events(superuser: sa.Engine) -> Iterator[None]:
    with superuser.begin() as connection:
        insert_events(connection, random_events(seed=1, number=4000, subscribers=300))
    yield
    with superuser.begin() as connection:
        for kind in ("calls", "sms"):
            connection.execute(sa.delete(sa.table(kind, schema="events")))


def away() -> Callable[..., Any]:
    """Return the transitions of a Redis that is not there."""
    return States(redis.Redis(port=free_port()), "away")._transition


def test_store_gives_a_table_with_the_rows_of_the_query(engine: Engine) -> None:
    query = SpatialAggregate(locations=day(1))
    expected = query.get_dataframe().sort_values("pcod").values.tolist()
    assert query.store().result(timeout=30) is query
    assert query.is_stored
    assert query.get_query() == f"SELECT * \nFROM cache.{query.table_name}"
    assert query.get_dataframe().sort_values("pcod").values.tolist() == expected
    assert len(expected) == 4


def test_a_catalogue_row_exists_exactly_when_its_table_does(engine: Engine, superuser: sa.Engine) -> None:
    Flows(ModalLocation(day(1), day(2)), day(3, "most-common")).store().result(timeout=30)
    assert tables(superuser) == catalogued(superuser) != set()


def test_reusable_inputs_are_stored_on_the_way_and_read_by_later_queries(
    engine: Engine, superuser: sa.Engine
) -> None:
    SpatialAggregate(locations=ModalLocation(day(1), day(2))).store().result(timeout=30)
    assert {day(1).query_id, day(2).query_id, ADMIN3.query_id} <= tables(superuser)
    later = SpatialAggregate(locations=ModalLocation(day(1), day(2), day(3)))
    assert len(engine.submit(later).future.result(timeout=30).query_id) == 32
    with superuser.connect() as connection:
        links = connection.execute(
            sa.select(catalogue.DEPENDENCIES.c.depends_on).where(
                catalogue.DEPENDENCIES.c.query_id == later.locations.query_id
            )
        )
        assert set(links.scalars()) == {day(n).query_id for n in (1, 2, 3)}


def test_without_dependency_caching_only_the_query_is_stored(settings, superuser: sa.Engine, engine: Engine):
    engine._store_dependencies = False
    query = SpatialAggregate(locations=day(1))
    query.store().result(timeout=30)
    assert tables(superuser) == {query.query_id}


def test_one_query_submitted_many_times_runs_once(engine: Engine, superuser: sa.Engine) -> None:
    query = SpatialAggregate(locations=day(2))
    for run in [engine.submit(query) for _ in range(20)]:
        run.future.result(timeout=30)
    with superuser.connect() as connection:
        count = sa.select(catalogue.CACHED.c.access_count).where(
            catalogue.CACHED.c.query_id == query.query_id
        )
        assert connection.execute(count).scalar_one() == 1


def test_a_result_is_made_in_one_round_trip(engine: Engine) -> None:
    ADMIN3.store().result(timeout=30)
    sent: list[str] = []
    sa.event.listen(engine.connection.engine, "before_cursor_execute", lambda *given: sent.append(given[2]))
    day(1).store().result(timeout=30)
    assert [text.partition("(")[0] for text in sent] == ["SELECT pg_temp.run_unless"]
    assert day(1).is_stored


def test_a_result_cancelled_too_late_is_stored_and_completed(
    engine: Engine, superuser: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = engine._maker.make

    def cancelled_at_the_end(task: Any) -> None:
        make(task)
        assert engine.states.cancel(task.query_id)
        task.cancelled = True

    monkeypatch.setattr(engine._maker, "make", cancelled_at_the_end)
    assert ADMIN3.store().result(timeout=30).is_stored
    assert engine.record(ADMIN3).state is QueryState.COMPLETED
    assert tables(superuser) == catalogued(superuser) == {ADMIN3.query_id}


def test_connections_that_flowdb_ended_are_replaced(engine: Engine, superuser: sa.Engine) -> None:
    ADMIN3.store().result(timeout=30)
    with superuser.connect() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = 'flowmachine'"
        )
    assert day(1).store().result(timeout=30).is_stored


def test_two_engines_share_the_work(engine: Engine, settings, superuser: sa.Engine) -> None:
    other = make_engine(settings)
    try:
        query = SpatialAggregate(locations=ModalLocation(*(day(n) for n in (1, 2, 3))))
        runs = [chosen.submit(query) for chosen in (engine, other, engine, other)]
        for run in runs:
            assert run.future.result(timeout=30) == query
    finally:
        other.close()
    assert tables(superuser) == catalogued(superuser)


def test_a_pool_of_one_finishes_any_graph(settings, superuser: sa.Engine, engine: Engine) -> None:
    small = make_engine(settings.model_copy(update={"flowdb_connection_pool_size": 1}))
    try:
        query = Flows(ModalLocation(day(1), day(2)), ModalLocation(day(2), day(3)))
        assert small.submit(query).future.result(timeout=30) == query
    finally:
        small.close()


def test_an_error_reaches_who_waits_with_its_cause_and_can_be_retried(
    engine: Engine, superuser: sa.Engine
) -> None:
    query = SpatialAggregate(locations=day(1))
    rename = "ALTER TABLE geography.admin3 RENAME TO hidden"
    with superuser.begin() as connection:
        connection.exec_driver_sql(rename)
    try:
        with pytest.raises(Exception, match="admin3"):
            query.store().result(timeout=30)
        record = engine.record(query)
        assert record.state is QueryState.ERRORED
        assert "admin3" in record.error
    finally:
        with superuser.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE geography.hidden RENAME TO admin3")
    assert query.store().result(timeout=30).is_stored


def test_a_result_completed_by_another_meanwhile_stays_completed(
    engine: Engine, superuser: sa.Engine
) -> None:
    """Whoever has been told that it is completed must not find it queued again."""
    query = SpatialAggregate(locations=day(1))
    query.store().result(timeout=30)
    engine._queue([query.query_id])
    assert engine.states.read([query.query_id])[0].state is QueryState.COMPLETED
    with superuser.begin() as connection:
        sa.Table(query.table_name, sa.MetaData(), schema="cache").drop(connection)
    engine._queue([query.query_id])
    assert engine.states.read([query.query_id])[0].state is QueryState.QUEUED


def test_results_survive_the_loss_of_redis(engine: Engine) -> None:
    query = SpatialAggregate(locations=day(1))
    query.store().result(timeout=30)
    engine.states.client.flushall()
    assert engine.record(query).state is QueryState.COMPLETED
    assert engine.submit(query).progress().eligible == 0


def test_a_result_dropped_behind_our_back_is_not_completed(engine: Engine, superuser: sa.Engine) -> None:
    query = SpatialAggregate(locations=day(1))
    query.store().result(timeout=30)
    with superuser.begin() as connection:
        ddl.result_table(query).drop(connection)
    assert engine.record(query).state is QueryState.KNOWN
    assert query.store().result(timeout=30).is_stored


def test_closing_cancels_what_runs_and_leaves_it_to_others(settings, engine: Engine, superuser: sa.Engine):
    closing = make_engine(settings)
    query = SpatialAggregate(locations=day(1))
    with superuser.begin() as connection:  # nobody can read the regions until this ends
        connection.exec_driver_sql("LOCK TABLE geography.admin3 IN ACCESS EXCLUSIVE MODE")
        run = closing.submit(query)
        while run.progress().running == 0:
            time.sleep(0.01)
        time.sleep(0.2)
        closing.close()
        assert isinstance(run.future.exception(timeout=5), Exception)
    assert engine.record(query).state is QueryState.KNOWN
    assert engine.submit(query).future.result(timeout=30).is_stored


def test_a_query_whose_owner_died_is_taken_over(settings, engine: Engine) -> None:
    dead = States(engine.states.client, engine.connection.conn_id, lease=0.3)
    dead.start = lambda: None  # a process that died renews nothing
    query = SpatialAggregate(locations=day(3))
    dead.queue([query.query_id, ADMIN3.query_id])
    dead.execute(query.query_id)
    assert engine.record(query).state is QueryState.EXECUTING
    engine.states._lease = 1
    future = engine.submit(query).future
    seen = {engine.record(query).state}
    while not future.done():
        seen.add(engine.record(query).state)
    assert future.result() == query
    # Whoever polls meanwhile must not be told that nobody works on it.
    assert QueryState.KNOWN not in seen


def test_a_query_submitted_while_redis_is_away_can_be_submitted_again(engine: Engine) -> None:
    query = SpatialAggregate(locations=day(2))
    there, engine.states._transition = engine.states._transition, away()
    with pytest.raises(redis.ConnectionError):
        engine.submit(query)
    engine.states._transition = there
    assert engine.submit(query).future.result(timeout=30).is_stored


def test_a_stored_query_is_rebuilt_from_its_declaration(engine: Engine, superuser: sa.Engine) -> None:
    query = Flows(ModalLocation(day(1), day(2)), day(3, "most-common"), join_type="left")
    query.store().result(timeout=30)
    with engine.connection.lookups.connect() as connection:
        assert catalogue.get_query(connection, query.query_id) == query
        with pytest.raises(UnknownQueryError):
            catalogue.get_query(connection, "0" * 32)


def test_a_window_without_any_data_is_refused_when_planned(engine: Engine) -> None:
    query = SpatialAggregate(locations=daily_location("2017-05-01"))
    with pytest.raises(MissingDateError, match="2017-05-01"):
        query.store()


def test_a_window_with_some_days_missing_warns(engine: Engine) -> None:
    query = UniqueSubscriberCounts("2016-01-03", "2016-01-10", spatial_unit=ADMIN3)
    with pytest.warns(UserWarning, match="5 of 7 calendar dates missing"):
        query.get_dataframe()


def test_mapping_tables_place_cells(engine: Engine, superuser: sa.Engine) -> None:
    with superuser.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE geography.mapping AS SELECT DISTINCT id, 'R2' AS admin3pcod, 1 AS spot"
            " FROM infrastructure.cells WHERE id IN ('c0', 'c1');"
            "CREATE TABLE geography.spots AS SELECT 1 AS spot,"
            " ST_SetSRID(ST_MakePoint(7, 8), 4326) AS geom_point"
        )
    try:
        mapped = make_spatial_unit("admin", level=3, mapping_table="geography.mapping")
        rows = UniqueSubscriberCounts("2016-01-01", "2016-01-04", spatial_unit=mapped).get_dataframe()
        assert rows["pcod"].tolist() == ["R2"]
        spots = make_spatial_unit(
            "lon-lat",
            mapping_table="geography.mapping",
            geom_table="geography.spots",
            geom_table_join_on="spot",
        )
        rows = UniqueSubscriberCounts("2016-01-01", "2016-01-04", spatial_unit=spots).get_dataframe()
        assert rows[["lon", "lat"]].values.tolist() == [[7, 8]]
        missing = make_spatial_unit("admin", level=2, mapping_table="geography.mapping")
        with pytest.raises(
            ValueError, match=r"geography\.mapping must be a table with the columns id, admin2pcod"
        ):
            UniqueSubscriberCounts("2016-01-01", "2016-01-04", spatial_unit=missing).get_dataframe()
    finally:
        with superuser.begin() as connection:
            connection.exec_driver_sql("DROP TABLE geography.mapping, geography.spots")


@pytest.mark.parametrize("unit", ["admin", "lon-lat"])
def test_features_can_be_read_by_the_role_that_serves_results(
    engine: Engine, flowdb_cluster, unit: str, superuser: sa.Engine
) -> None:
    place = make_spatial_unit(unit, level=3)
    where = lambda n: daily_location(f"2016-01-0{n}", spatial_unit=place)  # noqa: E731
    queries = [
        disclose(SpatialAggregate(locations=where(1)), 15),
        disclose(Flows(where(1), where(2)), 15),
        disclose(TotalLocationEvents("2016-01-01", "2016-01-02", spatial_unit=place, interval="day"), 15),
        disclose(Geography(place), 15),
    ]
    for query in [*queries, place]:
        engine.submit(query).future.result(timeout=30)
    reader = sa.create_engine(
        flowdb_cluster.dsn("flowapi").replace("postgresql://", "postgresql+psycopg2://")
    )
    try:
        with reader.connect() as connection:
            for query in queries:
                rows = connection.exec_driver_sql(sql.render(result_features(query))).mappings().all()
                # Positions are many, so that every flow between two of them is too small to be released.
                assert bool(rows) == (unit == "admin" or query != queries[1])
                assert all(row["type"] == "Feature" and row["geometry"]["type"] for row in rows)
                assert all("centroid" in row["properties"] for row in rows)
                connection.exec_driver_sql(engine.read_statement(query)).all()
            places = connection.exec_driver_sql(sql.render(geography_features(place))).mappings().all()
            assert {tuple(row["properties"]) for row in places} == {
                ("pcod", "name", "centroid") if unit == "admin" else ("lon", "lat", "centroid")
            }
    finally:
        reader.dispose()


def test_flows_show_each_place_once_with_what_leaves_and_arrives(engine: Engine) -> None:
    query = disclose(Flows(day(1), day(2)), 15)
    engine.submit(query).future.result(timeout=30)
    with engine.connection.lookups.connect() as connection:
        rows = connection.exec_driver_sql(sql.render(result_features(query))).mappings().all()
    flows = {(r.pcod_from, r.pcod_to): r.value for r in query.get_dataframe().itertuples()}
    shown = {
        (row["properties"]["pcod"], to): value
        for row in rows
        for to, value in row["properties"]["outflows"].items()
    }
    arriving = {
        (origin, row["properties"]["pcod"]): value
        for row in rows
        for origin, value in row["properties"]["inflows"].items()
    }
    assert shown == arriving == flows
    assert len({row["properties"]["pcod"] for row in rows}) == len(rows)


def test_dates_of_the_country(engine: Engine, days: list[dt.date]) -> None:
    found = engine.connection.available_dates
    assert found == dict.fromkeys(("calls", "sms"), days)
