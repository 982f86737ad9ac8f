"""A small country in a real FlowDB, for the tests that need one."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from flowdb.testing import RunningFlowDB
from tests.country import DAYS, make_country


@pytest.fixture(scope="session")
def superuser(flowdb_cluster: RunningFlowDB) -> Iterator[sa.Engine]:
    """Yield an engine connected as the superuser, with the country loaded."""
    engine = sa.create_engine(flowdb_cluster.dsn().replace("postgresql://", "postgresql+psycopg2://"))
    make_country(engine, DAYS)
    yield engine
    engine.dispose()
