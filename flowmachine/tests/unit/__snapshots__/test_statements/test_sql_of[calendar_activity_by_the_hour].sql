WITH calendar_activity_16ae6deb AS (
        SELECT active.subscriber AS subscriber,
               array_agg(CAST('2016-01-01 06:00:00' AS TIMESTAMP WITHOUT TIME ZONE) + CAST(active.period * 32400 AS DOUBLE PRECISION) * CAST('1 second' AS INTERVAL) ORDER BY CAST('2016-01-01 06:00:00' AS TIMESTAMP WITHOUT TIME ZONE) + CAST(active.period * 32400 AS DOUBLE PRECISION) * CAST('1 second' AS INTERVAL)) AS value
          FROM (
                SELECT days.subscriber AS subscriber,
                       days.period AS period
                  FROM (
                        SELECT DISTINCT events.subscriber AS subscriber,
                               CAST(floor(date_part('epoch', events.datetime - CAST('2016-01-01 06:00:00+00' AS TIMESTAMP WITH TIME ZONE)) / CAST(32400 AS DOUBLE PRECISION)) AS INTEGER) AS period
                          FROM (
                                SELECT events.calls.msisdn AS subscriber,
                                       events.calls.datetime AS datetime
                                  FROM events.calls
                                 WHERE events.calls.datetime >= CAST('2016-01-01 06:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                                   AND events.calls.datetime < CAST('2016-01-02 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                                   AND CAST(date_part('hour', timezone('UTC', events.calls.datetime)) AS INTEGER) >= 6
                                   AND CAST(date_part('hour', timezone('UTC', events.calls.datetime)) AS INTEGER) < 22
                               ) AS events
                     UNION ALL SELECT DISTINCT events.subscriber AS subscriber,
                               CAST(floor(date_part('epoch', events.datetime - CAST('2016-01-01 06:00:00+00' AS TIMESTAMP WITH TIME ZONE)) / CAST(32400 AS DOUBLE PRECISION)) AS INTEGER) AS period
                          FROM (
                                SELECT events.calls.msisdn AS subscriber,
                                       events.calls.datetime AS datetime
                                  FROM events.calls
                                 WHERE events.calls.datetime >= CAST('2016-01-02 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                                   AND events.calls.datetime < CAST('2016-01-02 18:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                                   AND CAST(date_part('hour', timezone('UTC', events.calls.datetime)) AS INTEGER) >= 6
                                   AND CAST(date_part('hour', timezone('UTC', events.calls.datetime)) AS INTEGER) < 22
                               ) AS events
                       ) AS days
               ) AS active
         GROUP BY active.subscriber
       ),
       redacted_47b47623 AS (
        SELECT groups.grp AS grp,
               groups.value AS value
          FROM (
                SELECT calendar_activity_16ae6deb.value AS grp,
                       count(calendar_activity_16ae6deb.subscriber) AS value,
                       count(DISTINCT calendar_activity_16ae6deb.subscriber) AS contributors
                  FROM calendar_activity_16ae6deb
                 GROUP BY calendar_activity_16ae6deb.value
               ) AS groups
         WHERE groups.contributors > 15
       ) SELECT drawn.grp,
       drawn.value
  FROM (
        SELECT texts.grp AS grp,
               texts.value AS value,
               md5(concat_ws('|', '0.5', CAST(row_number() OVER (PARTITION BY texts.text) AS TEXT), texts.text)) COLLATE "C" AS draw
          FROM (
                SELECT redacted_47b47623.grp AS grp,
                       redacted_47b47623.value AS value,
                       CAST(row(redacted_47b47623.grp, redacted_47b47623.value) AS TEXT) AS text
                  FROM redacted_47b47623
               ) AS texts
       ) AS drawn
 ORDER BY drawn.draw
 LIMIT 10
