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
       daily_visits_44ebf41b AS (
        SELECT events.subscriber AS subscriber,
               admin_spatial_unit_35352651.pcod AS pcod,
               count(*) AS events,
               min(events.datetime) AS earliest,
               max(events.datetime) AS latest
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
                           AND (CAST(date_part('hour', timezone('UTC', events.calls.datetime)) AS INTEGER) < 6 OR CAST(date_part('hour', timezone('UTC', events.calls.datetime)) AS INTEGER) >= 20)
                     UNION ALL SELECT events.sms.msisdn AS subscriber,
                               events.sms.datetime AS datetime,
                               events.sms.location_id AS location_id
                          FROM events.sms
                         WHERE events.sms.datetime >= CAST('2016-01-01 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                           AND events.sms.datetime < CAST('2016-01-02 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                           AND (CAST(date_part('hour', timezone('UTC', events.sms.datetime)) AS INTEGER) < 6 OR CAST(date_part('hour', timezone('UTC', events.sms.datetime)) AS INTEGER) >= 20)
                       ) AS events
               ) AS events
          JOIN admin_spatial_unit_35352651
            ON events.location_id = admin_spatial_unit_35352651.location_id
           AND admin_spatial_unit_35352651.location_id != ''
           AND (admin_spatial_unit_35352651.date_of_first_service IS NULL OR admin_spatial_unit_35352651.date_of_first_service <= '2016-01-01')
           AND (admin_spatial_unit_35352651.date_of_last_service IS NULL OR '2016-01-01' <= admin_spatial_unit_35352651.date_of_last_service)
         GROUP BY events.subscriber,
                  admin_spatial_unit_35352651.pcod
       ),
       daily_visits_24b10a14 AS (
        SELECT events.subscriber AS subscriber,
               admin_spatial_unit_35352651.pcod AS pcod,
               count(*) AS events,
               min(events.datetime) AS earliest,
               max(events.datetime) AS latest
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
                           AND (CAST(date_part('hour', timezone('UTC', events.calls.datetime)) AS INTEGER) < 6 OR CAST(date_part('hour', timezone('UTC', events.calls.datetime)) AS INTEGER) >= 20)
                     UNION ALL SELECT events.sms.msisdn AS subscriber,
                               events.sms.datetime AS datetime,
                               events.sms.location_id AS location_id
                          FROM events.sms
                         WHERE events.sms.datetime >= CAST('2016-01-02 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                           AND events.sms.datetime < CAST('2016-01-03 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                           AND (CAST(date_part('hour', timezone('UTC', events.sms.datetime)) AS INTEGER) < 6 OR CAST(date_part('hour', timezone('UTC', events.sms.datetime)) AS INTEGER) >= 20)
                       ) AS events
               ) AS events
          JOIN admin_spatial_unit_35352651
            ON events.location_id = admin_spatial_unit_35352651.location_id
           AND admin_spatial_unit_35352651.location_id != ''
           AND (admin_spatial_unit_35352651.date_of_first_service IS NULL OR admin_spatial_unit_35352651.date_of_first_service <= '2016-01-02')
           AND (admin_spatial_unit_35352651.date_of_last_service IS NULL OR '2016-01-02' <= admin_spatial_unit_35352651.date_of_last_service)
         GROUP BY events.subscriber,
                  admin_spatial_unit_35352651.pcod
       ),
       most_frequent_location_29b51082 AS (
        SELECT DISTINCT
            ON (visits.subscriber) visits.subscriber AS subscriber,
               visits.pcod AS pcod
          FROM (
                SELECT days.subscriber AS subscriber,
                       days.pcod AS pcod,
                       sum(days.events) AS events,
                       max(days.latest) AS latest
                  FROM (
                        SELECT daily_visits_44ebf41b.subscriber AS subscriber,
                               daily_visits_44ebf41b.pcod AS pcod,
                               daily_visits_44ebf41b.events AS events,
                               daily_visits_44ebf41b.latest AS latest
                          FROM daily_visits_44ebf41b
                     UNION ALL SELECT daily_visits_24b10a14.subscriber AS subscriber,
                               daily_visits_24b10a14.pcod AS pcod,
                               daily_visits_24b10a14.events AS events,
                               daily_visits_24b10a14.latest AS latest
                          FROM daily_visits_24b10a14
                       ) AS days
                 GROUP BY days.subscriber,
                          days.pcod
               ) AS visits
         ORDER BY visits.subscriber,
                  visits.events DESC,
                  visits.latest DESC,
                  visits.pcod
       ) SELECT groups.pcod,
       groups.value
  FROM (
        SELECT most_frequent_location_29b51082.pcod AS pcod,
               count(*) AS value,
               count(*) AS contributors
          FROM most_frequent_location_29b51082
         GROUP BY most_frequent_location_29b51082.pcod
       ) AS groups
 WHERE groups.contributors > 15
