"""Queries that place subscribers, computed in one statement and from stored inputs."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from flowmachine.core.execute import Engine
from flowmachine.core.query import Query
from tests.country import insert_events, random_events
from tests.families.locating import QUERIES
from tests.stored import catalogued


@pytest.fixture(autouse=True, scope="module")
def events(superuser: sa.Engine) -> Iterator[None]:
    with superuser.begin() as connection:
        insert_events(connection, random_events(seed=5, number=2000, subscribers=150))
    yield
    with superuser.begin() as connection:
        for kind in ("calls", "sms"):
            connection.execute(sa.delete(sa.table(kind, schema="events")))


def rows(query: Query) -> list[str]:
    return sorted(str(row) for row in query.get_dataframe().itertuples(index=False))


@pytest.mark.parametrize("name", sorted(QUERIES))
def test_stored_inputs_give_the_same_result(engine: Engine, superuser: sa.Engine, name: str) -> None:
    query = QUERIES[name]
    in_one_statement = rows(query)
    assert in_one_statement
    query.store().result(timeout=60)
    assert rows(query) == in_one_statement
    assert query.query_id in catalogued(superuser)
    worth_storing = {other.query_id for other in query.dependencies if other.worth_storing}
    assert worth_storing <= catalogued(superuser)
