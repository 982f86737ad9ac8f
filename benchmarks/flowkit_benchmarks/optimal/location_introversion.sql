WITH /* places */,

made AS (
/* each of d1 to d2 */
    SELECT id, msisdn, pcod
    FROM (
        SELECT id, msisdn, location_id FROM events.calls
        WHERE datetime >= %(day)s AND datetime < %(next)s AND outgoing
        UNION ALL
        SELECT id, msisdn, location_id FROM events.sms
        WHERE datetime >= %(day)s AND datetime < %(next)s AND outgoing
    ) AS events
    INNER JOIN places USING (location_id)
    WHERE places.first <= %(day)s AND places.until > %(day)s
/* end */
),

received AS (
/* each of d1 to d2 */
    SELECT id, msisdn, pcod
    FROM (
        SELECT id, msisdn, location_id FROM events.calls
        WHERE datetime >= %(day)s AND datetime < %(next)s AND NOT outgoing
        UNION ALL
        SELECT id, msisdn, location_id FROM events.sms
        WHERE datetime >= %(day)s AND datetime < %(next)s AND NOT outgoing
    ) AS events
    INNER JOIN places USING (location_id)
    WHERE places.first <= %(day)s AND places.until > %(day)s
/* end */
)

SELECT pcod, sum(within)::double precision / sum(pairs)::double precision AS value
FROM (
    SELECT ends.msisdn, ends.pcod, count(*) AS pairs, count(*) FILTER (WHERE made.pcod = received.pcod) AS within
    FROM made
    INNER JOIN received USING (id)
    CROSS JOIN LATERAL (VALUES (made.msisdn, made.pcod), (received.msisdn, received.pcod)) AS ends (msisdn, pcod)
    GROUP BY ends.msisdn, ends.pcod
) AS shares
GROUP BY pcod
HAVING count(*) > 15
