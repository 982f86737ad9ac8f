"""The extensions of FlowDB: those it needs, and those it offers where they are packaged."""

from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812

from flowdb.errors import FlowDBError

REQUIRED = (
    "postgis",
    "postgis_raster",
    "pgrouting",
    "file_fdw",
    "uuid-ossp",
    "tsm_system_rows",
    "fuzzystrmatch",
    "pg_stat_statements",
)
OPTIONAL = ("postgis_topology", "plpython3u", "pldbgapi", "pg_median_utils", "ogr_fdw", "tds_fdw")
FLOWDB_ONLY = ("oracle_fdw",)
"""What the database itself has where it is installed, and the template for others has not."""


class ExtensionError(FlowDBError):
    """An extension FlowDB cannot do without is not installed on this machine."""


def create_extensions(connection: Connection, also: tuple[str, ...] = ()) -> None:
    """Bring the extensions of a database up to date, and the server through which FlowETL reads files.

    One that is there in an older version, because PostgreSQL's packages were upgraded, is updated.

    Parameters
    ----------
    connection
        A connection of the superuser.
    also
        Extensions beside those that every database has, where they are installed.

    Raises
    ------
    ExtensionError
        Naming the extensions that are needed and not installed.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, default_version, installed_version FROM pg_available_extensions")
        available = {name: (offered, installed) for name, offered, installed in cursor.fetchall()}
        if missing := [name for name in REQUIRED if name not in available]:
            raise ExtensionError(
                f"PostgreSQL extensions not installed on this machine: {', '.join(missing)} "
                "(packages postgresql-<version>-postgis-3 and postgresql-<version>-pgrouting)."
            )
        for name in (*REQUIRED, *OPTIONAL, *also):
            offered, installed = available.get(name, (None, None))
            if offered is not None and installed is None:
                cursor.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(name)))
            elif offered != installed and _leads_to(connection, name, installed, offered):
                cursor.execute(sql.SQL("ALTER EXTENSION {} UPDATE").format(sql.Identifier(name)))
        cursor.execute("SELECT 1 FROM pg_foreign_server WHERE srvname = 'csv_fdw'")
        if cursor.fetchone() is None:
            cursor.execute("CREATE SERVER csv_fdw FOREIGN DATA WRAPPER file_fdw")
        if available.get("postgis_topology"):
            # Its own installation does this too, but a copy of a database has no settings of the original.
            cursor.execute("SELECT topology.AddToSearchPath('topology')")


def _leads_to(connection: Connection, name: str, installed: str, offered: str) -> bool:
    """Say whether an installed version of an extension can be updated to the one that is offered."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT path IS NOT NULL FROM pg_extension_update_paths(%s) WHERE source = %s AND target = %s",
            (name, installed, offered),
        )
        return cursor.fetchone() == (True,)
