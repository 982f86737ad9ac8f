WITH /* places */,

pairs AS MATERIALIZED (
    SELECT
        made.msisdn AS maker,
        made.location_id AS made_at,
        made.datetime AS made_when,
        received.msisdn AS receiver,
        received.location_id AS received_at,
        received.datetime AS received_when
    FROM (
        SELECT id, msisdn, location_id, datetime FROM events.calls
        WHERE datetime >= %(d1)s AND datetime < %(d3)s AND outgoing
        UNION ALL
        SELECT id, msisdn, location_id, datetime FROM events.sms
        WHERE datetime >= %(d1)s AND datetime < %(d3)s AND outgoing
    ) AS made
    INNER JOIN (
        SELECT id, msisdn, location_id, datetime FROM events.calls
        WHERE datetime >= %(d1)s AND datetime < %(d3)s AND NOT outgoing
        UNION ALL
        SELECT id, msisdn, location_id, datetime FROM events.sms
        WHERE datetime >= %(d1)s AND datetime < %(d3)s AND NOT outgoing
    ) AS received USING (id)
)

SELECT pcod, sum(within)::double precision / sum(pairs)::double precision AS value
FROM (
    SELECT ends.msisdn, ends.pcod, count(*) AS pairs, count(*) FILTER (WHERE made.pcod = received.pcod) AS within
    FROM pairs
    INNER JOIN places AS made
        ON pairs.made_at = made.location_id AND made_when >= made.first AND made_when < made.until
    INNER JOIN places AS received
        ON pairs.received_at = received.location_id
        AND received_when >= received.first AND received_when < received.until
    CROSS JOIN LATERAL (VALUES (maker, made.pcod), (receiver, received.pcod)) AS ends (msisdn, pcod)
    GROUP BY ends.msisdn, ends.pcod
) AS shares
GROUP BY pcod
HAVING count(*) > 15
