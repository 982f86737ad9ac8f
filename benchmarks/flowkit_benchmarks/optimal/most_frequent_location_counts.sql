WITH /* places */
SELECT pcod, count(*) AS value
FROM (
    SELECT DISTINCT ON (msisdn) msisdn, pcod
    FROM (
        SELECT msisdn, pcod, sum(events) AS events, max(latest) AS latest
        FROM (
/* each of d1 to d3 */
    SELECT msisdn, pcod, events, latest
    FROM (
        SELECT msisdn, location_id, count(*) AS events, max(datetime) AS latest
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
        GROUP BY msisdn, pcod
    ) AS visits
    ORDER BY msisdn, events DESC, latest DESC, pcod
) AS most_frequent
GROUP BY pcod
HAVING count(*) > 15
