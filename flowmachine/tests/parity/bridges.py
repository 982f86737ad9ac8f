"""Tables that say which region or position a cell belongs to, as an operator would add to a FlowDB.

They follow from the cells and the geography, which the fingerprint of the data is of.
"""

from psycopg2.extensions import cursor as Cursor  # noqa: N812

_TABLES = """
    CREATE SCHEMA IF NOT EXISTS flowmachine;
    -- Each region at admin 3 is taken for the first one of its admin 2; a quarter of the cells is left out.
    CREATE TABLE flowmachine.coarse_cells AS
    WITH inside AS (
        SELECT DISTINCT ON (cells.id) cells.id, admin3.admin3pcod, admin2.admin2pcod, admin1.admin1pcod,
            admin0.admin0pcod
        FROM infrastructure.cells
        JOIN geography.admin3 ON ST_Within(cells.geom_point, admin3.geom)
        JOIN geography.admin2 ON ST_Within(cells.geom_point, admin2.geom)
        JOIN geography.admin1 ON ST_Within(cells.geom_point, admin1.geom)
        JOIN geography.admin0 ON ST_Within(cells.geom_point, admin0.geom)
        ORDER BY cells.id, cells.version, admin3pcod, admin2pcod, admin1pcod, admin0pcod
    )
    SELECT
        id, min(admin3pcod) OVER (PARTITION BY admin2pcod) AS admin3pcod, admin2pcod, admin1pcod, admin0pcod
    FROM inside
    WHERE left(md5(id), 1) >= '4';
    -- Cells of a square degree are at its corner.
    CREATE TABLE flowmachine.cell_squares AS
    SELECT DISTINCT ON (id) id, concat_ws(' ', floor(ST_X(geom_point)), floor(ST_Y(geom_point))) AS square
    FROM infrastructure.cells
    ORDER BY id, version;
    CREATE TABLE flowmachine.squares AS
    SELECT DISTINCT square, ST_SetSRID(
        ST_MakePoint(split_part(square, ' ', 1)::float, split_part(square, ' ', 2)::float), 4326
    ) AS geom_point
    FROM flowmachine.cell_squares;
    GRANT USAGE ON SCHEMA flowmachine TO flowmachine;
    GRANT SELECT ON ALL TABLES IN SCHEMA flowmachine TO flowmachine;
"""


def make_bridges(cursor: Cursor) -> None:
    """Make the tables in the schema ``flowmachine``."""
    cursor.execute(_TABLES)
