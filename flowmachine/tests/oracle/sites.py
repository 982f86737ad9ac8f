"""Running a query on sites and events that exist for one example only."""

from collections.abc import Callable, Sequence

import pytest
import sqlalchemy as sa

from flowmachine.core.plan import compile_query, survey
from flowmachine.core.query import Query
from tests.country import Event, insert_events
from tests.oracle.clusters_definitions import SITE_OF_CELL, SITES
from tests.oracle.conftest import Rows

SiteRunner = Callable[..., Rows]
"""Takes a query, and perhaps events and what else is to be done before."""


def insert_sites(connection: sa.Connection) -> None:
    """Insert the sites, and tell of some cells which they belong to."""
    names = ("id", "version", "date_of_first_service", "date_of_last_service", "geom_point")
    sites = sa.table("sites", *map(sa.column, names), schema="infrastructure")
    for *described, lon, lat in SITES:
        point = sa.func.ST_SetSRID(sa.func.ST_MakePoint(lon, lat), 4326)
        connection.execute(sa.insert(sites).values(dict(zip(names, (*described, point), strict=True))))
    cells = sa.table("cells", sa.column("id"), sa.column("site_id"), schema="infrastructure")
    for cell, site in SITE_OF_CELL.items():
        connection.execute(sa.update(cells).where(cells.c.id == cell).values(site_id=site))


@pytest.fixture(scope="session")
def at_sites(superuser: sa.Engine) -> SiteRunner:
    """Return the function that gives a query's rows where there are sites; nothing of it stays."""

    def rows(
        query: Query,
        data: Sequence[Event] = (),
        prepare: Callable[[sa.Connection], object] = insert_sites,
    ) -> Rows:
        with superuser.connect() as connection, connection.begin() as transaction:
            prepare(connection)
            insert_events(connection, data)
            facts, _ = survey(connection, query)
            found = connection.exec_driver_sql(compile_query(query, facts, ()).text)
            assert list(found.keys()) == query.column_names
            result = [tuple(row) for row in found]
            transaction.rollback()
        return result

    return rows
