"""The roles of FlowDB's clients and exactly what each may do; applied again at every start."""

from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812
from psycopg2.extensions import encrypt_password

from flowdb.settings import DATABASE, FLOWMACHINE_ROLE, ServerSettings

READ_ONLY = ("events", "dfs", "infrastructure", "routing", "interactions", "etl")
WRITABLE = ("cache", "geography", "population", "elevation")
# Records of the cache are for FlowMachine alone: they tell who asked what.
CACHE_RECORDS = ("cached", "dependencies", "cache_config", "accepted")


def set_password(connection: Connection, role: str, password: str) -> None:
    """Make a login role if there is none, and give it a password.

    Only the SCRAM verifier is sent: the password itself can reach neither the server nor its log.
    """
    verifier = encrypt_password(password, role, scope=connection, algorithm="scram-sha-256")
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,))
        verb = "ALTER" if cursor.fetchone() else "CREATE"
        cursor.execute(
            sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(
                sql.SQL(verb), sql.Identifier(role), sql.Literal(verifier)
            )
        )


def apply_roles(connection: Connection, settings: ServerSettings) -> None:
    """Make the roles, set their passwords and grant what they may do, in one transaction."""
    set_password(connection, settings.flowapi_user, settings.flowapi_password.get_secret_value())
    set_password(connection, settings.flowmachine_user, settings.flowmachine_password.get_secret_value())
    if settings.flowmachine_user != FLOWMACHINE_ROLE:
        _log_in_on_behalf(connection, settings.flowmachine_user)
    names = {
        "database": sql.Identifier(DATABASE),
        "superuser": sql.Identifier(settings.superuser),
        "flowmachine": sql.Identifier(FLOWMACHINE_ROLE),
        "api": sql.Identifier(settings.flowapi_user),
    }
    grants = [(statement, "public") for statement in _DATABASE_GRANTS]
    grants += [(statement, schema) for schema in WRITABLE for statement in _WRITABLE_GRANTS]
    grants += [(statement, schema) for schema in READ_ONLY for statement in _READ_ONLY_GRANTS]
    grants += [(statement, "cache") for statement in _API_GRANTS]
    with connection.cursor() as cursor:
        for statement, schema in grants:
            cursor.execute(sql.SQL(statement).format(schema=sql.Identifier(schema), **names))
        for table in CACHE_RECORDS:
            cursor.execute("SELECT to_regclass(%s)", (f"cache.{table}",))
            if cursor.fetchone() == (None,):  # of a later revision than the database is to have
                continue
            cursor.execute(
                sql.SQL("REVOKE ALL ON {} FROM {}").format(sql.Identifier("cache", table), names["api"])
            )


def _log_in_on_behalf(connection: Connection, user: str) -> None:
    """Let a user of another name act as the role that owns the cached results."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (FLOWMACHINE_ROLE,))
        names = {"user": sql.Identifier(user), "role": sql.Identifier(FLOWMACHINE_ROLE)}
        if cursor.fetchone() is None:
            cursor.execute(sql.SQL("CREATE ROLE {role} NOLOGIN").format(**names))
        cursor.execute(sql.SQL("GRANT {role} TO {user}").format(**names))
        cursor.execute(sql.SQL("ALTER ROLE {user} SET role = {role}").format(**names))


_DATABASE_GRANTS = [
    "REVOKE CONNECT ON DATABASE {database} FROM PUBLIC",
    "GRANT CONNECT, CREATE ON DATABASE {database} TO {flowmachine}, {api}",
    # Analysts and both roles make their own tables in public, as PostgreSQL before 15 allowed.
    "GRANT USAGE, CREATE ON SCHEMA public TO PUBLIC",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {superuser} IN SCHEMA public GRANT SELECT ON TABLES TO PUBLIC",
]
_WRITABLE_GRANTS = [
    "GRANT USAGE, CREATE ON SCHEMA {schema} TO {flowmachine}",
    "GRANT ALL ON ALL TABLES IN SCHEMA {schema} TO {flowmachine}",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {superuser} IN SCHEMA {schema} GRANT ALL ON TABLES TO {flowmachine}",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {flowmachine} IN SCHEMA {schema} GRANT ALL ON TABLES TO {flowmachine}",
]
_READ_ONLY_GRANTS = [
    "GRANT USAGE ON SCHEMA {schema} TO {flowmachine}",
    "GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {flowmachine}",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {superuser} IN SCHEMA {schema} "
    "GRANT SELECT ON TABLES TO {flowmachine}",
    # Those that are there too: whether a table came before or after the roles must make no difference.
    "GRANT SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {flowmachine}",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {superuser} IN SCHEMA {schema} "
    "GRANT SELECT ON SEQUENCES TO {flowmachine}",
]
_API_GRANTS = [
    "GRANT USAGE, SELECT, UPDATE ON SEQUENCE cache.cache_touches TO {flowmachine}",
    "GRANT USAGE ON SCHEMA cache, geography TO {api}",
    "GRANT SELECT ON ALL TABLES IN SCHEMA cache, geography TO {api}",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {superuser} IN SCHEMA cache GRANT SELECT ON TABLES TO {api}",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {flowmachine} IN SCHEMA cache GRANT SELECT ON TABLES TO {api}",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {superuser} IN SCHEMA geography GRANT SELECT ON TABLES TO {api}",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {flowmachine} IN SCHEMA geography GRANT SELECT ON TABLES TO {api}",
]
