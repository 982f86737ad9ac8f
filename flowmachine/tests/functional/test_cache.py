"""Looking after the cache: scores, making room, invalidation; and that readers come to no harm."""

import threading
from collections.abc import Iterator

import attrs
import pytest
import redis
import sqlalchemy as sa

from flowmachine.core import Query, Table, cache, catalogue, eviction, plan, reading
from flowmachine.core.compilation import stored_table
from flowmachine.core.connection import Connection
from flowmachine.core.errors import QueryResetFailedError
from flowmachine.core.execute import Engine
from flowmachine.core.query_stub import QStub
from flowmachine.core.state import QueryState, States
from flowmachine.features import Flows, ModalLocation, SpatialAggregate
from tests.country import insert_events, random_events
from tests.stored import ADMIN3, catalogued, day, tables

CACHED, DEPENDENCIES = catalogue.CACHED, catalogue.DEPENDENCIES


@pytest.fixture(autouse=True, scope="module")
def events(superuser: sa.Engine) -> Iterator[None]:
    with superuser.begin() as connection:
        insert_events(connection, random_events(seed=3, number=2000, subscribers=200))
    yield
    with superuser.begin() as connection:
        for kind in ("calls", "sms"):
            connection.execute(sa.delete(sa.table(kind, schema="events")))


@pytest.fixture
def connection(engine: Engine) -> Connection:
    return engine.connection


@pytest.fixture
def chain(engine: Engine):
    """Store an aggregate of a modal location of two days, inputs included."""
    top = SpatialAggregate(locations=ModalLocation(day(1), day(2)))
    top.store().result(timeout=30)
    return top


def put(superuser: sa.Engine, query_id: str, *, table: bool = True, **values: object) -> None:
    """Record a result by hand, with an empty table."""
    row = {
        "created": sa.func.now(),
        "last_accessed": sa.func.now(),
        "compute_time": 1,
        "cache_score_multiplier": 1,
        "access_count": 1,
        "class": "SomethingElse",
        "schema": "cache",
        "tablename": f"x{query_id}",
        "obj": b"",
    }
    with superuser.begin() as database:
        database.execute(sa.insert(CACHED).values(query_id=query_id, **(row | values)))
        if table:
            sa.Table(f"x{query_id}", sa.MetaData(), sa.Column("a", sa.Integer), schema="cache").create(
                database
            )
            database.exec_driver_sql(f"ALTER TABLE cache.x{query_id} OWNER TO flowmachine")


def access_count(superuser: sa.Engine, query_id: str) -> int:
    with superuser.connect() as database:
        count = sa.select(CACHED.c.access_count).where(CACHED.c.query_id == query_id)
        return database.execute(count).scalar_one()


def test_a_use_is_counted_and_raises_the_score(chain, connection: Connection, superuser: sa.Engine) -> None:
    assert access_count(superuser, chain.query_id) == 1
    before = cache.get_score(connection, chain.query_id)
    after = cache.touch_cache(connection, chain.query_id)
    assert after > before
    assert cache.get_score(connection, chain.query_id) == pytest.approx(after)
    assert access_count(superuser, chain.query_id) == 2
    assert cache.get_compute_time(connection, chain.query_id) > 0


def test_scores_are_those_of_the_definition(engine: Engine, connection: Connection, superuser) -> None:
    put(superuser, "a" * 32, cache_score_multiplier=0, compute_time=4000)
    with superuser.begin() as database:
        database.execute(sa.select(sa.func.setval("cache.cache_touches", 1, False)))
    uses = [cache.touch_cache(connection, "a" * 32) for _ in range(3)]
    half_life = cache.get_cache_half_life(connection)
    factor = 1 + 0.6931471805599453 / half_life
    sums = [sum(factor**n for n in range(-1, stop)) for stop in (0, 1, 2)]
    assert uses == pytest.approx([total * 4 / 0.00001 for total in sums])


@pytest.mark.parametrize(
    "function", [cache.get_score, cache.get_compute_time, cache.touch_cache, cache.get_query_object_by_id]
)
def test_what_is_not_stored_has_no_score(connection: Connection, function) -> None:
    with pytest.raises(ValueError, match="00000000"):
        function(connection, "0" * 32)


def test_settings_of_the_cache(connection: Connection) -> None:
    assert cache.get_cache_half_life(connection) == 1000
    for get, set_, value in (
        (cache.get_cache_half_life, cache.set_cache_half_life, 10.5),
        (cache.get_cache_protected_period, cache.set_cache_protected_period, 7),
        (cache.get_max_size_of_cache, cache.set_max_size_of_cache, 10**12),
    ):
        before = get(connection)
        set_(connection, value)
        assert get(connection) == value
        set_(connection, before)
        assert get(connection) == before
    with pytest.raises(ValueError, match="must be positive, not 0"):
        cache.set_cache_half_life(connection, 0)


def test_a_dry_run_tells_what_a_wet_run_does(chain, connection: Connection, superuser: sa.Engine) -> None:
    stored = tables(superuser)
    size = cache.get_size_of_cache(connection)
    dry = list(cache.shrink_one(connection, dry_run=True, protected_period=-1))
    assert tables(superuser) == stored == {query.query_id for query, _ in dry}
    wet = list(cache.shrink_one(connection, protected_period=-1))
    assert wet == dry
    assert sum(taken for _, taken in wet) == size
    assert cache.get_size_of_cache(connection) == 0
    assert tables(superuser) == catalogued(superuser) == set()


def test_what_is_worth_least_goes_first_until_there_is_room(chain, connection: Connection, superuser) -> None:
    with superuser.begin() as database:
        database.execute(sa.update(CACHED).values(cache_score_multiplier=1, compute_time=1000))
        database.execute(
            sa.update(CACHED).where(CACHED.c.query_id == day(1).query_id).values(cache_score_multiplier=1e-6)
        )
    size = cache.get_size_of_cache(connection)
    assert cache.shrink_below_size(connection, size, protected_period=-1) == []
    assert cache.shrink_below_size(connection, size - 1, protected_period=-1) == [day(1)]
    assert not cache.cache_table_exists(connection, day(1).query_id)
    assert cache.cache_table_exists(connection, chain.query_id)


def test_results_are_protected_since_their_last_use_not_since_they_were_made(
    chain, connection: Connection, superuser: sa.Engine
) -> None:
    assert list(cache.get_cached_query_objects_ordered_by_score(connection)) == []
    with superuser.begin() as database:
        long_ago = sa.func.now() - sa.func.make_interval(0, 0, 0, 2)
        database.execute(sa.update(CACHED).values(created=long_ago, last_accessed=long_ago))
    cache.touch_cache(connection, chain.query_id)
    unprotected = {query for query, _ in cache.get_cached_query_objects_ordered_by_score(connection)}
    assert unprotected == {day(1), day(2), chain.locations, ADMIN3}
    assert cache.shrink_below_size(connection, 0) != []
    assert tables(superuser) == {chain.query_id}


def test_empty_and_missing_tables_do_not_stop_eviction(
    chain, connection: Connection, superuser: sa.Engine
) -> None:
    put(superuser, "e" * 32)  # a table of zero bytes
    put(superuser, "f" * 32, table=False)
    put(superuser, "d" * 32, compute_time=None, cache_score_multiplier=None)
    assert cache.get_score(connection, "e" * 32) > 0
    first, *_, last = list(cache.shrink_one(connection, protected_period=-1))
    assert first[0].query_id == "f" * 32
    assert last == (QStub((), "e" * 32), 0)
    assert tables(superuser) == catalogued(superuser) == set()


def test_source_tables_are_never_evicted_or_dropped(chain, connection: Connection, superuser) -> None:
    put(superuser, "b" * 32, table=False, schema="events", tablename="calls", **{"class": "Table"})
    cache.shrink_below_size(connection, 0, protected_period=-1)
    assert catalogued(superuser) == {"b" * 32}
    cache.invalidate_cache_by_id(connection, "b" * 32, cascade=True)
    assert catalogued(superuser) == set()
    assert sa.inspect(superuser).has_table("calls", schema="events")


def test_invalidation_takes_what_was_made_from_it_and_leaves_the_rest(
    chain, connection: Connection, superuser
):
    assert cache.invalidate_cache_by_id(connection, chain.locations.query_id, cascade=True) == chain.locations
    assert tables(superuser) == catalogued(superuser) == {day(1).query_id, day(2).query_id, ADMIN3.query_id}


def test_without_cascade_one_goes_and_the_rest_can_still_be_reached(
    chain, connection: Connection, superuser: sa.Engine
) -> None:
    everything = tables(superuser)
    cache.invalidate_cache_by_id(connection, chain.locations.query_id)
    assert tables(superuser) == everything - {chain.locations.query_id}
    cache.invalidate_cache_by_id(connection, day(1).query_id, cascade=True)
    assert tables(superuser) == {day(2).query_id, ADMIN3.query_id}


def test_eviction_keeps_what_depended_on_the_evicted_within_reach(
    chain, connection: Connection, superuser: sa.Engine
) -> None:
    with connection.lookups.connect() as database:
        found = {c.query_id: c for c in eviction.candidates(database, -1)}
    assert eviction.evict(connection.lookups, found[chain.locations.query_id])
    cache.invalidate_cache_by_id(connection, day(1).query_id, cascade=True)
    assert tables(superuser) == {day(2).query_id, ADMIN3.query_id}


def test_what_cannot_be_rebuilt_is_a_stub_and_goes_with_the_rest(
    chain, connection: Connection, superuser
) -> None:
    with superuser.begin() as database:
        unreadable = sa.update(CACHED).where(CACHED.c.query_id == chain.locations.query_id)
        database.execute(unreadable.values(obj=b"\x80\x04N.", version="1.34.0"))
    stub = cache.get_obj_or_stub(connection, chain.locations.query_id)
    assert isinstance(stub, QStub)
    assert (stub.query_id, stub.flowmachine_version) == (chain.locations.query_id, "1.34.0")
    assert set(stub.dependencies) == {day(1), day(2)}
    with pytest.raises(NotImplementedError):
        stub.column_names  # noqa: B018
    with pytest.raises(ValueError, match="cannot be rebuilt"):
        cache.get_query_object_by_id(connection, chain.locations.query_id)
    cache.invalidate_cache_by_id(connection, day(2).query_id, cascade=True)
    assert tables(superuser) == {day(1).query_id, ADMIN3.query_id}


def test_an_invalidation_that_fails_changes_nothing(
    chain, engine: Engine, superuser: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(eviction, "PATIENCE", "300ms")
    stored = tables(superuser)
    with superuser.begin() as reader:  # reads the top; the bottom is to be invalidated
        reader.execute(sa.select(sa.func.count()).select_from(stored_table(chain)))
        with pytest.raises(QueryResetFailedError, match="is being read"):
            engine.invalidate(day(1))
    assert tables(superuser) == catalogued(superuser) == stored
    assert engine.record(day(1)).state is QueryState.COMPLETED
    engine.invalidate(day(1))
    assert tables(superuser) == {day(2).query_id, ADMIN3.query_id}
    for query in (day(1), chain):
        assert engine.record(query).state is QueryState.KNOWN


def test_invalidating_what_is_not_stored_drops_nothing(engine: Engine, superuser: sa.Engine) -> None:
    with superuser.begin() as database:
        database.exec_driver_sql("CREATE TABLE cache.none (a integer)")
    try:
        engine.invalidate(day(1))
        assert sa.inspect(superuser).has_table("none", schema="cache")
    finally:
        with superuser.begin() as database:
            database.exec_driver_sql("DROP TABLE cache.none")


def test_what_errored_is_known_again_once_invalidated(engine: Engine) -> None:
    engine.states.queue([day(1).query_id])
    engine.states.fail(day(1).query_id, "some reason")
    assert engine.record(day(1)).state is QueryState.ERRORED
    engine.invalidate(day(1))
    assert engine.record(day(1)).state is QueryState.KNOWN


def test_a_reset_touches_neither_keys_nor_tables_of_others(
    chain, engine: Engine, superuser: sa.Engine
) -> None:
    client: redis.Redis = engine.states.client
    client.set("another application", "its value")
    elsewhere = States(client, "another-database")
    elsewhere.adopt([chain.query_id])
    put(superuser, "b" * 32, table=False, schema="events", tablename="calls", **{"class": "Table"})
    cache.reset_cache(engine.connection, client)
    assert (tables(superuser), catalogued(superuser)) == (set(), {"b" * 32})
    assert client.get("another application") == "its value"
    assert elsewhere.read([chain.query_id])[0].state is QueryState.COMPLETED
    assert engine.states.read([chain.query_id])[0].state is QueryState.KNOWN
    assert chain.store().result(timeout=30).is_stored
    cache.reset_cache(engine.connection, client, protect_table_objects=False)
    assert catalogued(superuser) == set()


def test_resync_makes_redis_agree_with_what_is_stored(chain, engine: Engine, superuser: sa.Engine) -> None:
    parameters = {**engine.states.client.connection_pool.connection_kwargs, "decode_responses": False}
    with redis.Redis(connection_pool=redis.ConnectionPool(**parameters)) as plain:
        plain.flushall()
        engine.states.adopt([day(3).query_id])  # though it is not stored
        put(superuser, "f" * 32, table=False)
        with superuser.begin() as database:
            database.exec_driver_sql(f"CREATE TABLE cache.x{'9' * 32} (a integer)")
            database.exec_driver_sql(f"ALTER TABLE cache.x{'9' * 32} OWNER TO flowmachine")
        cache.resync_redis_with_cache(engine.connection, plain)
    states = [record.state for record in engine.states.read([chain.query_id, day(3).query_id])]
    assert states == [QueryState.COMPLETED, QueryState.KNOWN]
    assert tables(superuser) == catalogued(superuser)


def test_a_table_is_not_dropped_under_its_reader(chain, connection: Connection, superuser: sa.Engine) -> None:
    with superuser.begin() as reader:
        rows = reader.execute(sa.select(stored_table(chain))).all()
        cache.shrink_below_size(connection, 0, protected_period=-1)
        assert tables(superuser) == {chain.query_id}
        assert reader.execute(sa.select(stored_table(chain))).all() == rows
    cache.shrink_below_size(connection, 0, protected_period=-1)
    assert tables(superuser) == set()


def test_a_result_handed_out_is_kept_until_its_reader_has_begun(chain, engine: Engine, superuser) -> None:
    engine._pins._grace = 1
    statement = engine.read_statement(chain)
    cache.shrink_below_size(engine.connection, 0, protected_period=-1)
    assert tables(superuser) == {chain.query_id}
    with superuser.connect() as reader:
        assert reader.exec_driver_sql(statement).all()
    released = threading.Event()
    while cache.get_size_of_cache(engine.connection):
        released.wait(0.1)
        cache.shrink_below_size(engine.connection, 0, protected_period=-1)
    assert tables(superuser) == set()


def test_a_pin_outlives_the_loss_of_its_session(chain, engine: Engine, superuser: sa.Engine) -> None:
    engine.read_statement(day(1))
    with superuser.begin() as database:
        database.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'flowmachine'"
        )
    engine.read_statement(chain)
    cache.shrink_below_size(engine.connection, 0, protected_period=-1)
    assert tables(superuser) == {chain.query_id, day(1).query_id}


def test_a_result_handed_out_again_is_pinned_again_if_the_session_has_gone(
    chain, engine: Engine, superuser: sa.Engine
) -> None:
    engine.read_statement(chain)
    with superuser.begin() as database:
        database.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'flowmachine'"
        )
    engine.read_statement(chain)
    cache.shrink_below_size(engine.connection, 0, protected_period=-1)
    assert tables(superuser) == {chain.query_id}


def test_a_result_used_since_it_was_chosen_is_left(
    chain, connection: Connection, superuser: sa.Engine
) -> None:
    steps = cache.shrink_one(connection, protected_period=-1)
    gone = {next(steps)[0].query_id}
    used = sorted(tables(superuser))[0]
    cache.touch_cache(connection, used)
    assert {query.query_id for query, _ in steps} | gone | {used} >= {chain.query_id}
    assert tables(superuser) == {used}


def test_an_input_evicted_after_planning_is_made_again(engine: Engine, superuser: sa.Engine) -> None:
    query = Flows(ModalLocation(day(1), day(2)), day(3))
    expected = query.get_dataframe().sort_values(["pcod_from", "pcod_to"]).values.tolist()
    make, evicted = engine.scheduler.maker.make, []

    def evict_first(task):
        if task.step.statement().reads and len(evicted) < 5:
            evicted.extend(cache.shrink_below_size(engine.connection, 0, protected_period=-1))
        make(task)

    engine.scheduler.maker.make = evict_first
    assert query.store().result(timeout=30) == query
    assert len(evicted) >= 5
    assert query.get_dataframe().sort_values(["pcod_from", "pcod_to"]).values.tolist() == expected
    assert tables(superuser) == catalogued(superuser)


def to_own_table(query: Query) -> int:
    query.to_sql("locations").result(timeout=30)
    return len(Table("flowmachine.locations"))


READS = {
    "frame": lambda query: len(query.get_dataframe()),
    "head": lambda query: len(query.head(10**6)),
    "iteration": lambda query: sum(1 for _ in query),
    "length": len,
    "own table": to_own_table,
}


@pytest.mark.parametrize("times", [1, 9])
@pytest.mark.parametrize("read", READS.values(), ids=READS.keys())
def test_readers_plan_again_if_what_they_read_is_evicted(
    engine: Engine, superuser: sa.Engine, monkeypatch: pytest.MonkeyPatch, read, times: int
) -> None:
    query, survey, surveys = day(1), plan.survey, []
    expected = len(query)

    def as_if_stored(connection, asked):
        facts, nodes = survey(connection, asked)
        if asked is query and len(surveys) < times:
            surveys.append(facts)  # the table that it tells of has been dropped by now
            return attrs.evolve(facts, stored=frozenset({query.query_id})), []
        return facts, nodes

    for module in (plan, reading):
        monkeypatch.setattr(module, "survey", as_if_stored)
    try:
        assert read(query) == expected > 10
    finally:
        with superuser.begin() as database:
            database.execute(sa.schema.DropSchema("flowmachine", cascade=True, if_exists=True))
    assert 1 <= len(surveys) <= reading.MAX_PLANS + 1


def test_shrinking_against_storing_never_serves_half_a_table(engine: Engine, superuser: sa.Engine) -> None:
    queries = [Flows(ModalLocation(day(a), day(b)), day(c)) for a, b, c in ((1, 2, 3), (2, 3, 1), (1, 3, 2))]
    by = ["pcod_from", "pcod_to"]
    expected = [query.get_dataframe().sort_values(by).values.tolist() for query in queries]
    stop, failures = threading.Event(), []

    def shrink() -> None:
        while not stop.is_set():
            try:
                cache.shrink_below_size(engine.connection, 0, protected_period=-1)
            except Exception as error:  # noqa: BLE001 - told below
                failures.append(error)

    shrinking = [threading.Thread(target=shrink) for _ in range(2)]
    for thread in shrinking:
        thread.start()
    try:
        for _ in range(4):
            for run in [engine.submit(query) for query in queries]:
                run.future.result(timeout=60)
            for query, rows in zip(queries, expected, strict=True):
                assert query.get_dataframe().sort_values(by).values.tolist() == rows
    finally:
        stop.set()
        for thread in shrinking:
            thread.join()
    assert failures == []
    assert tables(superuser) == catalogued(superuser)
