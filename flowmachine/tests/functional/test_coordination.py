"""Processes that cancel, die and lose Redis: every query still ends."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest
import redis
import sqlalchemy as sa

from flowdb.testing import running_redis
from flowmachine.core import catalogue
from flowmachine.core.connect import make_engine
from flowmachine.core.errors import QueryCancelledError
from flowmachine.core.execute import Engine
from flowmachine.core.query_state import QueryStateMachine
from flowmachine.core.settings import ConnectionSettings
from flowmachine.core.state import QueryState, States
from flowmachine.core.task import Ending, Outcome
from flowmachine.features import ModalLocation, SpatialAggregate
from tests.country import insert_events, random_events
from tests.stored import ADMIN3, catalogued, day, tables

QUERY = SpatialAggregate(locations=day(1))


@pytest.fixture(autouse=True, scope="module")
def events(superuser: sa.Engine) -> Iterator[None]:
    with superuser.begin() as connection:
        insert_events(connection, random_events(seed=4, number=2000, subscribers=200))
    yield
    with superuser.begin() as connection:
        for kind in ("calls", "sms"):
            connection.execute(sa.delete(sa.table(kind, schema="events")))


@pytest.fixture
def other(settings: ConnectionSettings, engine: Engine) -> Iterator[Engine]:
    other = make_engine(settings)
    yield other
    other.close()


@pytest.fixture
def held_up(superuser: sa.Engine) -> Iterator[sa.Connection]:
    """Nobody can read the regions, so statements run until this is closed."""
    with superuser.connect() as connection:
        connection.exec_driver_sql("LOCK TABLE geography.admin3 IN ACCESS EXCLUSIVE MODE")
        yield connection


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def waiting_statements(superuser: sa.Engine) -> int:
    with superuser.connect() as connection:
        return connection.exec_driver_sql(
            "SELECT count(*) FROM pg_stat_activity WHERE usename = 'flowmachine'"
            " AND state = 'active' AND wait_event_type = 'Lock'"
        ).scalar_one()


def test_cancelling_stops_the_statement_and_tells_who_waits(
    engine: Engine, superuser: sa.Engine, held_up: sa.Connection
) -> None:
    run = engine.submit(QUERY)
    wait_for(lambda: waiting_statements(superuser))
    assert engine.cancel(QUERY.query_id)
    with pytest.raises(QueryCancelledError, match=QUERY.query_id):
        run.future.result(timeout=10)
    assert engine.record(QUERY).state is QueryState.CANCELLED
    wait_for(lambda: not waiting_statements(superuser))  # the inputs made for it alone are given up as well
    assert not engine.cancel(QUERY.query_id)
    held_up.rollback()
    assert tables(superuser) == catalogued(superuser) == set()
    assert engine.submit(QUERY).future.result(timeout=30).is_stored
    assert engine.record(QUERY).state is QueryState.COMPLETED


def test_cancelling_reaches_the_process_that_runs_the_query(
    engine: Engine, other: Engine, superuser: sa.Engine, held_up: sa.Connection
) -> None:
    runs = [engine.submit(ADMIN3), other.submit(ADMIN3)]
    wait_for(lambda: waiting_statements(superuser))
    assert other.cancel(ADMIN3.query_id)
    for run in runs:
        with pytest.raises(QueryCancelledError):
            run.future.result(timeout=10)
    wait_for(lambda: not waiting_statements(superuser))
    held_up.rollback()
    assert tables(superuser) == set()


def look_slowly(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Make the pause before a statement begins long; return what tells that one has come."""
    before, look = threading.Event(), catalogue.is_stored

    def slowly(*arguments):
        found = look(*arguments)
        before.set()
        time.sleep(0.5)
        return found

    monkeypatch.setattr(catalogue, "is_stored", slowly)
    return before


def test_a_cancellation_that_falls_before_the_statement_begins_is_not_lost(
    engine: Engine, held_up: sa.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = look_slowly(monkeypatch)
    run = engine.submit(ADMIN3)
    assert before.wait(10)
    assert engine.cancel(ADMIN3.query_id)
    with pytest.raises(QueryCancelledError):
        run.future.result(timeout=10)


def test_closing_ends_what_has_yet_to_begin_its_statement(
    settings: ConnectionSettings, engine: Engine, held_up: sa.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    closing = make_engine(settings)
    before = look_slowly(monkeypatch)
    run = closing.submit(ADMIN3)
    assert before.wait(10)
    closing.close()
    assert run.future.exception(timeout=1) is not None
    monkeypatch.undo()
    assert engine.record(ADMIN3).state is QueryState.KNOWN


def test_cancelling_leaves_inputs_that_others_need(
    engine: Engine, other: Engine, superuser: sa.Engine, held_up: sa.Connection
) -> None:
    cancelled = engine.submit(QUERY)
    wanted = engine.submit(SpatialAggregate(locations=ModalLocation(day(1), day(2))))
    elsewhere = other.submit(day(1))
    wait_for(lambda: waiting_statements(superuser))
    engine.cancel(QUERY.query_id)
    with pytest.raises(QueryCancelledError):
        cancelled.future.result(timeout=10)
    held_up.rollback()
    for run in (wanted, elsewhere):
        assert run.future.result(timeout=30).is_stored
    assert QUERY.query_id not in tables(superuser)


def test_inputs_given_up_here_are_made_by_whoever_else_needs_them(
    engine: Engine, other: Engine, superuser: sa.Engine, held_up: sa.Connection
) -> None:
    cancelled = engine.submit(QUERY)
    wait_for(lambda: waiting_statements(superuser))
    elsewhere = other.submit(day(1))
    engine.cancel(QUERY.query_id)
    with pytest.raises(QueryCancelledError):
        cancelled.future.result(timeout=10)
    held_up.rollback()
    assert elsewhere.future.result(timeout=30).is_stored


def test_a_query_cancelled_before_its_turn_never_starts(
    settings: ConnectionSettings, engine: Engine, superuser: sa.Engine, held_up: sa.Connection
) -> None:
    small = make_engine(settings.model_copy(update={"flowdb_connection_pool_size": 1}))
    try:
        first, second = small.submit(ADMIN3), small.submit(day(2))
        small.cancel(day(2).query_id)
        with pytest.raises(QueryCancelledError):
            second.future.result(timeout=5)
        held_up.rollback()
        first.future.result(timeout=30)
        assert tables(superuser) == {ADMIN3.query_id}
    finally:
        small.close()


def test_a_flush_of_redis_in_mid_query_loses_nothing(
    engine: Engine, other: Engine, superuser: sa.Engine, held_up: sa.Connection
) -> None:
    engine.states._lease = other.states._lease = 1
    run = engine.submit(QUERY)
    wait_for(lambda: waiting_statements(superuser))
    engine.states.client.flushall()
    assert engine.record(QUERY).state.in_flight  # for its owner at once,
    wait_for(lambda: other.record(QUERY).state.in_flight)  # for others with the next heartbeat
    again = other.submit(QUERY)
    engine.states.client.flushall()
    time.sleep(0.5)
    held_up.rollback()
    assert run.future.result(timeout=30) == again.future.result(timeout=30) == QUERY
    assert engine.record(QUERY).state is other.record(QUERY).state is QueryState.COMPLETED


def test_queries_end_while_redis_is_away_and_are_told_when_it_is_back(
    settings: ConnectionSettings, engine: Engine, superuser: sa.Engine, held_up: sa.Connection
) -> None:
    with running_redis() as doomed:
        survivor = make_engine(
            settings.model_copy(
                update={"redis_port": doomed.port, "redis_password": _secret(doomed.password)}
            )
        )
        run = survivor.submit(QUERY)
        wait_for(lambda: waiting_statements(superuser))
    try:
        with pytest.raises(redis.ConnectionError):
            survivor.states.read([QUERY.query_id])
        held_up.rollback()
        assert run.future.result(timeout=60) == QUERY
        assert QUERY.query_id in tables(superuser)
        survivor.states.client = engine.states.client
        survivor.states._transition = engine.states._transition
        wait_for(lambda: not survivor.states._untold)
        assert survivor.record(QUERY).state is QueryState.COMPLETED
    finally:
        survivor.close()


def _secret(text: str):
    from pydantic import SecretStr

    return SecretStr(text)


def test_what_is_stored_is_known_as_completed_after_a_loss(engine: Engine) -> None:
    QUERY.store().result(timeout=30)
    engine.states._lease = 1
    wait_for(lambda: engine.states._met)
    engine.states.client.flushall()
    wait_for(lambda: engine.states.read([QUERY.query_id])[0].state is QueryState.COMPLETED)


def test_a_start_makes_the_catalogue_whole(engine: Engine, superuser: sa.Engine) -> None:
    QUERY.store().result(timeout=30)
    with superuser.begin() as connection:
        sa.Table(day(1).table_name, sa.MetaData(), schema="cache").drop(connection)
        connection.exec_driver_sql(f"CREATE TABLE cache.{day(3).table_name} (a integer)")
        connection.exec_driver_sql(f"ALTER TABLE cache.{day(3).table_name} OWNER TO flowmachine")
    engine.states.client.flushall()
    engine.reconcile()
    assert tables(superuser) == catalogued(superuser) == {QUERY.query_id, ADMIN3.query_id}
    assert engine.states.read([QUERY.query_id])[0].state is QueryState.COMPLETED
    assert engine.submit(day(3)).future.result(timeout=30).is_stored


def test_databases_that_share_a_redis_do_not_see_each_other(engine: Engine) -> None:
    elsewhere = States(engine.states.client, "another-database")
    elsewhere.queue(["a" * 32])
    assert engine.states.read(["a" * 32])[0].state is QueryState.KNOWN
    elsewhere.close()


def test_every_key_in_redis_expires(engine: Engine) -> None:
    QUERY.store().result(timeout=30)
    client = engine.states.client
    keys = list(client.scan_iter())
    assert len(keys) >= 3
    assert [key for key in keys if client.ttl(key) < 0] == []


def test_a_released_query_is_an_orphan_until_somebody_takes_it(engine: Engine, other: Engine) -> None:
    engine.states.queue([QUERY.query_id])
    assert not other.record(QUERY).orphaned
    engine.states.release([QUERY.query_id])
    assert other.record(QUERY).orphaned
    assert other.submit(QUERY).future.result(timeout=30).is_stored
    assert not engine.record(QUERY).orphaned


def test_observers_are_told_how_results_came_about(engine: Engine) -> None:
    endings: list[Ending] = []
    engine.observers.append(endings.append)
    for _ in range(2):
        engine.submit(QUERY).future.result(timeout=30)
    found = [(ending.kind, ending.outcome) for ending in endings]
    assert found[0] == ("SpatialAggregate", Outcome.MISS)
    assert sorted(found[1:-1]) == [
        ("AdminSpatialUnit", Outcome.COMPLETED),
        ("LastLocation", Outcome.COMPLETED),
        ("SpatialAggregate", Outcome.COMPLETED),
    ]
    assert found[-1] == ("SpatialAggregate", Outcome.HIT)


def test_a_state_machine_goes_as_the_table_of_transitions_says(engine: Engine) -> None:
    client, db_id = engine.states.client, engine.connection.conn_id
    machine = QueryStateMachine(client, "a" * 32, db_id)
    assert machine.is_known
    path: list[tuple[str, bool]] = []
    for event in (
        "execute", "queue", "queue", "execute", "finish", "cancel", "reset", "finish_resetting",
        "queue", "cancel", "reset", "finish_resetting", "queue", "execute", "error", "finish",
    ):  # fmt: skip
        state, changed = QueryStateMachine(client, "a" * 32, db_id).trigger_event(event)
        path.append((state.value, changed))
    assert path == [
        ("known", False), ("queued", True), ("queued", False), ("executing", True), ("completed", True),
        ("completed", False), ("resetting", True), ("known", True), ("queued", True), ("cancelled", True),
        ("resetting", True), ("known", True), ("queued", True), ("executing", True), ("errored", True),
        ("errored", False),
    ]  # fmt: skip
    assert (machine.is_errored, machine.is_finished_executing, machine.is_completed) == (True, True, False)
    machine.wait_until_complete()


def test_a_state_machine_cancels_and_waits_for_what_runs_elsewhere(
    engine: Engine, superuser: sa.Engine, held_up: sa.Connection
) -> None:
    run = engine.submit(ADMIN3)
    wait_for(lambda: waiting_statements(superuser))
    machine = QueryStateMachine(engine.states.client, ADMIN3.query_id, engine.connection.conn_id)
    assert machine.is_executing
    assert machine.cancel() == (QueryState.CANCELLED, True)
    machine.wait_until_complete()
    with pytest.raises(QueryCancelledError):
        run.future.result(timeout=10)


def test_a_query_that_is_accepted_again_is_recorded_again(
    engine: Engine, other: Engine, superuser: sa.Engine, held_up: sa.Connection
) -> None:
    # Else nobody would know of it once this process has died: it waited for another one, whose record went.
    other.submit(ADMIN3)
    wait_for(lambda: waiting_statements(superuser))
    engine.submit(ADMIN3)
    other.states._disown([ADMIN3.query_id])  # it renews no more, as if it were dead
    engine.states.client.flushall()
    run = engine.submit(ADMIN3)
    assert other.states.read([ADMIN3.query_id])[0].state.in_flight
    held_up.rollback()
    assert run.future.result(timeout=30).is_stored


def test_what_was_queued_for_a_task_that_had_ended_is_given_up(
    engine: Engine, superuser: sa.Engine, held_up: sa.Connection
) -> None:
    # As when it fails at the moment at which it is accepted again: whoever polls next takes it over.
    task = engine.submit(ADMIN3)._tasks[-1]
    wait_for(
        lambda: waiting_statements(superuser)
    )  # else its own thread, which comes later, would queue it again
    engine.scheduler._end(task, QueryCancelledError(ADMIN3.query_id))
    assert engine.states.read([ADMIN3.query_id])[0].orphaned


def test_an_input_given_up_when_somebody_comes_to_need_it_is_made_again(
    engine: Engine, superuser: sa.Engine, held_up: sa.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.submit(QUERY)
    wait_for(lambda: waiting_statements(superuser))
    queue = engine.scheduler.queue

    def cancel_meanwhile(ids):
        monkeypatch.setattr(engine.scheduler, "queue", queue)
        queue(ids)
        engine.cancel(QUERY.query_id)

    monkeypatch.setattr(engine.scheduler, "queue", cancel_meanwhile)
    run = engine.submit(SpatialAggregate(locations=ModalLocation(day(1), day(2))))
    held_up.rollback()
    assert run.future.result(timeout=30).is_stored
