"""A small country in FlowDB, and an engine on it."""

import datetime as dt
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from flowdb.testing import RunningFlowDB, RunningRedis
from flowmachine.core.connect import make_engine
from flowmachine.core.context import use_engine
from flowmachine.core.execute import Engine
from flowmachine.core.settings import ConnectionSettings
from tests.country import DAYS, insert_events, random_events


@pytest.fixture(scope="session")
def settings(
    superuser: sa.Engine, flowdb_cluster: RunningFlowDB, redis_server: RunningRedis
) -> ConnectionSettings:
    """Return settings that point at the test services."""
    return ConnectionSettings.model_validate(flowdb_cluster.environment() | redis_server.environment())


@pytest.fixture
def engine(settings: ConnectionSettings, superuser: sa.Engine) -> Iterator[Engine]:
    """Yield an engine with an empty cache; queries of the test use it."""
    engine = make_engine(settings)
    engine.states.client.flushall()
    empty_cache(superuser)
    with use_engine(engine):
        yield engine
    engine.close()


@pytest.fixture(scope="module")
def some_events(superuser: sa.Engine) -> Iterator[None]:
    """Fill calls and sms with some events of a hundred subscribers, for the tests of a module."""
    with superuser.begin() as connection:
        insert_events(connection, random_events(seed=2, number=1000, subscribers=100))
    yield
    with superuser.begin() as connection:
        for kind in ("calls", "sms"):
            connection.execute(sa.delete(sa.table(kind, schema="events")))


def empty_cache(superuser: sa.Engine) -> None:
    """Drop every stored result."""
    with superuser.begin() as connection:
        names = sa.inspect(connection).get_table_names(schema="cache")
        for name in names:
            if name.startswith("x"):
                sa.Table(name, sa.MetaData(), schema="cache").drop(connection)
        connection.execute(sa.delete(sa.table("cached", schema="cache")))


@pytest.fixture(scope="session")
def days() -> list[dt.date]:
    """Return the days that have data."""
    return DAYS
