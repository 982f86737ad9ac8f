"""Connections to FlowDB."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812

from flowdb.settings import DATABASE, ConnectionSettings


@contextmanager
def connect(
    settings: ConnectionSettings,
    host: str | None = None,
    database: str = DATABASE,
    timeout: int = 10,
    autocommit: bool = False,
) -> Iterator[Connection]:
    """Open a plain driver connection for one transaction: committed at the end, rolled back on errors."""
    opened = psycopg2.connect(
        host=host or settings.host,
        port=settings.port,
        user=settings.superuser,
        password=settings.superuser_password.get_secret_value(),
        dbname=database,
        application_name="flowdb",
        connect_timeout=timeout,
    )
    try:
        if autocommit:
            opened.autocommit = True
            yield opened
        else:
            with opened:
                yield opened
    finally:
        opened.close()
