"""What users call on a query, against a real FlowDB."""

import copy
import json
import time
from collections.abc import Iterator

import pandas as pd
import pytest
import sqlalchemy as sa

from flowmachine.core import CustomQuery, Query, Table, catalogue, eviction, make_spatial_unit
from flowmachine.core.dummy_query import DummyQuery
from flowmachine.core.errors import (
    MissingDateError,
    NameTooLongError,
    QueryResetFailedError,
    UnstorableQueryError,
)
from flowmachine.core.execute import Engine
from flowmachine.core.state import QueryState
from flowmachine.core.union_with_fixed_values import UnionWithFixedValues
from flowmachine.features import Flows, ModalLocation, SpatialAggregate, daily_location
from tests.stored import ADMIN3, day, rows

pytestmark = pytest.mark.usefixtures("some_events")


@pytest.fixture
def own_tables(superuser: sa.Engine) -> Iterator[None]:
    yield
    with superuser.begin() as connection:
        connection.execute(sa.schema.DropSchema("flowmachine", cascade=True, if_exists=True))


def test_rows_can_be_read_whole_in_part_counted_and_one_by_one(engine: Engine) -> None:
    query = day(1)
    frame = query.get_dataframe()
    assert frame.columns.tolist() == query.column_names == ["subscriber", "pcod"]
    assert len(query) == len(frame) > 10
    assert sorted(query) == sorted(query) == rows(query)
    first = query.head(3)
    assert len(first) == 3
    assert set(first.itertuples(index=False, name=None)) <= set(rows(query))
    assert query.head(0).columns.tolist() == ["subscriber", "pcod"]
    assert query.head(0).empty
    query.store().result(timeout=30)
    assert sorted(query) == rows(query) == sorted(frame.itertuples(index=False, name=None))
    assert len(query) == len(frame)


def test_asking_whether_there_is_a_query_does_not_run_it() -> None:
    assert bool(day(1))


def test_iterating_leaves_the_query_as_it_was(engine: Engine) -> None:
    query = day(1)
    before = query.query_id
    next(iter(query))
    assert query.query_id == before
    assert len(list(query)) == len(query)


def test_a_frame_comes_in_the_background_or_its_error_does(engine: Engine) -> None:
    frame = day(1).get_dataframe_async().result(timeout=30)
    pd.testing.assert_frame_equal(
        frame.sort_values("subscriber", ignore_index=True),
        day(1).get_dataframe().sort_values("subscriber", ignore_index=True),
    )
    with pytest.raises(MissingDateError):
        daily_location("2020-01-01").get_dataframe_async().result(timeout=30)


def test_head_of_sql_that_ends_in_a_limit(engine: Engine) -> None:
    query = CustomQuery("SELECT msisdn FROM events.calls LIMIT 7", "msisdn")
    assert len(query.head(3)) == 3
    assert len(query) == 7


@pytest.mark.parametrize("format", ["text", "json", "yaml", "xml"])
def test_explain_shows_the_plan_of_the_computation(engine: Engine, format: str) -> None:
    query = day(1).aggregate()
    query.store().result(timeout=30)
    plan = query.explain(format)
    if format == "json":
        (described,) = plan
        plan = json.dumps(described)
    assert "Aggregate" in plan
    assert query.table_name not in plan
    assert "Actual" not in plan


def test_explain_can_run_the_statement(engine: Engine) -> None:
    assert "actual time" in day(1).explain(analyse=True)
    with pytest.raises(ValueError, match="Unsupported output format: 'html'"):
        day(1).explain("html")


def test_state_and_table_of_a_query(engine: Engine) -> None:
    query = day(1)
    assert query.query_state is QueryState.KNOWN
    assert query.query_state_str == "known"
    with pytest.raises(ValueError, match="not stored"):
        query.get_table()
    query.store().result(timeout=30)
    assert query.query_state is QueryState.COMPLETED
    table = query.get_table()
    assert isinstance(table, Table)
    assert (rows(table), table.column_names) == (rows(query), query.column_names)


def test_index_cols_and_columns_as_text() -> None:
    assert day(1).index_cols == [["pcod"], '"subscriber"']
    lon_lat = daily_location("2016-01-01", spatial_unit=make_spatial_unit("lon-lat"))
    assert lon_lat.index_cols[0] == ["lon", "lat"]
    assert day(1).column_names_as_string_list == "subscriber, pcod"


def test_a_query_shows_what_is_asked_of_it() -> None:
    query = day(1)
    assert f"{query}" == "<Query of type: LastLocation>"
    shown = f"{query:query_id, start}"
    assert (
        shown == f"<Query of type: LastLocation, query_id: {query.query_id!r}, start: '2016-01-01 00:00:00'>"
    )
    with pytest.raises(ValueError, match="Format string contains invalid query attribute: 'colour'"):
        f"{query:colour}"


def test_caching_of_frames_changes_nothing(engine: Engine) -> None:
    query = day(1)
    query.turn_on_caching()
    first, second = query.get_dataframe(), query.get_dataframe()
    query.turn_off_caching()
    assert first is not second
    assert query.cache is False
    assert copy.copy(query) == copy.deepcopy(query) == query


def test_to_sql_writes_a_table_with_indexes(engine: Engine, superuser: sa.Engine, own_tables: None) -> None:
    query = day(1)
    assert query.to_sql("homes").result(timeout=30) is query
    assert rows(Table("homes")) == rows(query)
    assert {tuple(i["column_names"]) for i in sa.inspect(superuser).get_indexes("homes", "flowmachine")} == {
        ("pcod",),
        ("subscriber",),
    }
    assert query.query_state is QueryState.KNOWN


def test_a_table_of_ones_own_is_no_cached_result(engine: Engine, own_tables: None) -> None:
    query = day(1)
    query.to_sql("homes").result(timeout=30)
    assert not query.is_stored
    query.store().result(timeout=30)
    assert query.is_stored


def test_to_sql_never_overwrites(engine: Engine, own_tables: None) -> None:
    day(1).to_sql("homes").result(timeout=30)
    day(1).to_sql("homes").result(timeout=30)
    with pytest.raises(ValueError, match=r"flowmachine\.homes exists and does not hold"):
        day(2).to_sql("homes").result(timeout=30)
    assert rows(Table("homes")) == rows(day(1))


def test_to_sql_can_be_redone_after_its_table_was_removed(engine: Engine, own_tables: None) -> None:
    query = day(1)
    query.to_sql("homes", schema="public").result(timeout=30)
    with pytest.raises(ValueError, match="was not made from"):
        day(2).invalidate_db_cache(name="homes", schema="public")
    query.invalidate_db_cache(name="homes", schema="public")
    with pytest.raises(ValueError, match=r"no table public\.homes"):
        Table("public.homes")
    query.to_sql("homes", schema="public").result(timeout=30)
    query.invalidate_db_cache(name="homes", schema="public")


@pytest.mark.parametrize("name", ["x\n", 'a"b', "50%", "Homes; --", "é'", "select"])
def test_a_table_may_have_any_name(engine: Engine, superuser: sa.Engine, own_tables: None, name: str) -> None:
    """The new line at the end of a name was once lost."""
    query = day(1)
    query.to_sql(name).result(timeout=30)
    assert name in sa.inspect(superuser).get_table_names("flowmachine")
    assert rows(Table(name, columns=["subscriber", "pcod"])) == rows(query)
    query.invalidate_db_cache(name=name)
    assert name not in sa.inspect(superuser).get_table_names("flowmachine")


def test_to_sql_can_store_the_result_first(engine: Engine, own_tables: None) -> None:
    query = day(1).aggregate()
    query.to_sql("counts", store_dependencies=True).result(timeout=30)
    assert query.is_stored
    assert day(1).is_stored


def test_a_name_that_postgresql_would_cut_is_refused() -> None:
    with pytest.raises(NameTooLongError, match="at most 63"):
        day(1).to_sql("é" * 32)


def test_an_error_of_to_sql_is_the_futures(engine: Engine) -> None:
    with pytest.raises(MissingDateError):
        daily_location("2020-01-01").to_sql("never").result(timeout=30)
    broken = CustomQuery("SELECT 1/0 AS a", "a")
    with pytest.raises(sa.exc.DBAPIError, match="division by zero"):
        broken.to_sql("never").result(timeout=30)


def test_store_without_dependencies_stores_one_table(engine: Engine) -> None:
    day(1).aggregate().store(store_dependencies=False).result(timeout=30)
    assert not day(1).is_stored


def test_invalidating_removes_a_result_and_all_made_from_it(engine: Engine) -> None:
    modal = ModalLocation(day(1), day(2))
    top = Flows(modal, day(3))
    top.store().result(timeout=30)
    assert day(1).is_stored
    modal.store().result(timeout=30)
    day(1).invalidate_db_cache()
    assert [q.is_stored for q in (day(1), modal, top)] == [False, False, False]
    assert [q.is_stored for q in (day(2), day(3), ADMIN3)] == [True, True, True]
    day(1).invalidate_db_cache()  # a second time does nothing
    top.store().result(timeout=30)
    assert top.is_stored


def test_invalidating_can_leave_what_was_made_from_it(engine: Engine, superuser: sa.Engine) -> None:
    top = day(1).aggregate()
    top.store().result(timeout=30)
    day(1).invalidate_db_cache(cascade=False)
    assert not day(1).is_stored
    assert top.is_stored
    top.invalidate_db_cache(drop=False)
    assert not top.is_stored
    assert sa.inspect(superuser).has_table(top.table_name, "cache")


def test_a_result_that_is_being_made_is_not_invalidated(engine: Engine) -> None:
    query = day(1)
    engine.states.queue([query.query_id])
    with pytest.raises(QueryResetFailedError):
        query.invalidate_db_cache()
    engine.states.cancel(query.query_id)


def test_invalidation_that_fails_removes_nothing(
    engine: Engine, superuser: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dependent in execution once left the parent dropped and its state stuck."""
    day(1).store().result(timeout=30)
    top, recording = day(1).aggregate(), catalogue.recording
    held = sa.select(sa.func.pg_advisory_xact_lock(4711))
    monkeypatch.setattr(catalogue, "recording", lambda *a, **options: [held, *recording(*a, **options)])
    monkeypatch.setattr(eviction, "PATIENCE", "300ms")
    waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711 AND NOT granted"
    with superuser.connect() as holder:
        holder.execute(held)
        future = top.store()
        deadline = time.monotonic() + 30
        while not holder.exec_driver_sql(waiting).scalar_one():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        with pytest.raises(QueryResetFailedError):
            day(1).invalidate_db_cache()
        assert day(1).is_stored
    future.result(timeout=30)
    assert top.is_stored
    day(1).invalidate_db_cache()
    assert (day(1).is_stored, top.is_stored) == (False, False)


def test_stored_queries_are_found_by_class(engine: Engine) -> None:
    counts = day(1).aggregate()
    counts.store().result(timeout=30)
    few = day(1).subset("pcod", ["R0", "R1"])
    few.store().result(timeout=30)
    assert set(SpatialAggregate.get_stored()) == {counts}
    assert set(type(few).get_stored()) == {few}
    assert set(Query.get_stored()) == {counts, few, day(1), ADMIN3}


def test_a_table_is_read_where_it_is(engine: Engine, superuser: sa.Engine) -> None:
    regions = Table("geography.admin3", columns=["admin3pcod", "admin3name"])
    assert rows(regions) == [(f"R{n}", f"Region R{n}") for n in range(4)]
    assert Table("admin3", "geography").column_names == ["admin3pcod", "admin3name", "geom"]
    assert (regions.fully_qualified_table_name, regions.is_stored) == ("geography.admin3", True)
    assert regions.store().result() is regions.get_table() is regions
    assert regions.query_state is QueryState.COMPLETED
    assert (
        regions.get_query()
        == "SELECT geography.admin3.admin3pcod, geography.admin3.admin3name \nFROM geography.admin3"
    )
    assert f"{regions:anything}" == f"<Table: 'geography.admin3', query_id: '{regions.query_id}'>"
    regions.invalidate_db_cache()
    assert sa.inspect(superuser).has_table("admin3", "geography")


def test_the_size_of_a_table(engine: Engine, superuser: sa.Engine) -> None:
    calls = Table("events.calls", columns="msisdn")
    with superuser.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE events.calls")
    assert calls.has_children()
    assert calls.estimated_rowcount() == len(calls)
    assert not Table("geography.admin3", columns="geom").has_children()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Table("nowhere"), r"no table flowmachine\.nowhere"),
        (lambda: Table("geography.admin3", "public"), "not in the schema 'public'"),
        (lambda: Table(""), "not the name of a table"),
        (lambda: Table("geography.admin3", columns=["height"]).head(), "with the columns height"),
        (lambda: Table('geography.admin3"; DROP TABLE events.calls; --'), "no table"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused(engine: Engine, make, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def test_a_table_is_never_dropped_for_what_is_made_from_it(engine: Engine, superuser: sa.Engine) -> None:
    """A numeric subset of a table once kept the table's name, and invalidating it dropped the data."""
    some = Table("infrastructure.cells", columns=["id", "version"]).numeric_subset("version", 1, 2)
    assert some.fully_qualified_table_name == f"cache.x{some.query_id}"
    assert not some.is_stored
    assert rows(some) == [("moved", 1), ("swap", 1)]
    some.store().result(timeout=30)
    some.invalidate_db_cache()
    assert sa.inspect(superuser).has_table("cells", "infrastructure")
    assert not some.is_stored


def test_a_dummy_has_nothing_to_remove(engine: Engine) -> None:
    dummy = DummyQuery("x")
    dummy.store().result(timeout=5)
    dummy.invalidate_db_cache()
    assert dummy.get_dataframe().empty


@pytest.mark.parametrize("value", ["100%", "%s", "%(a)s", ":a", "it's", '"', "\\", "a;b", "é"])
def test_values_reach_flowdb_as_they_are(engine: Engine, value: str) -> None:
    """A percent sign in a value was once taken for the place of a parameter."""
    one = CustomQuery("SELECT msisdn AS subscriber FROM events.calls", "subscriber").subset(
        "subscriber", value
    )
    assert list(one) == []
    one.store().result(timeout=30)
    stacked = UnionWithFixedValues([day(1)], [value], "label").subset("label", value)
    assert set(stacked.get_dataframe().label) == {value}
    assert len(stacked.store().result(timeout=30)) == len(day(1))


def test_a_union_is_never_stored(engine: Engine) -> None:
    with pytest.raises(UnstorableQueryError):
        day(1).union(day(2)).store()
