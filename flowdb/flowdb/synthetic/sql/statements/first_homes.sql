INSERT INTO flowdb_synthetic.homes (subscriber, cell, moved_in, moved_out)
SELECT subscriber, cells[1 + flowdb_synthetic.lower_draw(hash, cardinality(cells))], %(day)s, 'infinity'
FROM (
    SELECT subscriber, flowdb_synthetic.hashed(subscriber, %(seed)s) AS hash
    FROM generate_series(1, %(subscribers)s) AS subscriber
) AS people
CROSS JOIN (
    SELECT array_agg(cell ORDER BY number) AS cells FROM flowdb_synthetic.available WHERE day = %(day)s
) AS today
