"""Loading phone models: added and updated by their type allocation code (TAC)."""

from dataclasses import dataclass

from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812

from flowdb.infrastructure.copying import copy_rows
from flowdb.infrastructure.source import (
    PARSERS,
    InfrastructureError,
    Table,
    parse_column,
    parse_count,
    refuse,
)
from flowdb.results import forget_results

_DIGITS = 8
_TABLE = sql.Identifier("infrastructure", "tacs")
_WANTED = sql.Identifier("wanted_tacs")


@dataclass(frozen=True)
class LoadedTacs:
    """How many phone models were added, changed and left, what columns had no place, what was forgotten."""

    added: int
    changed: int
    unchanged: int
    ignored: list[str]
    forgotten_results: int


def parse_tac(text: str) -> int:
    """Read a TAC; numbers may have lost leading zeros or gained ``.0``."""
    try:
        number = parse_count(text)
    except ValueError:
        number = 0
    if not 0 < number < 10**_DIGITS:
        raise ValueError(f"is no TAC: it has up to {_DIGITS} digits, the first of an IMEI")
    return number


def load_tacs(connection: Connection, table: Table, fields: dict[str, str]) -> LoadedTacs:
    """Add and update phone models, in the caller's transaction; columns the file lacks stay as they are.

    Raises
    ------
    InfrastructureError
        Naming the line that cannot be right.
    """
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE infrastructure.tacs IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute(
            "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute "
            "WHERE attrelid = 'infrastructure.tacs'::regclass AND attnum > 0 AND NOT attisdropped "
            "ORDER BY attnum"
        )
        types = dict(cursor.fetchall())
        if unknown := sorted(fields.keys() - types.keys()):
            raise InfrastructureError(f"Unknown field '{unknown[0]}': there are {', '.join(types)}.")
        named = {"id": table.required("id", fields)}
        named |= {name: found for name in types if (found := table.column(name, fields)) is not None}
        values = {"id": parse_column(table, named["id"], parse_tac, needed=True)}
        seen: dict[object, int] = {}
        problems = []
        for tac, line in zip(values["id"], table.lines, strict=True):
            if (first := seen.setdefault(tac, line)) != line:
                problems.append(f"{table.unit} {line}: TAC {tac} is there a second time (first on {first})")
        refuse(table, problems)
        values |= {
            name: parse_column(table, column, PARSERS[types[name]])
            for name, column in named.items()
            if name != "id"
        }
        names = list(values)
        columns = sql.SQL(", ").join(map(sql.Identifier, names))
        cursor.execute(
            sql.SQL("CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA").format(
                _WANTED, columns, _TABLE
            )
        )
        copy_rows(cursor, _WANTED, zip(*values.values(), strict=True))
        cursor.execute(_upsert(names, columns))
        added, changed = cursor.fetchone() or (0, 0)
        cursor.execute("ANALYZE infrastructure.tacs")
    forgotten = forget_results(connection) if added or changed else 0
    ignored = [column for column in table.columns if column not in named.values()]
    return LoadedTacs(added, changed, len(table.rows) - added - changed, ignored, forgotten)


def _upsert(names: list[str], columns: sql.Composable) -> sql.Composable:
    others = [sql.Identifier(name) for name in names if name != "id"]
    if not others:
        action: sql.Composable = sql.SQL("NOTHING")
    else:
        action = sql.SQL("UPDATE SET {} WHERE ({}) IS DISTINCT FROM ({})").format(
            sql.SQL(", ").join(sql.SQL("{0} = excluded.{0}").format(name) for name in others),
            sql.SQL(", ").join(sql.SQL("stored.{}").format(name) for name in others),
            sql.SQL(", ").join(sql.SQL("excluded.{}").format(name) for name in others),
        )
    # A row that was updated carries the transaction that locked it; a new one does not.
    return sql.SQL(
        "WITH written AS (INSERT INTO {} AS stored ({}) SELECT {} FROM {} "
        "ON CONFLICT (id) DO {} RETURNING xmax = 0 AS is_new) "
        "SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM written"
    ).format(_TABLE, columns, columns, _WANTED, action)
