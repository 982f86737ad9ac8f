WITH /* places */
SELECT pcod, count(*) AS value
FROM (
/* each of d1 to d1 */
    (
        SELECT DISTINCT ON (msisdn) msisdn, pcod
        FROM (
            SELECT msisdn, location_id, max(datetime) AS latest
            FROM (
                SELECT msisdn, location_id, datetime FROM events.calls
                WHERE datetime >= %(day)s AND datetime < %(next)s
                UNION ALL
                SELECT msisdn, location_id, datetime FROM events.sms
                WHERE datetime >= %(day)s AND datetime < %(next)s
            ) AS events
            GROUP BY msisdn, location_id
        ) AS visits
        INNER JOIN places USING (location_id)
        WHERE places.first <= %(day)s AND places.until > %(day)s
        ORDER BY msisdn, latest DESC, pcod
    )
/* end */
) AS daily
GROUP BY pcod
HAVING count(*) > 15
