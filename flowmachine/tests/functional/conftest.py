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
from tests.country import DAYS


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


def empty_cache(superuser: sa.Engine) -> None:
    """Drop every stored result, and what was accepted."""
    with superuser.begin() as connection:
        names = sa.inspect(connection).get_table_names(schema="cache")
        for name in names:
            if name.startswith("x"):
                sa.Table(name, sa.MetaData(), schema="cache").drop(connection)
        for records in ("cached", "accepted"):
            connection.execute(sa.delete(sa.table(records, schema="cache")))


@pytest.fixture(scope="session")
def days() -> list[dt.date]:
    """Return the days that have data."""
    return DAYS
