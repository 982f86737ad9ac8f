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
       daily_visits_efe8066e AS (
        SELECT events.subscriber AS subscriber,
               admin_spatial_unit_35352651.pcod AS pcod,
               count(*) AS events,
               min(events.datetime) AS earliest,
               max(events.datetime) AS latest
          FROM (
                SELECT events.calls.msisdn AS subscriber,
                       events.calls.datetime AS datetime,
                       events.calls.location_id AS location_id
                  FROM events.calls
                 WHERE events.calls.datetime >= CAST('2016-01-01 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                   AND events.calls.datetime < CAST('2016-01-02 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                   AND (CAST(date_part('hour', timezone('UTC', events.calls.datetime)) AS INTEGER) < 4 OR CAST(date_part('hour', timezone('UTC', events.calls.datetime)) AS INTEGER) >= 22)
               ) AS events
          JOIN admin_spatial_unit_35352651
            ON events.location_id = admin_spatial_unit_35352651.location_id
           AND admin_spatial_unit_35352651.location_id != ''
           AND (admin_spatial_unit_35352651.date_of_first_service IS NULL OR admin_spatial_unit_35352651.date_of_first_service <= '2016-01-01')
           AND (admin_spatial_unit_35352651.date_of_last_service IS NULL OR '2016-01-01' <= admin_spatial_unit_35352651.date_of_last_service)
         GROUP BY events.subscriber,
                  admin_spatial_unit_35352651.pcod
       ),
       daily_visits_1af7c8bd AS (
        SELECT events.subscriber AS subscriber,
               admin_spatial_unit_35352651.pcod AS pcod,
               count(*) AS events,
               min(events.datetime) AS earliest,
               max(events.datetime) AS latest
          FROM (
                SELECT events.calls.msisdn AS subscriber,
                       events.calls.datetime AS datetime,
                       events.calls.location_id AS location_id
                  FROM events.calls
                 WHERE events.calls.datetime >= CAST('2016-01-02 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                   AND events.calls.datetime < CAST('2016-01-03 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                   AND (CAST(date_part('hour', timezone('UTC', events.calls.datetime)) AS INTEGER) < 4 OR CAST(date_part('hour', timezone('UTC', events.calls.datetime)) AS INTEGER) >= 22)
               ) AS events
          JOIN admin_spatial_unit_35352651
            ON events.location_id = admin_spatial_unit_35352651.location_id
           AND admin_spatial_unit_35352651.location_id != ''
           AND (admin_spatial_unit_35352651.date_of_first_service IS NULL OR admin_spatial_unit_35352651.date_of_first_service <= '2016-01-02')
           AND (admin_spatial_unit_35352651.date_of_last_service IS NULL OR '2016-01-02' <= admin_spatial_unit_35352651.date_of_last_service)
         GROUP BY events.subscriber,
                  admin_spatial_unit_35352651.pcod
       ),
       anon_3 AS (
        SELECT days.subscriber AS subscriber,
               days.pcod AS pcod,
               min(days.earliest) AS earliest,
               max(days.latest) AS latest
          FROM (
                SELECT daily_visits_efe8066e.subscriber AS subscriber,
                       daily_visits_efe8066e.pcod AS pcod,
                       daily_visits_efe8066e.earliest AS earliest,
                       daily_visits_efe8066e.latest AS latest
                  FROM daily_visits_efe8066e
             UNION ALL SELECT daily_visits_1af7c8bd.subscriber AS subscriber,
                       daily_visits_1af7c8bd.pcod AS pcod,
                       daily_visits_1af7c8bd.earliest AS earliest,
                       daily_visits_1af7c8bd.latest AS latest
                  FROM daily_visits_1af7c8bd
               ) AS days
         GROUP BY days.subscriber,
                  days.pcod
       ) SELECT groups.pcod_from,
       groups.pcod_to,
       groups.value
  FROM (
        SELECT movements.pcod_from AS pcod_from,
               movements.pcod_to AS pcod_to,
               count(*) AS value,
               count(*) AS contributors
          FROM (
                SELECT anon_1.subscriber AS subscriber,
                       anon_1.pcod AS pcod_from,
                       anon_2.pcod AS pcod_to
                  FROM anon_3 AS anon_1
                  JOIN anon_3 AS anon_2
                    ON anon_1.subscriber = anon_2.subscriber
                   AND anon_1.earliest < anon_2.latest
                   AND anon_1.pcod != anon_2.pcod
               ) AS movements
         GROUP BY movements.pcod_from,
                  movements.pcod_to
       ) AS groups
 WHERE groups.contributors > 15
