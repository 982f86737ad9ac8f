WITH today AS MATERIALIZED (
    SELECT number, cell FROM flowdb_synthetic.available WHERE day = %(day)s
),
movers AS (
    (
        SELECT subscriber
        FROM generate_series(1, %(subscribers)s) AS subscriber
        ORDER BY flowdb_synthetic.hashed(subscriber, %(movers_seed)s), subscriber
        LIMIT %(movers)s
    )
    UNION
    -- Nobody lives where there is no service, or where nobody may be.
    SELECT homes.subscriber
    FROM flowdb_synthetic.homes
    WHERE homes.moved_out = 'infinity' AND homes.cell NOT IN (SELECT today.cell FROM today)
),
moved AS (
    UPDATE flowdb_synthetic.homes SET moved_out = %(day)s
    FROM movers
    WHERE homes.subscriber = movers.subscriber AND homes.moved_out = 'infinity'
    RETURNING homes.subscriber
)
INSERT INTO flowdb_synthetic.homes (subscriber, cell, moved_in, moved_out)
SELECT moved.subscriber, today.cell, %(day)s, 'infinity'
FROM moved
INNER JOIN today
    ON today.number = 1 + flowdb_synthetic.lower_draw(
        flowdb_synthetic.hashed(moved.subscriber, %(homes_seed)s), (SELECT count(*) FROM today)
    )
