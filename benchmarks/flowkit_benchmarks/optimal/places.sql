cells AS (
    SELECT
        id AS location_id,
        coalesce(first, '-infinity') AS first,
        coalesce(least(last + 1, next_first), 'infinity') AS until,
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

places AS MATERIALIZED (
    SELECT cells.location_id, cells.first, cells.until, regions.admin3pcod AS pcod
    FROM cells
    INNER JOIN geography.admin3 AS regions ON ST_Within(cells.point, ST_SetSRID(regions.geom, 4326))
)
