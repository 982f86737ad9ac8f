-- The rows of a day and type. Everything an event needs is looked up by its number in lists, which costs
-- far less than a join and leaves the planner no choice that could change the order. Only what must be
-- sorted by is made before the sort; OFFSET 0 keeps expressions from being evaluated more than once.
INSERT INTO {table} ({columns})
WITH today AS MATERIALIZED (
    SELECT number, cell, version FROM flowdb_synthetic.available WHERE day = {day}
),
near AS MATERIALIZED (
    SELECT home.cell AS home, other.cell
    FROM today AS home
    INNER JOIN flowdb_synthetic.nearby ON nearby.here = home.version
    INNER JOIN today AS other ON other.version = nearby.there
),
sizes AS MATERIALIZED (
    SELECT cells.cell, count(near.cell) AS size, sum(count(near.cell)) OVER (ORDER BY cells.cell) AS until
    FROM generate_series(1, (SELECT max(cell) FROM flowdb_synthetic.versions)) AS cells (cell)
    LEFT JOIN near ON near.home = cells.cell
    GROUP BY cells.cell
)
SELECT {values}
FROM (
    -- Appending something takes a list out of its table once, instead of at every look-up.
    SELECT
        (SELECT msisdns || ''::bytea FROM flowdb_synthetic.people) AS msisdns,
        (SELECT imsis || ''::bytea FROM flowdb_synthetic.people) AS imsis,
        (SELECT imeis || ''::bytea FROM flowdb_synthetic.people) AS imeis,
        (SELECT tacs || '{{}}'::integer[] FROM flowdb_synthetic.people) AS tacs,
        (SELECT contacts || '{{}}'::integer[] FROM flowdb_synthetic.people) AS contacts,
        (
            SELECT array_agg(cell ORDER BY subscriber) FROM flowdb_synthetic.homes
            WHERE moved_in <= {day} AND moved_out > {day}
        ) AS homes,
        (SELECT array_agg(cell ORDER BY number) FROM today) AS available,
        (SELECT count(*) FROM today) AS available_size,
        (SELECT array_agg(cell ORDER BY home, cell) FROM near) AS regions,
        (SELECT array_agg((until - size)::integer ORDER BY cell) FROM sizes) AS region_starts,
        (SELECT array_agg(size::integer ORDER BY cell) FROM sizes) AS region_sizes,
        -- The element of a list of texts is found at once only in the form that array_append makes.
        array_append(
            (SELECT array_agg(DISTINCT id ORDER BY id) FROM flowdb_synthetic.versions), NULL
        ) AS location_ids,
        {hours}::integer[] AS hours,
        {durations}::integer[] AS durations,
        {uploads}::integer[] AS uploads,
        {downloads}::integer[] AS downloads
    OFFSET 0
) AS lists
CROSS JOIN LATERAL (
    SELECT
        row,
        subscriber,
        counterpart,
        -- One number to sort by, which is quicker than two: the subscriber, then the second of the day.
        (subscriber::bigint << 17) + hours[1 + moment / 3600] * 3600 + moment % 3600 AS place_in_order,
        CASE
            WHEN ((place >> 32) & 4294967295) < {out_of_area}
                THEN available[1 + flowdb_synthetic.lower_draw(place, available_size)]
            ELSE regions[
                1 + region_starts[homes[subscriber]]
                + flowdb_synthetic.lower_draw(place, region_sizes[homes[subscriber]])
            ]
        END AS cell
    FROM (
        SELECT
            row,
            place,
            {subscriber} AS subscriber,
            {counterpart} AS counterpart,
            flowdb_synthetic.lower_draw(occasion, 3600 * cardinality(hours)) AS moment
        FROM (
            SELECT
                row,
                flowdb_synthetic.hashed(row / {parties}, {occasion_seed}) AS occasion,
                flowdb_synthetic.hashed(row, {place_seed}) AS place
            FROM (
                SELECT generate_series(0, {parties}::bigint * {events} - 1) AS row
                OFFSET 0
            ) AS rows
            OFFSET 0
        ) AS hashed
        OFFSET 0
    ) AS drawn
    ORDER BY place_in_order, row
) AS sorted
