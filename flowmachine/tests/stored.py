"""What is stored, seen from outside, and small queries to store."""

import sqlalchemy as sa

from flowmachine.core import Query, catalogue, make_spatial_unit
from flowmachine.features import daily_location

ADMIN3 = make_spatial_unit("admin", level=3)


def day(number: int, method: str = "last"):
    """Return where subscribers were on a day of January 2016."""
    return daily_location(f"2016-01-0{number}", spatial_unit=ADMIN3, method=method)


def rows(query: Query) -> list[tuple[object, ...]]:
    """Return the rows of a query, in order."""
    return sorted(query.get_dataframe().itertuples(index=False, name=None))


def tables(superuser: sa.Engine) -> set[str]:
    """Return the ids of the results whose tables exist."""
    names = sa.inspect(superuser).get_table_names(schema="cache")
    return {name.removeprefix("x") for name in names if name.startswith("x")}


def catalogued(superuser: sa.Engine) -> set[str]:
    """Return the ids of the results that have a record."""
    with superuser.connect() as connection:
        return set(connection.execute(sa.select(catalogue.CACHED.c.query_id)).scalars())
