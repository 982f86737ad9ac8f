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


class ExtensionError(FlowDBError):
    """An extension FlowDB cannot do without is not installed on this machine."""


def create_extensions(connection: Connection) -> None:
    """Create the extensions that are not there yet, and the server through which FlowETL reads files.

    Raises
    ------
    ExtensionError
        Naming the extensions that are needed and not installed.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, installed_version IS NOT NULL FROM pg_available_extensions")
        available: dict[str, bool] = dict(cursor.fetchall())
        if missing := [name for name in REQUIRED if name not in available]:
            raise ExtensionError(
                f"PostgreSQL extensions not installed on this machine: {', '.join(missing)} "
                "(packages postgresql-<version>-postgis-3 and postgresql-<version>-pgrouting)."
            )
        for name in (*REQUIRED, *OPTIONAL):
            if available.get(name) is False:
                cursor.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(name)))
        cursor.execute("SELECT 1 FROM pg_foreign_server WHERE srvname = 'csv_fdw'")
        if cursor.fetchone() is None:
            cursor.execute("CREATE SERVER csv_fdw FOREIGN DATA WRAPPER file_fdw")
