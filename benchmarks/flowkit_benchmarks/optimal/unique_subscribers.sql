WITH /* places */
SELECT pcod, count(*) AS value
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
GROUP BY pcod
HAVING count(*) > 15
