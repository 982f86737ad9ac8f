"""Making a result in one round trip: a function of the session runs the statements, unless that is done.

A transaction of eight statements waits eight times for the network, and a process that dies in between
leaves its locks until the server notices. The function knows nothing of results: what it runs is
written by SQLAlchemy and handed over as values.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

_FUNCTION = """
CREATE FUNCTION pg_temp.run_unless(statements text[], locking text, looking text) RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    found boolean;
    statement text;
BEGIN
    EXECUTE locking;
    EXECUTE looking INTO found;
    IF found THEN
        RETURN false;
    END IF;
    FOREACH statement IN ARRAY statements LOOP
        EXECUTE statement;
    END LOOP;
    RETURN true;
END
$$
"""


def prepare_session(connection: Any, _: Any) -> None:
    """Give a new session the function; it goes with the session."""
    with connection.cursor() as cursor:
        cursor.execute(_FUNCTION)
    connection.commit()


def run_unless(statements: list[str], *, locking: str, looking: str) -> sa.Select[Any]:
    """Return the select that locks, looks, and runs the statements one by one unless it sees true.

    It says whether the statements were run. Outside a transaction, all of it is one.
    """
    texts = sa.literal(statements, postgresql.ARRAY(sa.Text))
    return sa.select(sa.func.pg_temp.run_unless(texts, sa.literal(locking), sa.literal(looking)))
