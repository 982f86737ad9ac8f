"""What a server that answers says about itself and what it holds."""

from typing import Any

from psycopg2.extensions import connection as Connection  # noqa: N812


def answering(connection: Connection) -> dict[str, object]:
    """Ask a server that answers what it is."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT version, release_date FROM flowdb_version()")
        version, released = cursor.fetchone() or (None, None)
        cursor.execute("SELECT current_setting('server_version')")
        (server,) = cursor.fetchone() or (None,)
    return {"version": version, "release_date": str(released), "postgresql": server}


def holdings(connection: Connection) -> dict[str, object]:
    """Ask what an operator wants to know of a running database; takes longer than a health check may.

    Returns
    -------
    dict
        ``started`` and ``uptime_seconds``; ``database_bytes``; ``days``, for each type of event the number of
        loaded days, the oldest and the newest; ``newest_day``; ``cache``, the stored results, their bytes
        and the bytes they may take; ``schema_revision``, ``newest_revision`` and ``migration_needed``.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_postmaster_start_time(), "
            "extract(epoch FROM now() - pg_postmaster_start_time())::bigint, "
            "pg_database_size(current_database())"
        )
        started, uptime, size = _row(cursor.fetchone())
        cursor.execute(
            "SELECT cdr_type, count(*), min(cdr_date), max(cdr_date) FROM etl.available_dates "
            "GROUP BY cdr_type ORDER BY cdr_type"
        )
        days = cursor.fetchall()
        cursor.execute(
            "SELECT count(*), coalesce(sum(table_size(tablename, schema)), 0)::bigint, cache_max_size() "
            "FROM cache.cached WHERE class IS DISTINCT FROM 'Table' AND class IS DISTINCT FROM 'GeoTable'"
        )
        results, used, limit = _row(cursor.fetchone())
        cursor.execute("SELECT version_num FROM public.alembic_version")
        (revision,) = cursor.fetchone() or (None,)
    newest = newest_revision()
    return {
        "started": started.isoformat(),
        "uptime_seconds": uptime,
        "database_bytes": size,
        "days": {
            kind: {"loaded": count, "oldest": str(first), "newest": str(last)}
            for kind, count, first, last in days
        },
        "newest_day": str(max(last for *_, last in days)) if days else None,
        "cache": {"results": results, "bytes": used, "limit_bytes": limit},
        "schema_revision": revision,
        "newest_revision": newest,
        "migration_needed": revision != newest,
    }


def _row(found: tuple[Any, ...] | None) -> tuple[Any, ...]:
    if found is None:
        raise AssertionError("an aggregate returns a row")
    return found


def newest_revision() -> str | None:
    """Return the migration that this release ends with."""
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    from flowdb.migrations import DIRECTORY

    config = Config()
    config.set_main_option("script_location", str(DIRECTORY).replace("%", "%%"))
    return ScriptDirectory.from_config(config).get_current_head()
