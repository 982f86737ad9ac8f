"""Bringing the periods of a file into the table of cells or of sites, set by set."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812
from psycopg2.extensions import cursor as Cursor  # noqa: N812

from flowdb.infrastructure.copying import copy_rows
from flowdb.infrastructure.kinds import Kind, attribute_types
from flowdb.infrastructure.periods import Period, Periods
from flowdb.infrastructure.plan import plan
from flowdb.infrastructure.source import InfrastructureError

_SHOWN = 20


@dataclass
class Changes:
    """How many cells or sites a load added, moved, changed, ended and left; the first of them in words."""

    kind: Kind
    added: int = 0
    moved: int = 0
    changed: int = 0
    ended: int = 0
    unchanged: int = 0
    superseded: int = 0
    details: list[str] = field(default_factory=list)

    @property
    def any(self) -> bool:
        """Say whether the load changes the table."""
        return bool(self.added or self.moved or self.changed or self.ended)


def put_wanted(connection: Connection, kind: Kind, periods: Periods) -> None:
    """Copy the periods of a file into a temporary table."""
    types = attribute_types(connection, kind)
    columns = [
        sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(types[name])) for name in periods.attributes
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                "CREATE TEMPORARY TABLE {} (in_line integer, id text COLLATE {}, given_version integer, "
                "first_day date, last_day date, longitude float8, latitude float8, place integer, "
                "is_last boolean {}) ON COMMIT DROP"
            ).format(
                kind.wanted, sql.Identifier("C"), sql.SQL("").join(sql.SQL(", ") + each for each in columns)
            )
        )
        copy_rows(cursor, kind.wanted, [_values(row) for row in periods.rows])
        cursor.execute(sql.SQL("ANALYZE {}").format(kind.wanted))


def _values(row: Period) -> list[object]:
    known = [row.line, row.id, row.version, row.first, row.last, row.longitude, row.latitude]
    return [*known, row.place, row.is_last, *row.attributes]


def merge(
    connection: Connection, kind: Kind, attributes: list[str], valid_from: date, end_missing: bool = False
) -> Changes:
    """Bring the periods in the temporary table into the table, in the caller's transaction.

    What is there and agrees stays. What stands elsewhere or has other attributes than its latest period
    gets a further one with the next version; the latest ends the day before it begins.

    Parameters
    ----------
    connection
        A connection of the superuser.
    kind
        Cells or sites; the periods come from :func:`put_wanted`.
    attributes
        The further columns that the file fills.
    valid_from
        The first day of a new period for which the file gives none that is later than the one before.
    end_missing
        Whether what the file does not hold ends the day before.

    Raises
    ------
    InfrastructureError
        If history would have to be rewritten.
    """
    names = {"table": kind.identifier, "planned": kind.planned}
    with connection.cursor() as cursor:
        plan(cursor, kind, attributes, valid_from)
        cursor.execute(sql.SQL(_END_PREDECESSORS).format(**names))
        cursor.execute(sql.SQL(_SET_ENDS).format(**names))
        cursor.execute(_insertion(cursor, kind, attributes))
        changes = _counted(cursor, kind)
        if end_missing:
            _end_missing(cursor, kind, valid_from, changes)
        _refuse_overlaps(cursor, kind)
        cursor.execute(sql.SQL("ANALYZE {table}").format(**names))
    return changes


_END_PREDECESSORS = """
UPDATE {table} AS stored SET date_of_last_service = further.begins - 1
FROM (
    SELECT id, latest_version, min(begins) AS begins FROM {planned} WHERE step = 'next' GROUP BY 1, 2
) AS further
WHERE stored.id = further.id AND stored.version = further.latest_version
    AND (stored.date_of_last_service IS NULL OR stored.date_of_last_service >= further.begins)
"""

_SET_ENDS = """
UPDATE {table} AS stored SET date_of_last_service = planned.last_day
FROM {planned} AS planned
WHERE stored.id = planned.id AND stored.version = planned.latest_version AND planned.step IN ('end', 'reopen')
"""

# What the file does not say stays as it was; the area covered is another one where the place is.
_INSERT = """
INSERT INTO {table} (
    id, version, date_of_first_service, date_of_last_service, geom_point, geom_polygon {columns} {kept}
)
SELECT
    planned.id,
    planned.new_version,
    CASE WHEN planned.step = 'next' THEN planned.begins ELSE planned.first_day END,
    planned.last_day,
    ST_SetSRID(ST_MakePoint(planned.longitude, planned.latitude), 4326),
    CASE WHEN planned.stays THEN latest.geom_polygon END
    {values}
    {kept_values}
FROM {planned} AS planned
LEFT JOIN {table} AS latest ON latest.id = planned.id AND latest.version = planned.latest_version
WHERE planned.step IN ('added', 'next')
ORDER BY planned.in_line
"""


def _insertion(cursor: Cursor, kind: Kind, attributes: list[str]) -> sql.Composable:
    kept = [name for name in attribute_types(cursor.connection, kind) if name not in attributes]

    def listed(names: list[str], of: str | None = None) -> sql.Composable:
        prefix = () if of is None else (of,)
        return sql.SQL("").join(sql.SQL(", ") + sql.Identifier(*prefix, name) for name in names)

    return sql.SQL(_INSERT).format(
        table=kind.identifier,
        planned=kind.planned,
        columns=listed(attributes),
        kept=listed(kept),
        values=listed(attributes, "planned"),
        kept_values=listed(kept, "latest"),
    )


def _refuse_overlaps(cursor: Cursor, kind: Kind) -> None:
    """Make sure that no day is in two periods of one cell, whatever was there before."""
    cursor.execute(
        sql.SQL(
            "SELECT one.id, one.version, other.version FROM {table} AS one "
            "INNER JOIN {table} AS other ON other.id = one.id AND other.version > one.version "
            "WHERE one.id IN (SELECT id FROM {planned}) "
            "AND coalesce(one.date_of_last_service, 'infinity') "
            ">= coalesce(other.date_of_first_service, '-infinity') "
            "AND coalesce(other.date_of_last_service, 'infinity') "
            ">= coalesce(one.date_of_first_service, '-infinity') "
            "ORDER BY 1, 2, 3 LIMIT 1"
        ).format(table=kind.identifier, planned=kind.planned)
    )
    if (row := cursor.fetchone()) is not None:
        raise InfrastructureError(
            f"Versions {row[1]} and {row[2]} of {kind.noun} '{row[0]}' would have days in common, whose "
            "events would count twice: correct their dates in FlowDB or in the file. Nothing was loaded."
        )


def _counted(cursor: Cursor, kind: Kind) -> Changes:
    """Count by id what the most telling of its periods does."""
    cursor.execute(
        sql.SQL(
            "WITH outcome AS (SELECT id, CASE "
            "WHEN bool_or(step = 'added') THEN 'added' "
            "WHEN bool_or(step = 'next' AND NOT stays) THEN 'moved' "
            "WHEN bool_or(step IN ('next', 'reopen')) THEN 'changed' "
            "WHEN bool_or(step = 'end') THEN 'ended' ELSE 'unchanged' END AS outcome, "
            "bool_and(step = 'past') AS superseded FROM {} GROUP BY id) "
            "SELECT outcome, count(*), count(*) FILTER (WHERE superseded) FROM outcome GROUP BY outcome"
        ).format(kind.planned)
    )
    changes = Changes(kind)
    for outcome, count, superseded in cursor.fetchall():
        setattr(changes, outcome, count)
        changes.superseded += superseded
    cursor.execute(
        sql.SQL(
            "SELECT id, step, stays, new_version, coalesce(begins, first_day), last_day, "
            "round(ST_DistanceSphere(latest_point, ST_SetSRID(ST_MakePoint(longitude, latitude), 4326))) "
            "FROM {} WHERE step NOT IN ('present', 'past') ORDER BY in_line LIMIT %s"
        ).format(kind.planned),
        (_SHOWN,),
    )
    changes.details += [_in_words(*row) for row in cursor.fetchall()]
    return changes


def _in_words(
    name: str,
    step: str,
    stays: bool | None,
    version: int | None,
    begins: date | None,
    last: date | None,
    metres: float | None,
) -> str:
    since = f" from {begins}" if begins else ""
    if step == "added":
        return f"added    {name} version {version}"
    if step == "next":
        what = "changed " if stays else "moved   "
        far = "" if stays or metres is None else f", by {metres:.0f} m"
        return f"{what} {name} version {version}{since}{far}"
    if step == "end":
        return f"ended    {name} on {last}"
    return f"changed  {name} is in service again"


def _end_missing(cursor: Cursor, kind: Kind, valid_from: date, changes: Changes) -> None:
    last = valid_from - timedelta(days=1)
    cursor.execute(
        sql.SQL(
            "UPDATE {table} SET date_of_last_service = %(last)s "
            "WHERE coalesce(date_of_last_service, 'infinity') > %(last)s "
            "AND id NOT IN (SELECT id FROM {planned}) "
            "RETURNING id, date_of_first_service > %(last)s"
        ).format(table=kind.identifier, planned=kind.planned),
        {"last": last},
    )
    rows = sorted(cursor.fetchall())
    if unborn := [name for name, begins_later in rows if begins_later]:
        raise InfrastructureError(
            f"{kind.noun.capitalize()} '{unborn[0]}' is not in the file but begins after {last}: "
            "give a later day with --valid-from. Nothing was loaded."
        )
    changes.ended += len(rows)
    changes.details += [
        f"ended    {name} on {last}" for name, _ in rows[: max(0, _SHOWN - len(changes.details))]
    ]
