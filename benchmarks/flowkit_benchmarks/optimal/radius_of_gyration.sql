WITH /* places */,

visits AS (
    SELECT msisdn, lon, lat, sum(events) AS events
    FROM (
/* each of d1 to d7 */
        SELECT msisdn, ST_X(cells.point) AS lon, ST_Y(cells.point) AS lat, events
        FROM (
            SELECT msisdn, location_id, count(*) AS events
            FROM (
                SELECT msisdn, location_id FROM events.calls
                WHERE datetime >= %(day)s AND datetime < %(next)s
                UNION ALL
                SELECT msisdn, location_id FROM events.sms
                WHERE datetime >= %(day)s AND datetime < %(next)s
            ) AS events
            GROUP BY msisdn, location_id
        ) AS visits
        INNER JOIN cells USING (location_id)
        WHERE cells.first <= %(day)s AND cells.until > %(day)s AND cells.point IS NOT NULL
/* end */
    ) AS days
    GROUP BY msisdn, lon, lat
),

centres AS (
    SELECT
        msisdn,
        least(greatest(sum(lon * events) / sum(events), min(lon)), max(lon)) AS lon,
        least(greatest(sum(lat * events) / sum(events), min(lat)), max(lat)) AS lat
    FROM visits
    GROUP BY msisdn
),

radii AS (
    SELECT msisdn, sqrt(sum(events * distance * distance) / sum(events)) AS radius
    FROM (
        SELECT
            msisdn,
            visits.events,
            ST_Distance(
                ST_SetSRID(ST_MakePoint(visits.lon, visits.lat), 4326)::geography,
                ST_SetSRID(ST_MakePoint(centres.lon, centres.lat), 4326)::geography
            ) / 1000 AS distance
        FROM visits
        INNER JOIN centres USING (msisdn)
    ) AS distances
    GROUP BY msisdn
)

SELECT daily.pcod, avg(radii.radius) AS value
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
INNER JOIN radii USING (msisdn)
GROUP BY daily.pcod
HAVING count(radii.radius) > 15
