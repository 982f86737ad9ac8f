"""Loading cells and sites: one transaction, in which everything is checked before anything is kept."""

from dataclasses import dataclass
from datetime import date

from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812

from flowdb.infrastructure.kinds import CELLS, SITES, attribute_types
from flowdb.infrastructure.merge import Changes, merge, put_wanted
from flowdb.infrastructure.periods import read_periods
from flowdb.infrastructure.source import InfrastructureError, Table
from flowdb.results import forget_results


@dataclass(frozen=True)
class Loaded:
    """What a load did.

    Attributes
    ----------
    changes
        What became of sites and of cells.
    ignored
        Columns of the files that FlowDB has no place for.
    outside
        How many cells of the file lie outside the country; None if its outline is not loaded.
    cells
        How many cells the file holds.
    without_site
        How many cells of the file name a site that is not known.
    forgotten_results
        How many stored results were dropped.
    """

    changes: list[Changes]
    ignored: list[str]
    outside: int | None
    cells: int
    without_site: int
    forgotten_results: int


@dataclass(frozen=True)
class Source:
    """A file, and which of its columns are which."""

    table: Table
    fields: dict[str, str]


def load_cells(
    connection: Connection, cells: Source, sites: Source | None, valid_from: date, end_missing: bool = False
) -> Loaded:
    """Bring cells and sites to what files say, in the caller's transaction.

    Without a file of sites, each that is not known stands where the first of its cells by id stands, and
    moves when that one does.

    Raises
    ------
    InfrastructureError
        Naming the line that cannot be right.
    """
    with connection.cursor() as cursor:
        # Two loads take turns; readers are not disturbed.
        cursor.execute("LOCK TABLE infrastructure.sites, infrastructure.cells IN SHARE ROW EXCLUSIVE MODE")
    changes, ignored = [], []
    if sites is not None:
        periods = read_periods(sites.table, sites.fields, attribute_types(connection, SITES))
        put_wanted(connection, SITES, periods)
        changes.append(merge(connection, SITES, periods.attributes, valid_from, end_missing))
        ignored += periods.ignored
    periods = read_periods(cells.table, cells.fields, attribute_types(connection, CELLS))
    put_wanted(connection, CELLS, periods)
    outside = _outside(connection, cells.table)
    changes.append(merge(connection, CELLS, periods.attributes, valid_from, end_missing))
    ignored += periods.ignored
    with connection.cursor() as cursor:
        if sites is None and "site_id" in periods.attributes:
            cursor.execute(_DERIVE_SITES)
            changes.insert(0, merge(connection, SITES, [], valid_from))
        cursor.execute(
            "SELECT count(DISTINCT cells.id) FROM planned_cells INNER JOIN infrastructure.cells USING (id) "
            "WHERE cells.site_id IS NOT NULL "
            "AND NOT EXISTS (SELECT FROM infrastructure.sites WHERE sites.id = cells.site_id)"
        )
        (without_site,) = cursor.fetchone() or (0,)
    forgotten = forget_results(connection) if any(each.any for each in changes) else 0
    count = len({row.id for row in periods.rows})
    return Loaded(changes, ignored, outside, count, without_site, forgotten)


def _outside(connection: Connection, table: Table) -> int | None:
    """Count the cells outside the country; refuse the file if its coordinates are likely to be swapped."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('geography.admin0') IS NULL")
        if cursor.fetchone() == (True,):
            return None
        inside = sql.SQL(
            "SELECT count(DISTINCT id) FROM wanted_cells WHERE EXISTS (SELECT FROM geography.admin0 "
            "WHERE ST_Intersects(geom, ST_SetSRID(ST_MakePoint({}, {}), 4326)))"
        )
        longitude, latitude = sql.Identifier("longitude"), sql.Identifier("latitude")
        cursor.execute(
            sql.SQL("SELECT (SELECT count(DISTINCT id) FROM wanted_cells), ({})").format(
                inside.format(longitude, latitude)
            )
        )
        total, within = cursor.fetchone() or (0, 0)
        if within == 0:
            cursor.execute(inside.format(latitude, longitude))
            if cursor.fetchone() != (0,):
                raise InfrastructureError(
                    f"'{table.path}': all {total} cells lie outside the country, but inside it if latitude "
                    "and longitude are swapped: name the columns with --field latitude=COLUMN "
                    "--field longitude=COLUMN. Nothing was loaded."
                )
    return int(total - within)


_DERIVE_SITES = """
CREATE TEMPORARY TABLE wanted_sites ON COMMIT DROP AS
WITH first_cells AS (
    SELECT
        site_id,
        min(id) AS cell,
        bool_or(date_of_first_service IS NULL) AS open_before,
        min(date_of_first_service) AS first_day,
        bool_or(date_of_last_service IS NULL) AS open_after,
        max(date_of_last_service) AS last_day
    FROM infrastructure.cells
    WHERE site_id IN (SELECT cells.site_id FROM wanted_cells INNER JOIN infrastructure.cells USING (id))
    GROUP BY site_id
), periods AS (
    SELECT
        cells.*,
        coalesce(
            ST_Equals(geom_point, lag(geom_point) OVER (PARTITION BY cells.site_id ORDER BY version)), false
        ) AS stays
    FROM infrastructure.cells
    INNER JOIN first_cells ON first_cells.cell = cells.id AND first_cells.site_id = cells.site_id
), numbered AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY site_id ORDER BY version) - 1 AS place,
        lead(date_of_first_service) OVER (PARTITION BY site_id ORDER BY version) - 1 AS before_next,
        lead(version) OVER (PARTITION BY site_id ORDER BY version) IS NULL AS is_last
    FROM periods WHERE NOT stays
)
SELECT
    coalesce(planned.in_line, 0) AS in_line,
    numbered.site_id AS id,
    NULL::integer AS given_version,
    CASE WHEN numbered.place > 0 THEN numbered.date_of_first_service
        WHEN NOT first_cells.open_before THEN first_cells.first_day END AS first_day,
    CASE WHEN NOT numbered.is_last THEN numbered.before_next
        WHEN NOT first_cells.open_after THEN first_cells.last_day END AS last_day,
    ST_X(numbered.geom_point) AS longitude,
    ST_Y(numbered.geom_point) AS latitude,
    numbered.place::integer AS place,
    numbered.is_last AS is_last
FROM numbered
INNER JOIN first_cells USING (site_id)
LEFT JOIN planned_cells AS planned
    ON planned.id = numbered.id AND planned.new_version = numbered.version AND planned.step = 'next'
WHERE NOT EXISTS (SELECT FROM infrastructure.sites WHERE sites.id = numbered.site_id)
    OR (numbered.is_last AND planned.id IS NOT NULL AND NOT planned.stays)
"""
