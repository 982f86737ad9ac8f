WITH /* places */
SELECT pcod, date, hour, value
FROM (
/* each of d1 to d7 */
SELECT pcod, %(day)s AS date, hour, sum(events)::bigint AS value
FROM (
    SELECT events.msisdn, places.pcod, extract(hour FROM events.datetime)::integer AS hour, count(*) AS events
    FROM (
        SELECT msisdn, location_id, datetime FROM events.calls
        WHERE datetime >= %(day)s AND datetime < %(next)s
        UNION ALL
        SELECT msisdn, location_id, datetime FROM events.sms
        WHERE datetime >= %(day)s AND datetime < %(next)s
    ) AS events
    INNER JOIN places USING (location_id)
    WHERE places.first <= %(day)s AND places.until > %(day)s
    GROUP BY 1, 2, 3
) AS visits
GROUP BY pcod, hour
HAVING count(*) > 15
/* end */
) AS days
