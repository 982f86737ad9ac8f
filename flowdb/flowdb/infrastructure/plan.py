"""What is to be done about each period of a file, decided against what the table holds."""

from datetime import date

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812

from flowdb.infrastructure.kinds import Kind
from flowdb.infrastructure.source import InfrastructureError

# About a centimetre: less is the noise of another format, not a move.
_SAME_PLACE_DEGREES = 1e-7


def plan(cursor: Cursor, kind: Kind, attributes: list[str], valid_from: date) -> None:
    """Make the temporary table of planned steps from that of wanted periods.

    Parameters
    ----------
    cursor
        Of the transaction of the load.
    kind
        Cells or sites.
    attributes
        The further columns that the file fills.
    valid_from
        The first day of a new period for which the file gives none that is later than the one before.

    Raises
    ------
    InfrastructureError
        If history would have to be rewritten.
    """
    cursor.execute(
        sql.SQL(_PLAN).format(
            equal_same=_equal("same", attributes),
            equal_latest=_equal("latest", attributes),
            table=kind.identifier,
            wanted=kind.wanted,
            planned=kind.planned,
        ),
        {"valid_from": valid_from, "same_place": _SAME_PLACE_DEGREES},
    )
    _refuse_impossible(cursor, kind)


def _equal(other: str, attributes: list[str]) -> sql.Composable:
    """Return the condition that a stored period is in the same place and has the same attributes."""
    parts = [
        sql.SQL("abs(ST_X({o}.geom_point) - wanted.longitude) < %(same_place)s").format(
            o=sql.Identifier(other)
        ),
        sql.SQL("abs(ST_Y({o}.geom_point) - wanted.latitude) < %(same_place)s").format(
            o=sql.Identifier(other)
        ),
        *(
            sql.SQL("wanted.{c} IS NOT DISTINCT FROM {o}.{c}").format(
                c=sql.Identifier(name), o=sql.Identifier(other)
            )
            for name in attributes
        ),
    ]
    return sql.SQL("coalesce({}, false)").format(sql.SQL(" AND ").join(parts))


# What is to be done about each period of the file: `step` is added (its id is new), past (an earlier
# period, known), present (agrees with the latest), end or reopen (agrees but for its last day),
# next (a further period), or impossible.
_PLAN = """
CREATE TEMPORARY TABLE {planned} ON COMMIT DROP AS
WITH latest AS (
    SELECT DISTINCT ON (id) * FROM {table}
    WHERE id IN (SELECT wanted.id FROM {wanted} AS wanted)
    ORDER BY id, version DESC
), compared AS (
    SELECT
        wanted.*,
        latest.id IS NOT NULL AS known,
        latest.version AS latest_version,
        latest.date_of_first_service AS latest_first,
        latest.date_of_last_service AS latest_last,
        latest.geom_point AS latest_point,
        abs(ST_X(latest.geom_point) - wanted.longitude) < %(same_place)s
            AND abs(ST_Y(latest.geom_point) - wanted.latitude) < %(same_place)s AS stays,
        {equal_latest} AS agrees_with_latest,
        {equal_same} AS agrees,
        same.version AS same_version
    FROM {wanted} AS wanted
    LEFT JOIN latest ON latest.id = wanted.id
    LEFT JOIN {table} AS same ON same.id = wanted.id AND CASE
        WHEN wanted.given_version IS NOT NULL THEN same.version = wanted.given_version
        ELSE NOT wanted.is_last AND same.date_of_first_service IS NOT DISTINCT FROM wanted.first_day
    END
), judged AS (
    SELECT
        *,
        CASE
            WHEN first_day IS NOT NULL AND first_day > coalesce(latest_last, latest_first, '-infinity')
                THEN first_day
            WHEN first_day IS NOT NULL AND first_day > coalesce(latest_first, '-infinity')
                AND NOT agrees_with_latest THEN first_day
            WHEN is_last THEN %(valid_from)s
        END AS begins,
        CASE
            WHEN NOT known THEN 'added'
            WHEN agrees AND same_version < latest_version THEN 'past'
            WHEN NOT is_last AND agrees THEN 'present'
            WHEN is_last AND (agrees OR agrees_with_latest) THEN 'latest'
            WHEN is_last OR coalesce(given_version, latest_version + 1) > latest_version THEN 'next'
            ELSE 'impossible'
        END AS judgement
    FROM compared
), decided AS (
    SELECT
        *,
        CASE
            WHEN judgement <> 'latest' THEN judgement
            WHEN last_day IS NOT NULL AND last_day IS DISTINCT FROM latest_last THEN 'end'
            WHEN last_day IS NULL AND latest_last IS NOT NULL AND latest_last < begins THEN 'next'
            WHEN last_day IS NULL AND latest_last IS NOT NULL THEN 'reopen'
            ELSE 'present'
        END AS step
    FROM judged
)
SELECT
    *,
    CASE
        WHEN step = 'added' THEN coalesce(given_version, place)
        WHEN step = 'next' THEN greatest(
            given_version, latest_version + row_number() OVER (PARTITION BY id, step ORDER BY place)::integer
        )
    END AS new_version,
    CASE
        WHEN step = 'impossible' THEN 'has other values in version ' || given_version
            || ' than FlowDB, and later versions: give the change a version above ' || latest_version
        WHEN step = 'next' AND (begins IS NULL OR begins <= latest_first)
            THEN 'would change on ' || coalesce(begins::text, 'an unknown day') || ', but its version '
            || latest_version || ' in FlowDB begins on ' || latest_first
            || ': give a later day with --valid-from or in date_of_first_service'
        WHEN step = 'next' AND last_day < begins
            THEN 'would change on ' || begins || ', after its last day, ' || last_day
            || ': give an earlier day with --valid-from'
        WHEN step = 'end' AND last_day < latest_first
            THEN 'ends on ' || last_day || ', before its version ' || latest_version
            || ' in FlowDB begins, ' || latest_first
    END AS problem
FROM decided
"""


def _refuse_impossible(cursor: Cursor, kind: Kind) -> None:
    cursor.execute(
        sql.SQL(
            "SELECT in_line, id, problem, count(*) OVER () FROM {} WHERE problem IS NOT NULL "
            "ORDER BY in_line LIMIT 1"
        ).format(kind.planned)
    )
    if (row := cursor.fetchone()) is not None:
        line, name, problem, count = row
        more = f" ({count - 1} more such lines)" if count > 1 else ""
        raise InfrastructureError(f"Line {line}: {kind.noun} '{name}' {problem}{more}. Nothing was loaded.")
