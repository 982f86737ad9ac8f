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
       counted_events_98f991a9 AS (
        SELECT visits.pcod AS pcod,
               '2016-01-01' AS date,
               visits.hour AS hour,
               CAST(sum(visits.events) AS BIGINT) AS value,
               count(*) AS contributors
          FROM (
                SELECT events.subscriber AS subscriber,
                       admin_spatial_unit_35352651.pcod AS pcod,
                       CAST(date_part('hour', timezone('UTC', events.datetime)) AS INTEGER) AS hour,
                       count(*) AS events
                  FROM (
                        SELECT events.sms.msisdn AS subscriber,
                               events.sms.datetime AS datetime,
                               events.sms.location_id AS location_id
                          FROM events.sms
                         WHERE events.sms.datetime >= CAST('2016-01-01 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                           AND events.sms.datetime < CAST('2016-01-02 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                           AND (CAST(date_part('hour', timezone('UTC', events.sms.datetime)) AS INTEGER) < 4 OR CAST(date_part('hour', timezone('UTC', events.sms.datetime)) AS INTEGER) >= 22)
                           AND events.sms.outgoing
                       ) AS events
                  JOIN admin_spatial_unit_35352651
                    ON events.location_id = admin_spatial_unit_35352651.location_id
                   AND admin_spatial_unit_35352651.location_id != ''
                   AND (admin_spatial_unit_35352651.date_of_first_service IS NULL OR admin_spatial_unit_35352651.date_of_first_service <= '2016-01-01')
                   AND (admin_spatial_unit_35352651.date_of_last_service IS NULL OR '2016-01-01' <= admin_spatial_unit_35352651.date_of_last_service)
                 GROUP BY events.subscriber,
                          admin_spatial_unit_35352651.pcod,
                          CAST(date_part('hour', timezone('UTC', events.datetime)) AS INTEGER)
               ) AS visits
         GROUP BY visits.pcod,
                  visits.hour
       ),
       counted_events_b7de049c AS (
        SELECT visits.pcod AS pcod,
               '2016-01-02' AS date,
               visits.hour AS hour,
               CAST(sum(visits.events) AS BIGINT) AS value,
               count(*) AS contributors
          FROM (
                SELECT events.subscriber AS subscriber,
                       admin_spatial_unit_35352651.pcod AS pcod,
                       CAST(date_part('hour', timezone('UTC', events.datetime)) AS INTEGER) AS hour,
                       count(*) AS events
                  FROM (
                        SELECT events.sms.msisdn AS subscriber,
                               events.sms.datetime AS datetime,
                               events.sms.location_id AS location_id
                          FROM events.sms
                         WHERE events.sms.datetime >= CAST('2016-01-02 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                           AND events.sms.datetime < CAST('2016-01-03 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                           AND (CAST(date_part('hour', timezone('UTC', events.sms.datetime)) AS INTEGER) < 4 OR CAST(date_part('hour', timezone('UTC', events.sms.datetime)) AS INTEGER) >= 22)
                           AND events.sms.outgoing
                       ) AS events
                  JOIN admin_spatial_unit_35352651
                    ON events.location_id = admin_spatial_unit_35352651.location_id
                   AND admin_spatial_unit_35352651.location_id != ''
                   AND (admin_spatial_unit_35352651.date_of_first_service IS NULL OR admin_spatial_unit_35352651.date_of_first_service <= '2016-01-02')
                   AND (admin_spatial_unit_35352651.date_of_last_service IS NULL OR '2016-01-02' <= admin_spatial_unit_35352651.date_of_last_service)
                 GROUP BY events.subscriber,
                          admin_spatial_unit_35352651.pcod,
                          CAST(date_part('hour', timezone('UTC', events.datetime)) AS INTEGER)
               ) AS visits
         GROUP BY visits.pcod,
                  visits.hour
       ) SELECT groups.pcod,
       groups.date,
       groups.hour,
       groups.value
  FROM (
        SELECT days.pcod AS pcod,
               days.date AS date,
               days.hour AS hour,
               days.value AS value,
               days.contributors AS contributors
          FROM (
                SELECT counted_events_98f991a9.pcod AS pcod,
                       counted_events_98f991a9.date AS date,
                       counted_events_98f991a9.hour AS hour,
                       counted_events_98f991a9.value AS value,
                       counted_events_98f991a9.contributors AS contributors
                  FROM counted_events_98f991a9
             UNION ALL SELECT counted_events_b7de049c.pcod AS pcod,
                       counted_events_b7de049c.date AS date,
                       counted_events_b7de049c.hour AS hour,
                       counted_events_b7de049c.value AS value,
                       counted_events_b7de049c.contributors AS contributors
                  FROM counted_events_b7de049c
               ) AS days
       ) AS groups
 WHERE groups.contributors > 15
