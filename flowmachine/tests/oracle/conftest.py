"""Running a query on events that exist for one example only."""

from collections.abc import Callable, Sequence

import pytest
import sqlalchemy as sa

from flowmachine.core.plan import compile_query, survey
from flowmachine.core.query import Query
from tests.country import Event, insert_events
from tests.oracle.cdr import Cdr, insert_cdrs

Rows = list[tuple[object, ...]]
Runner = Callable[[Sequence[Event] | Sequence[Cdr], Query], Rows]


@pytest.fixture(scope="session")
def run(superuser: sa.Engine) -> Runner:
    """Return the function that gives a query's rows over given events; nothing of it stays."""

    def rows(events: Sequence[Event] | Sequence[Cdr], query: Query) -> Rows:
        with superuser.connect() as connection, connection.begin() as transaction:
            if events and isinstance(events[0], Cdr):
                insert_cdrs(connection, events)
            else:
                insert_events(connection, events)
            facts, _ = survey(connection, query)
            found = connection.exec_driver_sql(compile_query(query, facts, ()).text)
            assert list(found.keys()) == query.column_names
            result = [tuple(row) for row in found]
            transaction.rollback()
        return result

    return rows
