"""A small country in a real FlowDB, for the tests that need one."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from hypothesis import settings

from flowdb.testing import RunningFlowDB
from tests.country import DAYS, make_country

# How long an example takes says something of the machine, not of the code.
settings.register_profile("flowkit", deadline=None)
settings.load_profile("flowkit")


@pytest.fixture(scope="session")
def superuser(flowdb_cluster: RunningFlowDB) -> Iterator[sa.Engine]:
    """Yield an engine connected as the superuser, with the country loaded."""
    engine = sa.create_engine(flowdb_cluster.dsn().replace("postgresql://", "postgresql+psycopg2://"))
    make_country(engine, DAYS)
    yield engine
    engine.dispose()
