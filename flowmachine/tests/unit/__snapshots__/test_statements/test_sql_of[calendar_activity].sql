WITH calendar_activity_2c44ac15 AS (
        SELECT active.subscriber AS subscriber,
               array_agg(CAST('2016-01-01 00:00:00' AS TIMESTAMP WITHOUT TIME ZONE) + CAST(active.period * 86400 AS DOUBLE PRECISION) * CAST('1 second' AS INTERVAL) ORDER BY CAST('2016-01-01 00:00:00' AS TIMESTAMP WITHOUT TIME ZONE) + CAST(active.period * 86400 AS DOUBLE PRECISION) * CAST('1 second' AS INTERVAL)) AS value
          FROM (
                SELECT days.subscriber AS subscriber,
                       days.period AS period
                  FROM (
                        SELECT DISTINCT events.subscriber AS subscriber,
                               0 AS period
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
                     UNION ALL SELECT DISTINCT events.subscriber AS subscriber,
                               1 AS period
                          FROM (
                                SELECT events.subscriber AS subscriber
                                  FROM (
                                        SELECT events.calls.msisdn AS subscriber
                                          FROM events.calls
                                         WHERE events.calls.datetime >= CAST('2016-01-02 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                                           AND events.calls.datetime < CAST('2016-01-03 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                                     UNION ALL SELECT events.sms.msisdn AS subscriber
                                          FROM events.sms
                                         WHERE events.sms.datetime >= CAST('2016-01-02 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                                           AND events.sms.datetime < CAST('2016-01-03 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                                       ) AS events
                               ) AS events
                     UNION ALL SELECT DISTINCT events.subscriber AS subscriber,
                               2 AS period
                          FROM (
                                SELECT events.subscriber AS subscriber
                                  FROM (
                                        SELECT events.calls.msisdn AS subscriber
                                          FROM events.calls
                                         WHERE events.calls.datetime >= CAST('2016-01-03 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                                           AND events.calls.datetime < CAST('2016-01-04 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                                     UNION ALL SELECT events.sms.msisdn AS subscriber
                                          FROM events.sms
                                         WHERE events.sms.datetime >= CAST('2016-01-03 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                                           AND events.sms.datetime < CAST('2016-01-04 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                                       ) AS events
                               ) AS events
                       ) AS days
               ) AS active
         GROUP BY active.subscriber
       ) SELECT groups.grp,
       groups.value
  FROM (
        SELECT calendar_activity_2c44ac15.value AS grp,
               count(calendar_activity_2c44ac15.subscriber) AS value,
               count(DISTINCT calendar_activity_2c44ac15.subscriber) AS contributors
          FROM calendar_activity_2c44ac15
         GROUP BY calendar_activity_2c44ac15.value
       ) AS groups
 WHERE groups.contributors > 15
