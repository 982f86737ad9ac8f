WITH /* places */
SELECT daily.pcod, avg(counts.places) AS value
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
INNER JOIN (
    SELECT msisdn, count(*) AS places
    FROM (
        SELECT DISTINCT msisdn, pcod
        FROM (
/* each of d1 to d7 */
    SELECT msisdn, pcod
    FROM (
        SELECT msisdn, location_id
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
/* end */
        ) AS days
    ) AS visits
    GROUP BY msisdn
) AS counts USING (msisdn)
GROUP BY daily.pcod
HAVING count(*) > 15
