"""The database that operators copy to have one of their own with FlowDB's extensions."""

from psycopg2 import sql

from flowdb.database import connect
from flowdb.extensions import create_extensions
from flowdb.settings import ConnectionSettings

TEMPLATE_DATABASE = "template_postgis"
"""Its name, as ``CREATE DATABASE mine TEMPLATE template_postgis`` uses it."""


def create_template(settings: ConnectionSettings, host: str | None = None) -> None:
    """Make the template database and its extensions, or what is missing of them."""
    name = sql.Identifier(TEMPLATE_DATABASE)
    with connect(settings, host, "postgres", autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT datistemplate FROM pg_database WHERE datname = %s", (TEMPLATE_DATABASE,))
        found = cursor.fetchone()
        if found is None:
            cursor.execute(sql.SQL("CREATE DATABASE {}").format(name))
        with connect(settings, host, TEMPLATE_DATABASE) as template:
            create_extensions(template)
        # It counts as a template once it is complete. Nobody but the superuser needs to connect to it.
        if found != (True,):
            cursor.execute(sql.SQL("REVOKE CONNECT ON DATABASE {} FROM PUBLIC").format(name))
            cursor.execute(sql.SQL("ALTER DATABASE {} IS_TEMPLATE true").format(name))
