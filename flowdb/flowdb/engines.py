"""SQLAlchemy's view of FlowDB, which migrations need."""

from sqlalchemy import URL, Engine, create_engine
from sqlalchemy.pool import NullPool

from flowdb.settings import DATABASE, ConnectionSettings


def url(settings: ConnectionSettings, host: str | None = None, database: str = DATABASE) -> URL:
    """Return the address of a database for the superuser; `host` may be a socket directory."""
    return URL.create(
        "postgresql+psycopg2",
        username=settings.superuser,
        password=settings.superuser_password.get_secret_value(),
        database=database,
        query={"host": host or settings.host, "port": str(settings.port), "application_name": "flowdb"},
    )


def engine(settings: ConnectionSettings, host: str | None = None, database: str = DATABASE) -> Engine:
    """Return an engine that keeps no connection open between uses."""
    return create_engine(url(settings, host, database), poolclass=NullPool)
