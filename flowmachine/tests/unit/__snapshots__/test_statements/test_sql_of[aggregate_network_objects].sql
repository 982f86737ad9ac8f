WITH admin_spatial_unit_35352651 AS (
        SELECT locations.location_id AS location_id,
               locations.date_of_first_service AS date_of_first_service,
               locations.date_of_last_service AS date_of_last_service,
               regions.admin3pcod AS pcod
          FROM (
                SELECT versions.location_id AS location_id,
                       versions.date_of_first_service AS date_of_first_service,
                       least(versions.date_of_last_service, versions.next_first - 1) AS date_of_last_service,
                       versions.geom_point AS geom_point
                  FROM (
                        SELECT infrastructure.cells.id AS location_id,
                               infrastructure.cells.date_of_first_service AS date_of_first_service,
                               infrastructure.cells.date_of_last_service AS date_of_last_service,
                               infrastructure.cells.geom_point AS geom_point,
                               coalesce(infrastructure.cells.date_of_first_service, CAST('-infinity' AS DATE)) AS first,
                               lead(coalesce(infrastructure.cells.date_of_first_service, CAST('-infinity' AS DATE))) OVER (PARTITION BY infrastructure.cells.id ORDER BY coalesce(infrastructure.cells.date_of_first_service, CAST('-infinity' AS DATE)), infrastructure.cells.version) AS next_first
                          FROM infrastructure.cells
                       ) AS versions
                 WHERE versions.next_first IS NULL
                    OR versions.first < versions.next_first
               ) AS locations
          JOIN geography.admin3 AS regions
            ON ST_Within(locations.geom_point, ST_SetSRID(regions.geom, 4326))
       ),
       anon_1 AS (
        SELECT visits.subscriber AS subscriber,
               CAST(visits.location_id AS TEXT) AS object,
               admin_spatial_unit_35352651.pcod AS pcod,
               date_trunc('day', CAST('2016-01-01 00:00:00+00' AS TIMESTAMP WITH TIME ZONE), 'UTC') AS datetime
          FROM (
                SELECT events.subscriber AS subscriber,
                       events.location_id AS location_id
                  FROM (
                        SELECT events.subscriber AS subscriber,
                               events.datetime AS datetime,
                               events.location_id AS location_id
                          FROM (
                                SELECT events.calls.msisdn AS subscriber,
                                       events.calls.datetime AS datetime,
                                       events.calls.location_id AS location_id
                                  FROM events.calls
                                 WHERE events.calls.datetime >= CAST('2016-01-01 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                                   AND events.calls.datetime < CAST('2016-01-02 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                                   AND events.calls.location_id != ''
                             UNION ALL SELECT events.sms.msisdn AS subscriber,
                                       events.sms.datetime AS datetime,
                                       events.sms.location_id AS location_id
                                  FROM events.sms
                                 WHERE events.sms.datetime >= CAST('2016-01-01 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                                   AND events.sms.datetime < CAST('2016-01-02 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                                   AND events.sms.location_id != ''
                               ) AS events
                       ) AS events
                 GROUP BY events.subscriber,
                          events.location_id
               ) AS visits
          JOIN admin_spatial_unit_35352651
            ON visits.location_id = admin_spatial_unit_35352651.location_id
           AND (admin_spatial_unit_35352651.date_of_first_service IS NULL OR admin_spatial_unit_35352651.date_of_first_service <= '2016-01-01')
           AND (admin_spatial_unit_35352651.date_of_last_service IS NULL OR '2016-01-01' <= admin_spatial_unit_35352651.date_of_last_service)
     UNION ALL SELECT visits.subscriber AS subscriber,
               CAST(visits.location_id AS TEXT) AS object,
               admin_spatial_unit_35352651.pcod AS pcod,
               date_trunc('day', CAST('2016-01-02 00:00:00+00' AS TIMESTAMP WITH TIME ZONE), 'UTC') AS datetime
          FROM (
                SELECT events.subscriber AS subscriber,
                       events.location_id AS location_id
                  FROM (
                        SELECT events.subscriber AS subscriber,
                               events.datetime AS datetime,
                               events.location_id AS location_id
                          FROM (
                                SELECT events.calls.msisdn AS subscriber,
                                       events.calls.datetime AS datetime,
                                       events.calls.location_id AS location_id
                                  FROM events.calls
                                 WHERE events.calls.datetime >= CAST('2016-01-02 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                                   AND events.calls.datetime < CAST('2016-01-03 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                                   AND events.calls.location_id != ''
                             UNION ALL SELECT events.sms.msisdn AS subscriber,
                                       events.sms.datetime AS datetime,
                                       events.sms.location_id AS location_id
                                  FROM events.sms
                                 WHERE events.sms.datetime >= CAST('2016-01-02 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                                   AND events.sms.datetime < CAST('2016-01-03 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                                   AND events.sms.location_id != ''
                               ) AS events
                       ) AS events
                 GROUP BY events.subscriber,
                          events.location_id
               ) AS visits
          JOIN admin_spatial_unit_35352651
            ON visits.location_id = admin_spatial_unit_35352651.location_id
           AND (admin_spatial_unit_35352651.date_of_first_service IS NULL OR admin_spatial_unit_35352651.date_of_first_service <= '2016-01-02')
           AND (admin_spatial_unit_35352651.date_of_last_service IS NULL OR '2016-01-02' <= admin_spatial_unit_35352651.date_of_last_service)
       ) SELECT groups.pcod,
       groups.value,
       groups.datetime
  FROM (
        SELECT summary.pcod AS pcod,
               summary.value AS value,
               summary.datetime AS datetime,
               behind.contributors AS contributors
          FROM (
                SELECT totals.pcod AS pcod,
                       date_trunc('month', totals.datetime, 'UTC') AS datetime,
                       percentile_cont(0.5) WITHIN GROUP (ORDER BY totals.value) AS value
                  FROM (
                        SELECT once.pcod AS pcod,
                               count(once.object) AS value,
                               once.datetime AS datetime,
                               count(once.subscriber) AS contributors
                          FROM (
                                SELECT DISTINCT anon_1.pcod AS pcod,
                                       anon_1.datetime AS datetime,
                                       anon_1.object AS object,
                                       NULL AS subscriber
                                  FROM anon_1
                             UNION ALL SELECT DISTINCT anon_1.pcod AS pcod,
                                       anon_1.datetime AS datetime,
                                       NULL AS object,
                                       anon_1.subscriber AS subscriber
                                  FROM anon_1
                               ) AS once
                         GROUP BY once.pcod,
                                  once.datetime
                       ) AS totals
                 GROUP BY totals.pcod,
                          date_trunc('month', totals.datetime, 'UTC')
               ) AS summary
          JOIN (
                SELECT anon_1.pcod AS pcod,
                       date_trunc('month', anon_1.datetime, 'UTC') AS datetime,
                       count(DISTINCT anon_1.subscriber) AS contributors
                  FROM anon_1
                 GROUP BY anon_1.pcod,
                          date_trunc('month', anon_1.datetime, 'UTC')
               ) AS behind
            ON summary.pcod = behind.pcod
           AND summary.datetime = behind.datetime
       ) AS groups
 WHERE groups.contributors > 15
