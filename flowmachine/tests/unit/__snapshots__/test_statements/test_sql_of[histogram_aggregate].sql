WITH anon_1 AS (
        SELECT anon_2.number AS
      position,
               ends.low + ((ends.high - ends.low) * (anon_2.number - 1)) / CAST(5 AS NUMERIC) AS edge
          FROM (
                SELECT CAST(0.0 AS NUMERIC) AS low,
                       CAST(100.0 AS NUMERIC) AS high
               ) AS ends
          JOIN generate_series(1, 6) AS anon_2(number)
            ON true
       ),
       event_count_8d402d0a AS (
        SELECT events.subscriber AS subscriber,
               count(*) AS value
          FROM (
                SELECT events.subscriber AS subscriber
                  FROM (
                        SELECT events.calls.msisdn AS subscriber
                          FROM events.calls
                         WHERE events.calls.datetime >= CAST('2016-01-01 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                           AND events.calls.datetime < CAST('2016-01-02 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                     UNION ALL SELECT events.sms.msisdn AS subscriber
                          FROM events.sms
                         WHERE events.sms.datetime >= CAST('2016-01-01 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                           AND events.sms.datetime < CAST('2016-01-02 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                       ) AS events
               ) AS events
         GROUP BY events.subscriber
       ) SELECT CASE WHEN NOT rated.some_few THEN rated.value
             END AS value,
       CASE WHEN NOT rated.some_few THEN rated.lower_edge
             END AS lower_edge,
       CASE WHEN NOT rated.some_few THEN rated.upper_edge
             END AS upper_edge
  FROM (
        SELECT groups.value AS value,
               groups.lower_edge AS lower_edge,
               groups.upper_edge AS upper_edge,
               groups.contributors AS contributors,
               coalesce(bool_or(coalesce(groups.contributors, 1) BETWEEN 1 AND 15) OVER (), false) AS some_few,
               row_number() OVER () AS number
          FROM (
                SELECT coalesce(counts.count, 0) AS value,
                       bins.lower_edge AS lower_edge,
                       bins.upper_edge AS upper_edge,
                       coalesce(counts.contributors, 0) AS contributors
                  FROM (
                        SELECT anon_1.position AS
                      position,
                               anon_1.edge AS lower_edge,
                               lead(anon_1.edge) OVER (ORDER BY anon_1.position) AS upper_edge
                          FROM anon_1
                       ) AS bins
                  LEFT OUTER JOIN (
                        SELECT inside.position AS
                      position,
                               count(*) AS count,
                               count(*) AS contributors
                          FROM (
                                SELECT least(width_bucket(CAST(event_count_8d402d0a.value AS NUMERIC), (SELECT array_agg(anon_1.edge ORDER BY anon_1.position) AS array_agg_1 FROM anon_1)), 5) AS
                              position,
                                       event_count_8d402d0a.subscriber AS subscriber
                                  FROM event_count_8d402d0a
                                 WHERE CAST(event_count_8d402d0a.value AS NUMERIC) <= (
                                        SELECT max(anon_1.edge) AS max_1
                                          FROM anon_1
                                       )
                               ) AS inside
                         GROUP BY inside.position
                       ) AS counts
                    ON counts.position = bins.position
                 WHERE bins.upper_edge IS NOT NULL
                 ORDER BY bins.position
               ) AS groups
       ) AS rated
 WHERE NOT rated.some_few
    OR rated.number = 1
