"""What is brought up to date inside the database at every start: extensions, schema, facts, roles."""

import logging

from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812

from flowdb.config import Machine, default_cache_size
from flowdb.database import connect
from flowdb.extensions import FLOWDB_ONLY, create_extensions
from flowdb.roles import apply_roles
from flowdb.settings import DATABASE, ServerSettings
from flowdb.template import TEMPLATE_DATABASE, create_template

LOG = logging.getLogger(__name__)
# Two programs that migrate at the same time take turns on this lock.
_MIGRATION_LOCK = 4_356_932


def create_database(settings: ServerSettings, host: str | None = None) -> None:
    """Make the database if it is not there, as a copy of the template database: that is quickest."""
    create_template(settings, host)
    with connect(settings, host, "postgres", autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,))
        if cursor.fetchone() is None:
            cursor.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                    sql.Identifier(DATABASE), sql.Identifier(TEMPLATE_DATABASE)
                )
            )


def migrate(settings: ServerSettings, host: str | None = None, revision: str = "head") -> None:
    """Bring extensions, schema, recorded facts and roles to this release; safe to repeat.

    Each part is one transaction: after an interruption the next call does what is left.

    Parameters
    ----------
    settings
        What the server reads at its start.
    host
        Where to connect instead of the host in the settings, such as the directory of the socket.
    revision
        The revision of the schema, if not the latest.
    """
    # Half a second of loading that commands which do not migrate, such as the health check, are spared.
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import text

    from flowdb.engines import engine
    from flowdb.migrations import DIRECTORY

    with engine(settings, host).connect() as migrating:
        # Of the session: it goes with the connection, and with the program that is killed.
        migrating.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _MIGRATION_LOCK})
        migrating.commit()
        create_template(settings, host)
        with connect(settings, host) as connection:
            create_extensions(connection, FLOWDB_ONLY)
        config = Config()
        config.set_main_option("script_location", str(DIRECTORY).replace("%", "%%"))
        config.attributes["connection"] = migrating
        command.upgrade(config, revision)
        migrating.commit()
        with connect(settings, host) as connection:
            _record_facts(connection, settings)
            apply_roles(connection, settings)
    LOG.info("schema and roles are those of release %s", settings.version)


def _record_facts(connection: Connection, settings: ServerSettings) -> None:
    """Write what the environment says into the tables that the functions of FlowDB read."""
    with connection.cursor() as cursor:
        # One row only: clients take the first.
        cursor.execute("DELETE FROM public.flowdb_version WHERE version <> %s", (settings.version,))
        cursor.execute(
            "INSERT INTO public.flowdb_version (version, release_date, updated) VALUES (%s, %s, %s) "
            "ON CONFLICT (version) DO UPDATE SET updated = true, release_date = excluded.release_date",
            (settings.version, settings.release_date, cursor.rowcount > 0),
        )
        cursor.execute(
            "DELETE FROM public.location_table WHERE location_table <> %s", (settings.location_table,)
        )
        cursor.execute(
            "INSERT INTO public.location_table (location_table, changed) VALUES (%s, %s) "
            "ON CONFLICT (location_table) DO UPDATE SET changed = true",
            (settings.location_table, cursor.rowcount > 0),
        )
        wanted = {
            "cache_size": settings.cache_size,
            "half_life": settings.cache_half_life,
            "cache_protected_period": settings.cache_protected_period,
        }
        for key, value in wanted.items():
            # A value that no variable sets may have been set through FlowMachine: it stays.
            if value is not None:
                # Text, and as the default is written: 1000, not 1000.0.
                text = repr(value).removesuffix(".0")
                cursor.execute("UPDATE cache.cache_config SET value = %s WHERE key = %s", (text, key))
        cursor.execute(
            "UPDATE cache.cache_config SET value = %s WHERE key = 'cache_size' AND value IS NULL",
            (str(default_cache_size(Machine.here(settings.data_directory))),),
        )
