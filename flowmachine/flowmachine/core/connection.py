"""The connection to FlowDB: one pool for statements that run long, one for quick look-ups."""

import hashlib
import select
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Engine

from flowmachine.core.errors import MissingCheckError
from flowmachine.core.inventory import Inventory
from flowmachine.core.unless_stored import prepare_session

__all__ = ["Connection", "MissingCheckError"]

_DRIVER = "postgresql+psycopg2"


def execute_as_it_is(cursor: Any, statement: str, parameters: Any, context: Any) -> bool:
    """Hand a finished statement to the driver without parameters; tell whether this was one.

    Given any, even none, the driver would look for their places at every percent sign in a value.
    """
    if parameters or context is None or context.compiled is not None:
        return False
    cursor.execute(statement)
    return True


def refuse_ended(connection: Any, *_: Any) -> None:
    """Have a pooled connection replaced that FlowDB has ended meanwhile.

    Nothing is to be read from an idle connection but its end; to look for that asks nobody.
    """
    looking = select.poll()
    if not connection.closed:
        looking.register(connection, select.POLLIN)
    if connection.closed or looking.poll(0):
        raise sa.exc.DisconnectionError("FlowDB has ended the connection.")


class Connection(Inventory):
    """A FlowDB and the user that FlowMachine connects as.

    Parameters
    ----------
    host, port, user, password : where FlowDB is and who connects
    database : str, default "flowdb"
    conn_str : str, optional
        All of these as one address, ``postgresql://user:password@host:port/database``, instead.
    pool_size : int, default 5
        How many result tables are made at the same time.
    overflow : int, default 1
        How many connections more may be opened when all are in use.

    Attributes
    ----------
    engine : sqlalchemy.Engine
        Of the pool for statements that run long.
    conn_id : str
        Names this database in Redis, so that one Redis can serve several.

    Raises
    ------
    ValueError
        If a part of the address is missing.

    Notes
    -----
    Look-ups (what is stored, which days exist) have a small pool of their own, so that they never
    wait behind the statements that make results. Making a connection opens nothing.
    """

    def __init__(
        self,
        *,
        host: str | None = None,
        port: int | None = None,
        user: str | None = None,
        password: str | None = None,
        database: str = "flowdb",
        pool_size: int = 5,
        overflow: int = 1,
        conn_str: str | None = None,
    ) -> None:
        if conn_str is not None:
            self._url = sa.make_url(conn_str).set(drivername=_DRIVER)
        else:
            self._url = sa.URL.create(_DRIVER, user, password, host, port, database)
        url = self._url
        parts = {"host": url.host, "port": url.port, "user": url.username, "password": url.password}
        if missing := [name for name, part in parts.items() if part in (None, "")]:
            raise ValueError(f"The address of FlowDB lacks {', '.join(missing)}.")
        self.host, self.port, self.user, self.database = url.host, url.port, url.username, url.database
        self.pool_size, self.max_connections = pool_size, pool_size + overflow
        named = f"{self.host}{self.port}{self.database}".encode()
        self.conn_id = hashlib.md5(named, usedforsecurity=False).hexdigest()
        self.engine = self._make_engine(pool_size, overflow)
        sa.event.listen(self.engine, "connect", prepare_session)
        self.lookups = self._make_engine(2, 3)  # one is for pins

    def _make_engine(self, pool_size: int, overflow: int) -> Engine:
        options = {
            "application_name": "flowmachine",
            "options": "-c timezone=UTC",
            "connect_timeout": 10,
            "keepalives_idle": 60,  # tells of a host that has gone without a word
        }
        engine = sa.create_engine(self._url, pool_size=pool_size, max_overflow=overflow, connect_args=options)
        sa.event.listen(engine, "do_execute", execute_as_it_is)
        sa.event.listen(engine, "checkout", refuse_ended)
        return engine

    @contextmanager
    def making(self) -> Iterator[sa.Connection]:
        """Yield a connection of the pool on which every statement is a transaction of its own."""
        with self.engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            driver.autocommit = True  # SQLAlchemy's option for that asks the server to set and reset it
            try:
                yield connection
            finally:
                if not driver.closed:
                    driver.autocommit = False

    def fetch(self, query: str) -> list[tuple[Any, ...]]:
        """Run a statement in SQL of one's own, in a transaction, and return its rows, if it has some."""
        with self.engine.begin() as connection:
            found = connection.exec_driver_sql(query)
            return [tuple(row) for row in found] if found.returns_rows else []

    def ping(self) -> None:
        """Return if FlowDB answers, else raise."""
        with self.lookups.connect() as connection:
            connection.execute(sa.select(1))

    def close(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()
        self.lookups.dispose()

    def __repr__(self) -> str:
        return f"<FlowDB {self.user}@{self.host}:{self.port}/{self.database}>"
