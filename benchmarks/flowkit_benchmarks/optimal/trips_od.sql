WITH /* places */,

visits AS MATERIALIZED (
    SELECT msisdn, pcod, min(earliest) AS earliest, max(latest) AS latest
    FROM (
/* each of d1 to d2 */
    SELECT msisdn, pcod, earliest, latest
    FROM (
        SELECT msisdn, location_id, min(datetime) AS earliest, max(datetime) AS latest
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
)

SELECT origins.pcod AS pcod_from, destinations.pcod AS pcod_to, count(*) AS value
FROM visits AS origins
INNER JOIN visits AS destinations
    ON origins.msisdn = destinations.msisdn
    AND origins.earliest < destinations.latest
    AND origins.pcod <> destinations.pcod
GROUP BY 1, 2
HAVING count(*) > 15
