INSERT INTO flowdb_synthetic.available (day, number, cell, version)
SELECT day, row_number() OVER (PARTITION BY day ORDER BY cell), cell, key
FROM (
    -- Where records of a cell overlap, the newest counts; one of them in the region is enough to bar it.
    SELECT DISTINCT ON (days.day, versions.cell)
        days.day,
        versions.cell,
        versions.key,
        days.struck AND bool_or(versions.in_region) OVER (PARTITION BY days.day, versions.cell) AS barred
    FROM unnest(%(days)s::date[], %(struck)s::boolean[]) AS days (day, struck)
    INNER JOIN flowdb_synthetic.versions ON days.day BETWEEN versions.first_day AND versions.last_day
    ORDER BY days.day, versions.cell, versions.version DESC
) AS newest
WHERE NOT barred
