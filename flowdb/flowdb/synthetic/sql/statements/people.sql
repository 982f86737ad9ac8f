INSERT INTO flowdb_synthetic.people (msisdns, imsis, imeis, tacs, contacts)
WITH numbered AS (
    SELECT
        row_number() OVER (ORDER BY hashed.msisdn) AS number,
        hashed.msisdn
    FROM (
        SELECT sha256(convert_to('msisdn:' || %(seed)s || ':' || each, 'UTF8')) AS msisdn
        FROM generate_series(1, %(subscribers)s) AS each
    ) AS hashed
),
models AS (
    SELECT array_agg(tacs.id::integer ORDER BY tacs.id) AS ids
    FROM infrastructure.tacs
    WHERE tacs.id BETWEEN 0 AND 99999999 AND tacs.id = trunc(tacs.id)
)
-- Lists are made in the order of their input, which is sorted once for all of them.
SELECT
    string_agg(msisdn, ''::bytea),
    string_agg(sha256(convert_to('imsi:' || %(seed)s || ':' || number, 'UTF8')), ''::bytea),
    string_agg(sha256(convert_to('imei:' || %(seed)s || ':' || number, 'UTF8')), ''::bytea),
    array_agg(
        ids[1 + flowdb_synthetic.lower_draw(flowdb_synthetic.hashed(number, %(tacs_seed)s), cardinality(ids))]
    ),
    -- Nobody calls themselves: whoever comes from the caller on moves up by one.
    (
        SELECT
            array_agg((CASE WHEN row %% 2 = 0 THEN caller ELSE called + (called >= caller)::integer END)::integer)
        FROM (
            SELECT
                row,
                1 + flowdb_synthetic.upper_draw(hash, %(subscribers)s) AS caller,
                1 + flowdb_synthetic.lower_draw(hash, %(subscribers)s - 1) AS called
            FROM (
                SELECT row, flowdb_synthetic.hashed(row / 2, %(contacts_seed)s) AS hash
                FROM generate_series(0, 2 * %(pairs)s::bigint - 1) AS row
                OFFSET 0
            ) AS hashed
            OFFSET 0
        ) AS parties
    )
FROM (
    SELECT numbered.number, numbered.msisdn, models.ids
    FROM numbered
    CROSS JOIN models
    ORDER BY numbered.number
) AS sorted
