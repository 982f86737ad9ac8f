"""What FlowDB itself sees, whatever FlowMachine believes: executions that overlap, tables without rows.

An event trigger runs before each ``CREATE TABLE ... AS`` of a result and tries to take an advisory lock
of its own, named after the result, until the transaction ends. If somebody else has it, two sessions are
executing the same query at once; as the lock is FlowDB's, it ends exactly when the session's work does, even
if the server that wanted the result was killed long before. What is found goes to the server's log, which
no rollback and no crash undoes. The trigger knows nothing of FlowMachine's own locks and states. It also
stretches each execution a little, so that kills fall into it.

A second trigger journals the rows of ``cache.cached`` that come and go, with their transaction.
"""

import datetime as dt
import threading
from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa

from flowmachine.core.catalogue import CACHED, HAS_TABLE, TABLES
from flowmachine.core.eviction import RESULT_NAME

_OVERLAP = "executed twice at once: "
_PROBE = """
CREATE SCHEMA probe;
CREATE TABLE probe.journal (query_id text, stored boolean, at timestamptz DEFAULT clock_timestamp());
CREATE FUNCTION probe.journal() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO probe.journal (query_id, stored)
    VALUES (coalesce(NEW.query_id, OLD.query_id), TG_OP = 'INSERT');
    RETURN NULL;
END $$;
CREATE TRIGGER journal AFTER INSERT OR DELETE ON cache.cached
FOR EACH ROW EXECUTE FUNCTION probe.journal();
CREATE FUNCTION probe.executing() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    id text := substring(current_query() from 'CREATE TABLE cache\\.x([0-9a-f]{32}) AS');
BEGIN
    IF id IS NULL THEN RETURN; END IF;
    IF NOT pg_try_advisory_xact_lock(hashtextextended('probe ' || id, 0)) THEN
        RAISE LOG 'executed twice at once: %', id;
    END IF;
    PERFORM pg_sleep(random() * 0.1);
END $$;
CREATE EVENT TRIGGER executing ON ddl_command_start WHEN TAG IN ('CREATE TABLE AS')
EXECUTE FUNCTION probe.executing();
"""
_JOURNAL = sa.table("journal", *map(sa.column, ("query_id", "stored", "at")), schema="probe")


class Probe:
    """The look at FlowDB from outside.

    Parameters
    ----------
    superuser : sqlalchemy.Engine
    log : pathlib.Path
        The log of the PostgreSQL server.
    """

    def __init__(self, superuser: sa.Engine, log: Path) -> None:
        self._superuser = superuser
        self._log = log
        self._seen = 0

    def install(self) -> None:
        with self._superuser.begin() as connection:
            # Without parameters the driver leaves percent signs alone.
            connection.execution_options(no_parameters=True).exec_driver_sql(_PROBE)
        self._prove()

    def _prove(self) -> None:
        """See that executions at once are found, and that those one after the other are not."""
        id_ = "0123456789abcdef" * 2

        def execute() -> None:
            with self._superuser.connect() as connection:
                connection.exec_driver_sql(
                    "CREATE TABLE cache.x0123456789abcdef0123456789abcdef AS SELECT pg_sleep(0.5)::text"
                )
                connection.rollback()

        execute()
        execute()
        assert self.overlaps() == []
        both = [threading.Thread(target=execute) for _ in range(2)]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
        assert self.overlaps() == [id_]

    def overlaps(self) -> list[str]:
        """Return the queries that were found executed twice at once since the last call."""
        lines = self._log.read_text(errors="replace").splitlines()
        new, self._seen = lines[self._seen :], len(lines)
        return [line.rpartition(_OVERLAP)[2].strip() for line in new if _OVERLAP in line]

    def disagreements(self) -> list[str]:
        """Return the results that have a row or a table alone, in one statement and so at one moment."""
        tables = (
            sa.select(TABLES.c.tablename)
            .where(TABLES.c.schemaname == "cache", TABLES.c.tablename.regexp_match(RESULT_NAME))
            .subquery()
        )
        rows = sa.select(CACHED.c.tablename).where(~sa.exists().where(HAS_TABLE))
        lonely = sa.select(tables.c.tablename).where(
            ~sa.exists().where(CACHED.c.tablename == tables.c.tablename, CACHED.c.schema == "cache")
        )
        with self._superuser.connect() as connection:
            return sorted(connection.execute(rows.union(lonely)).scalars())

    def dropped_since(self, query_id: str, moment: dt.datetime) -> bool:
        """Tell whether a stored result has been dropped since a moment."""
        dropped = sa.select(sa.func.count()).where(
            _JOURNAL.c.query_id == query_id, ~_JOURNAL.c.stored, _JOURNAL.c.at >= moment
        )
        with self._superuser.connect() as connection:
            return connection.execute(dropped).scalar_one() > 0

    def stored_so_far(self) -> int:
        """Count the results that have been stored."""
        with self._superuser.connect() as connection:
            return connection.execute(sa.select(sa.func.count()).where(_JOURNAL.c.stored)).scalar_one()

    def at_work(self) -> bool:
        """Tell whether a session of FlowMachine is in a transaction."""
        activity = sa.table(
            "pg_stat_activity", *map(sa.column, ("usename", "xact_start")), schema="pg_catalog"
        )
        busy = sa.select(sa.func.count()).where(
            activity.c.usename == "flowmachine", activity.c.xact_start.is_not(None)
        )
        with self._superuser.connect() as connection:
            return connection.execute(busy).scalar_one() > 0

    def contents(self) -> dict[str, list[str]]:
        """Return the rows of every stored result, in the order of their texts."""
        found: dict[str, list[str]] = {}
        with self._superuser.connect() as connection:
            for name in connection.execute(sa.select(CACHED.c.tablename)).scalars().all():
                table = sa.table(name, schema="cache")
                found[name] = as_texts(connection.execute(sa.select(sa.text("*")).select_from(table)).all())
        return found


def as_texts(rows: Sequence[sa.Row]) -> list[str]:
    """Return rows in an order and a form that can be compared."""
    return sorted(str(tuple(row)) for row in rows)
