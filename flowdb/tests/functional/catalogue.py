"""What a database consists of, read from PostgreSQL's catalogue, so that two can be compared."""

from typing import Any

from psycopg2 import sql

# Members of extensions differ between machines, and are not ours.
_OURS = sql.SQL(
    "nspname NOT LIKE 'pg\\_%' AND nspname NOT IN ('information_schema', 'topology') "
    "AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = o.tableoid AND objid = o.oid AND deptype = 'e')"
)
_GRANTS = sql.SQL(
    "(SELECT string_agg(concat_ws(' ', pg_get_userbyid(grantor), 'to', "
    "CASE grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(grantee) END, privilege_type, is_grantable), "
    "', ' ORDER BY pg_get_userbyid(grantor), grantee = 0, pg_get_userbyid(grantee), privilege_type) "
    "FROM aclexplode({}))"
)
_QUERIES = {
    "schemas": "SELECT nspname, pg_get_userbyid(nspowner), {grants} FROM pg_namespace o WHERE {ours}",
    "relations": (
        "SELECT nspname, relname, relkind, pg_get_userbyid(relowner), pg_get_partkeydef(o.oid), "
        "CASE WHEN relkind = 'v' THEN pg_get_viewdef(o.oid) END, obj_description(o.oid, 'pg_class'), "
        "{grants} FROM pg_class o JOIN pg_namespace n ON n.oid = relnamespace "
        "WHERE relkind NOT IN ('i', 'I') AND {ours}"
    ),
    "columns": (
        "SELECT nspname, relname, attnum, attname, format_type(atttypid, atttypmod), attnotnull, "
        "attcollation::regcollation, pg_get_expr(adbin, adrelid) FROM pg_attribute "
        "JOIN pg_class o ON o.oid = attrelid JOIN pg_namespace n ON n.oid = relnamespace "
        "LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum "
        "WHERE attnum > 0 AND NOT attisdropped AND relkind IN ('r', 'p', 'v', 'c') AND {ours}"
    ),
    "indexes": (
        "SELECT nspname, pg_get_indexdef(indexrelid), indisvalid FROM pg_index "
        "JOIN pg_class o ON o.oid = indrelid JOIN pg_namespace n ON n.oid = relnamespace WHERE {ours}"
    ),
    "constraints": (
        "SELECT nspname, conname, conrelid::regclass::text, pg_get_constraintdef(o.oid), convalidated "
        "FROM pg_constraint o JOIN pg_namespace n ON n.oid = connamespace WHERE {ours}"
    ),
    "functions": (
        "SELECT nspname, o.oid::regprocedure::text, pg_get_userbyid(proowner), prokind, "
        "CASE WHEN prokind = 'a' THEN aggtransfn::text || aggfinalfn::text "
        "ELSE pg_get_functiondef(o.oid) END, {grants} FROM pg_proc o "
        "JOIN pg_namespace n ON n.oid = pronamespace LEFT JOIN pg_aggregate ON aggfnoid = o.oid WHERE {ours}"
    ),
    "default privileges": (
        "SELECT pg_get_userbyid(defaclrole), nspname, defaclobjtype, {grants} "
        "FROM pg_default_acl LEFT JOIN pg_namespace n ON n.oid = defaclnamespace"
    ),
    "database": (
        "SELECT datname, {grants}, "
        "array(SELECT unnest(setconfig) FROM pg_db_role_setting WHERE setdatabase = d.oid ORDER BY 1) "
        "FROM pg_database d WHERE datname = current_database()"
    ),
    "extensions": "SELECT extname, extversion FROM pg_extension",
    "foreign servers": (
        "SELECT srvname, fdwname, srvoptions FROM pg_foreign_server "
        "JOIN pg_foreign_data_wrapper w ON w.oid = srvfdw"
    ),
    "revision": "SELECT version_num FROM public.alembic_version",
}
# Where an object has no list of privileges, the built-in defaults hold.
_PRIVILEGES = {
    "schemas": "coalesce(nspacl, acldefault('n', nspowner))",
    "relations": (
        "coalesce(relacl, acldefault(CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::\"char\", relowner))"
    ),
    "functions": "coalesce(proacl, acldefault('f', proowner))",
    "default privileges": "defaclacl",
    "database": "coalesce(datacl, acldefault('d', datdba))",
}


def catalogue(cursor: Any) -> dict[str, list[tuple[str, ...]]]:
    """Return everything FlowDB makes in a database: names, definitions, owners and privileges."""
    found = {}
    for kind, query in _QUERIES.items():
        grants = _GRANTS.format(sql.SQL(_PRIVILEGES.get(kind, "NULL")))
        cursor.execute(sql.SQL(query).format(ours=_OURS, grants=grants))
        found[kind] = sorted(tuple(map(str, row)) for row in cursor.fetchall())
    return found
