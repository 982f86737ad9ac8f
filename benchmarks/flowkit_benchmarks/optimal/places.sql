cells AS (
    SELECT
        id AS location_id,
        coalesce(first, '-infinity')::timestamptz AS first,
        coalesce(least(last + 1, next_first), 'infinity')::timestamptz AS until,
        point
    FROM (
        SELECT
            id,
            date_of_first_service AS first,
            date_of_last_service AS last,
            lead(coalesce(date_of_first_service, '-infinity')) OVER (
                PARTITION BY id ORDER BY coalesce(date_of_first_service, '-infinity'), version
            ) AS next_first,
            geom_point AS point
        FROM infrastructure.cells
    ) AS versions
),

-- GROUP BY makes the planner expect a region for each cell, and not one for a hundred cells.
places AS MATERIALIZED (
    SELECT cells.location_id, cells.first, cells.until, regions.pcod
    FROM cells
    CROSS JOIN LATERAL (
        SELECT admin3pcod AS pcod
        FROM geography.admin3
        WHERE ST_Within(cells.point, ST_SetSRID(geom, 4326))
        GROUP BY admin3pcod
    ) AS regions
)
