WITH admin_spatial_unit_06bd987f AS (
        SELECT locations.location_id AS location_id,
               locations.date_of_first_service AS date_of_first_service,
               locations.date_of_last_service AS date_of_last_service,
               regions.admin2pcod AS pcod
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
          JOIN geography.admin2 AS regions
            ON ST_Within(locations.geom_point, ST_SetSRID(regions.geom, 4326))
       ),
       daily_visits_2d8ed2fa AS (
        SELECT events.subscriber AS subscriber,
               admin_spatial_unit_06bd987f.pcod AS pcod,
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
                     UNION ALL SELECT events.sms.msisdn AS subscriber,
                               events.sms.datetime AS datetime,
                               events.sms.location_id AS location_id
                          FROM events.sms
                         WHERE events.sms.datetime >= CAST('2016-01-01 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                           AND events.sms.datetime < CAST('2016-01-02 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                       ) AS events
               ) AS events
          JOIN admin_spatial_unit_06bd987f
            ON events.location_id = admin_spatial_unit_06bd987f.location_id
           AND admin_spatial_unit_06bd987f.location_id != ''
           AND (admin_spatial_unit_06bd987f.date_of_first_service IS NULL OR admin_spatial_unit_06bd987f.date_of_first_service <= '2016-01-01')
           AND (admin_spatial_unit_06bd987f.date_of_last_service IS NULL OR '2016-01-01' <= admin_spatial_unit_06bd987f.date_of_last_service)
         GROUP BY events.subscriber,
                  admin_spatial_unit_06bd987f.pcod
       ),
       daily_visits_2b9c4d79 AS (
        SELECT events.subscriber AS subscriber,
               admin_spatial_unit_06bd987f.pcod AS pcod,
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
                     UNION ALL SELECT events.sms.msisdn AS subscriber,
                               events.sms.datetime AS datetime,
                               events.sms.location_id AS location_id
                          FROM events.sms
                         WHERE events.sms.datetime >= CAST('2016-01-02 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                           AND events.sms.datetime < CAST('2016-01-03 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                       ) AS events
               ) AS events
          JOIN admin_spatial_unit_06bd987f
            ON events.location_id = admin_spatial_unit_06bd987f.location_id
           AND admin_spatial_unit_06bd987f.location_id != ''
           AND (admin_spatial_unit_06bd987f.date_of_first_service IS NULL OR admin_spatial_unit_06bd987f.date_of_first_service <= '2016-01-02')
           AND (admin_spatial_unit_06bd987f.date_of_last_service IS NULL OR '2016-01-02' <= admin_spatial_unit_06bd987f.date_of_last_service)
         GROUP BY events.subscriber,
                  admin_spatial_unit_06bd987f.pcod
       ) SELECT groups.pcod,
       groups.value
  FROM (
        SELECT visits.pcod AS pcod,
               count(*) AS value,
               count(*) AS contributors
          FROM (
                SELECT days.subscriber AS subscriber,
                       days.pcod AS pcod
                  FROM (
                        SELECT daily_visits_2d8ed2fa.subscriber AS subscriber,
                               daily_visits_2d8ed2fa.pcod AS pcod
                          FROM daily_visits_2d8ed2fa
                     UNION ALL SELECT daily_visits_2b9c4d79.subscriber AS subscriber,
                               daily_visits_2b9c4d79.pcod AS pcod
                          FROM daily_visits_2b9c4d79
                       ) AS days
                 GROUP BY days.subscriber,
                          days.pcod
               ) AS visits
         GROUP BY visits.pcod
       ) AS groups
 WHERE groups.contributors > 15
