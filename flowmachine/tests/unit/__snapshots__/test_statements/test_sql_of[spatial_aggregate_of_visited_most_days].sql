WITH lon_lat_spatial_unit_ed015958 AS (
        SELECT locations.location_id AS location_id,
               locations.date_of_first_service AS date_of_first_service,
               locations.date_of_last_service AS date_of_last_service,
               ST_X(locations.geom_point) AS lon,
               ST_Y(locations.geom_point) AS lat
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
         WHERE locations.geom_point IS NOT NULL
       ),
       daily_visits_cda7abbc AS (
        SELECT events.subscriber AS subscriber,
               lon_lat_spatial_unit_ed015958.lon AS lon,
               lon_lat_spatial_unit_ed015958.lat AS lat,
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
          JOIN lon_lat_spatial_unit_ed015958
            ON events.location_id = lon_lat_spatial_unit_ed015958.location_id
           AND lon_lat_spatial_unit_ed015958.location_id != ''
           AND (lon_lat_spatial_unit_ed015958.date_of_first_service IS NULL OR lon_lat_spatial_unit_ed015958.date_of_first_service <= '2016-01-01')
           AND (lon_lat_spatial_unit_ed015958.date_of_last_service IS NULL OR '2016-01-01' <= lon_lat_spatial_unit_ed015958.date_of_last_service)
         GROUP BY events.subscriber,
                  lon_lat_spatial_unit_ed015958.lon,
                  lon_lat_spatial_unit_ed015958.lat
       ),
       daily_visits_1ed0f649 AS (
        SELECT events.subscriber AS subscriber,
               lon_lat_spatial_unit_ed015958.lon AS lon,
               lon_lat_spatial_unit_ed015958.lat AS lat,
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
          JOIN lon_lat_spatial_unit_ed015958
            ON events.location_id = lon_lat_spatial_unit_ed015958.location_id
           AND lon_lat_spatial_unit_ed015958.location_id != ''
           AND (lon_lat_spatial_unit_ed015958.date_of_first_service IS NULL OR lon_lat_spatial_unit_ed015958.date_of_first_service <= '2016-01-02')
           AND (lon_lat_spatial_unit_ed015958.date_of_last_service IS NULL OR '2016-01-02' <= lon_lat_spatial_unit_ed015958.date_of_last_service)
         GROUP BY events.subscriber,
                  lon_lat_spatial_unit_ed015958.lon,
                  lon_lat_spatial_unit_ed015958.lat
       ),
       visited_most_days_10d1fdc4 AS (
        SELECT DISTINCT
            ON (visits.subscriber) visits.subscriber AS subscriber,
               visits.lon AS lon,
               visits.lat AS lat
          FROM (
                SELECT daily.subscriber AS subscriber,
                       daily.lon AS lon,
                       daily.lat AS lat,
                       count(*) AS days,
                       sum(daily.events) AS events
                  FROM (
                        SELECT stacked.subscriber AS subscriber,
                               stacked.lon AS lon,
                               stacked.lat AS lat,
                               stacked.events AS events
                          FROM (
                                SELECT daily_visits_cda7abbc.subscriber AS subscriber,
                                       daily_visits_cda7abbc.lon AS lon,
                                       daily_visits_cda7abbc.lat AS lat,
                                       daily_visits_cda7abbc.events AS events
                                  FROM daily_visits_cda7abbc
                             UNION ALL SELECT daily_visits_1ed0f649.subscriber AS subscriber,
                                       daily_visits_1ed0f649.lon AS lon,
                                       daily_visits_1ed0f649.lat AS lat,
                                       daily_visits_1ed0f649.events AS events
                                  FROM daily_visits_1ed0f649
                               ) AS stacked
                       ) AS daily
                 GROUP BY daily.subscriber,
                          daily.lon,
                          daily.lat
               ) AS visits
         ORDER BY visits.subscriber,
                  visits.days DESC,
                  visits.events DESC,
                  visits.lon,
                  visits.lat
       ) SELECT groups.lon,
       groups.lat,
       groups.value
  FROM (
        SELECT visited_most_days_10d1fdc4.lon AS lon,
               visited_most_days_10d1fdc4.lat AS lat,
               count(*) AS value,
               count(*) AS contributors
          FROM visited_most_days_10d1fdc4
         GROUP BY visited_most_days_10d1fdc4.lon,
                  visited_most_days_10d1fdc4.lat
       ) AS groups
 WHERE groups.contributors > 15
