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
               visits.datetime AS datetime
          FROM (
                SELECT events.subscriber AS subscriber,
                       events.location_id AS location_id,
                       date_trunc('hour', events.datetime, 'UTC') AS datetime
                  FROM (
                        SELECT events.sms.msisdn AS subscriber,
                               events.sms.datetime AS datetime,
                               events.sms.location_id AS location_id
                          FROM events.sms
                         WHERE events.sms.datetime >= CAST('2016-01-01 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                           AND events.sms.datetime < CAST('2016-01-02 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                           AND (CAST(date_part('hour', timezone('UTC', events.sms.datetime)) AS INTEGER) < 4 OR CAST(date_part('hour', timezone('UTC', events.sms.datetime)) AS INTEGER) >= 22)
                           AND events.sms.location_id != ''
                       ) AS events
                 GROUP BY events.subscriber,
                          events.location_id,
                          date_trunc('hour', events.datetime, 'UTC')
               ) AS visits
          JOIN admin_spatial_unit_35352651
            ON visits.location_id = admin_spatial_unit_35352651.location_id
           AND (admin_spatial_unit_35352651.date_of_first_service IS NULL OR admin_spatial_unit_35352651.date_of_first_service <= '2016-01-01')
           AND (admin_spatial_unit_35352651.date_of_last_service IS NULL OR '2016-01-01' <= admin_spatial_unit_35352651.date_of_last_service)
       ),
       counted_network_objects_8112902f AS (
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
       ),
       anon_2 AS (
        SELECT visits.subscriber AS subscriber,
               CAST(visits.location_id AS TEXT) AS object,
               admin_spatial_unit_35352651.pcod AS pcod,
               visits.datetime AS datetime
          FROM (
                SELECT events.subscriber AS subscriber,
                       events.location_id AS location_id,
                       date_trunc('hour', events.datetime, 'UTC') AS datetime
                  FROM (
                        SELECT events.sms.msisdn AS subscriber,
                               events.sms.datetime AS datetime,
                               events.sms.location_id AS location_id
                          FROM events.sms
                         WHERE events.sms.datetime >= CAST('2016-01-02 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                           AND events.sms.datetime < CAST('2016-01-03 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                           AND (CAST(date_part('hour', timezone('UTC', events.sms.datetime)) AS INTEGER) < 4 OR CAST(date_part('hour', timezone('UTC', events.sms.datetime)) AS INTEGER) >= 22)
                           AND events.sms.location_id != ''
                       ) AS events
                 GROUP BY events.subscriber,
                          events.location_id,
                          date_trunc('hour', events.datetime, 'UTC')
               ) AS visits
          JOIN admin_spatial_unit_35352651
            ON visits.location_id = admin_spatial_unit_35352651.location_id
           AND (admin_spatial_unit_35352651.date_of_first_service IS NULL OR admin_spatial_unit_35352651.date_of_first_service <= '2016-01-02')
           AND (admin_spatial_unit_35352651.date_of_last_service IS NULL OR '2016-01-02' <= admin_spatial_unit_35352651.date_of_last_service)
       ),
       counted_network_objects_47143cd1 AS (
        SELECT once.pcod AS pcod,
               count(once.object) AS value,
               once.datetime AS datetime,
               count(once.subscriber) AS contributors
          FROM (
                SELECT DISTINCT anon_2.pcod AS pcod,
                       anon_2.datetime AS datetime,
                       anon_2.object AS object,
                       NULL AS subscriber
                  FROM anon_2
             UNION ALL SELECT DISTINCT anon_2.pcod AS pcod,
                       anon_2.datetime AS datetime,
                       NULL AS object,
                       anon_2.subscriber AS subscriber
                  FROM anon_2
               ) AS once
         GROUP BY once.pcod,
                  once.datetime
       ) SELECT groups.pcod,
       groups.value,
       groups.datetime
  FROM (
        SELECT days.pcod AS pcod,
               days.value AS value,
               days.datetime AS datetime,
               days.contributors AS contributors
          FROM (
                SELECT counted_network_objects_8112902f.pcod AS pcod,
                       counted_network_objects_8112902f.value AS value,
                       counted_network_objects_8112902f.datetime AS datetime,
                       counted_network_objects_8112902f.contributors AS contributors
                  FROM counted_network_objects_8112902f
             UNION ALL SELECT counted_network_objects_47143cd1.pcod AS pcod,
                       counted_network_objects_47143cd1.value AS value,
                       counted_network_objects_47143cd1.datetime AS datetime,
                       counted_network_objects_47143cd1.contributors AS contributors
                  FROM counted_network_objects_47143cd1
               ) AS days
       ) AS groups
 WHERE groups.contributors > 15
