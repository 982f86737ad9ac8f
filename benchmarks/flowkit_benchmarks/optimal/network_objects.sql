WITH /* places */
SELECT pcod, value, datetime
FROM (
/* each of d1 to d7 */
SELECT pcod, count(DISTINCT location_id) AS value, %(day)s::timestamptz AS datetime
FROM (
    SELECT msisdn, location_id
    FROM (
        SELECT msisdn, location_id FROM events.calls
        WHERE datetime >= %(day)s AND datetime < %(next)s
        UNION ALL
        SELECT msisdn, location_id FROM events.sms
        WHERE datetime >= %(day)s AND datetime < %(next)s
    ) AS events
    GROUP BY msisdn, location_id
) AS visits
INNER JOIN places USING (location_id)
WHERE places.first <= %(day)s AND places.until > %(day)s
GROUP BY pcod
HAVING count(DISTINCT msisdn) > 15
/* end */
) AS days
