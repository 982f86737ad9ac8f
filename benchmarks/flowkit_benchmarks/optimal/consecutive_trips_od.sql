WITH /* places */
SELECT pcod_from, pcod_to, count(*) AS value
FROM (
    SELECT DISTINCT msisdn, pcod_from, pcod_to
    FROM (
        SELECT
            msisdn,
            pcod AS pcod_from,
            lead(pcod) OVER (PARTITION BY msisdn ORDER BY datetime, pcod) AS pcod_to
        FROM (
/* each of d1 to d2 */
            SELECT msisdn, datetime, pcod
            FROM (
                SELECT msisdn, location_id, datetime FROM events.calls
                WHERE datetime >= %(day)s AND datetime < %(next)s
                UNION ALL
                SELECT msisdn, location_id, datetime FROM events.sms
                WHERE datetime >= %(day)s AND datetime < %(next)s
            ) AS events
            INNER JOIN places USING (location_id)
            WHERE places.first <= %(day)s AND places.until > %(day)s
/* end */
        ) AS located
    ) AS steps
    WHERE pcod_to IS NOT NULL
) AS trips
GROUP BY pcod_from, pcod_to
HAVING count(*) > 15
