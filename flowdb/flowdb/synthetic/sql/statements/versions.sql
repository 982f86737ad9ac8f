INSERT INTO flowdb_synthetic.versions (key, cell, id, version, point, first_day, last_day, in_region)
SELECT
    row_number() OVER (ORDER BY id, version),
    dense_rank() OVER (ORDER BY id),
    id,
    coalesce(version, 0),
    geom_point::geography,
    coalesce(date_of_first_service, '-infinity'),
    coalesce(date_of_last_service, 'infinity'),
    {in_region}
FROM infrastructure.cells
WHERE id IS NOT NULL AND geom_point IS NOT NULL;

CREATE INDEX ON flowdb_synthetic.versions USING gist (point);
ANALYZE flowdb_synthetic.versions;

INSERT INTO flowdb_synthetic.nearby (here, there)
SELECT home.key, other.key
FROM flowdb_synthetic.versions AS home
INNER JOIN flowdb_synthetic.versions AS other ON ST_DWithin(home.point, other.point, {reach});

ANALYZE flowdb_synthetic.nearby;
