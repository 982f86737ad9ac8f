WITH counts AS MATERIALIZED (
    SELECT msisdn, count(*) AS events
    FROM (
        SELECT msisdn FROM events.calls
        WHERE datetime >= %(d1)s AND datetime < %(d8)s
        UNION ALL
        SELECT msisdn FROM events.sms
        WHERE datetime >= %(d1)s AND datetime < %(d8)s
    ) AS events
    GROUP BY msisdn
),

ends AS (
    SELECT min(events)::numeric AS low, max(events)::numeric AS high FROM counts
),

bins AS (
    SELECT
        number,
        low + (high - low) * (number - 1) / 10 AS lower_edge,
        low + (high - low) * number / 10 AS upper_edge
    FROM ends
    CROSS JOIN generate_series(1, 10) AS numbers (number)
),

filled AS (
    SELECT least(floor((events - low) * 10 / (high - low)) + 1, 10) AS number, count(*) AS value
    FROM counts
    CROSS JOIN ends
    GROUP BY 1
),

rated AS (
    SELECT
        coalesce(filled.value, 0) AS value,
        bins.lower_edge,
        bins.upper_edge,
        bins.number,
        coalesce(bool_or(filled.value BETWEEN 1 AND 15) OVER (), false) AS some_few
    FROM bins
    LEFT JOIN filled USING (number)
)

SELECT
    CASE WHEN NOT some_few THEN value END AS value,
    CASE WHEN NOT some_few THEN lower_edge END AS lower_edge,
    CASE WHEN NOT some_few THEN upper_edge END AS upper_edge
FROM rated
WHERE NOT some_few OR number = 1
