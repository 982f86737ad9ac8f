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
       last_location_755a01a1 AS (
        SELECT DISTINCT
            ON (visits.subscriber) visits.subscriber AS subscriber,
               visits.lon AS lon,
               visits.lat AS lat
          FROM (
                SELECT daily_visits_cda7abbc.subscriber AS subscriber,
                       daily_visits_cda7abbc.lon AS lon,
                       daily_visits_cda7abbc.lat AS lat,
                       daily_visits_cda7abbc.latest AS latest
                  FROM daily_visits_cda7abbc
               ) AS visits
         ORDER BY visits.subscriber,
                  visits.latest DESC,
                  visits.lon,
                  visits.lat
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
       last_location_4b154faa AS (
        SELECT DISTINCT
            ON (visits.subscriber) visits.subscriber AS subscriber,
               visits.lon AS lon,
               visits.lat AS lat
          FROM (
                SELECT daily_visits_1ed0f649.subscriber AS subscriber,
                       daily_visits_1ed0f649.lon AS lon,
                       daily_visits_1ed0f649.lat AS lat,
                       daily_visits_1ed0f649.latest AS latest
                  FROM daily_visits_1ed0f649
               ) AS visits
         ORDER BY visits.subscriber,
                  visits.latest DESC,
                  visits.lon,
                  visits.lat
       ),
       daily_visits_bdf95189 AS (
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
                         WHERE events.calls.datetime >= CAST('2016-01-03 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                           AND events.calls.datetime < CAST('2016-01-04 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                     UNION ALL SELECT events.sms.msisdn AS subscriber,
                               events.sms.datetime AS datetime,
                               events.sms.location_id AS location_id
                          FROM events.sms
                         WHERE events.sms.datetime >= CAST('2016-01-03 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                           AND events.sms.datetime < CAST('2016-01-04 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                       ) AS events
               ) AS events
          JOIN lon_lat_spatial_unit_ed015958
            ON events.location_id = lon_lat_spatial_unit_ed015958.location_id
           AND lon_lat_spatial_unit_ed015958.location_id != ''
           AND (lon_lat_spatial_unit_ed015958.date_of_first_service IS NULL OR lon_lat_spatial_unit_ed015958.date_of_first_service <= '2016-01-03')
           AND (lon_lat_spatial_unit_ed015958.date_of_last_service IS NULL OR '2016-01-03' <= lon_lat_spatial_unit_ed015958.date_of_last_service)
         GROUP BY events.subscriber,
                  lon_lat_spatial_unit_ed015958.lon,
                  lon_lat_spatial_unit_ed015958.lat
       ),
       last_location_a54cef12 AS (
        SELECT DISTINCT
            ON (visits.subscriber) visits.subscriber AS subscriber,
               visits.lon AS lon,
               visits.lat AS lat
          FROM (
                SELECT daily_visits_bdf95189.subscriber AS subscriber,
                       daily_visits_bdf95189.lon AS lon,
                       daily_visits_bdf95189.lat AS lat,
                       daily_visits_bdf95189.latest AS latest
                  FROM daily_visits_bdf95189
               ) AS visits
         ORDER BY visits.subscriber,
                  visits.latest DESC,
                  visits.lon,
                  visits.lat
       ),
       modal_location_d0a4fa66 AS (
        SELECT DISTINCT
            ON (counts.subscriber) counts.subscriber AS subscriber,
               counts.lon AS lon,
               counts.lat AS lat
          FROM (
                SELECT days.subscriber AS subscriber,
                       days.lon AS lon,
                       days.lat AS lat,
                       count(*) AS days,
                       max(days.date) AS latest
                  FROM (
                        SELECT last_location_755a01a1.subscriber AS subscriber,
                               last_location_755a01a1.lon AS lon,
                               last_location_755a01a1.lat AS lat,
                               CAST('2016-01-01 00:00:00' AS TIMESTAMP WITHOUT TIME ZONE) AS date
                          FROM last_location_755a01a1
                     UNION ALL SELECT last_location_4b154faa.subscriber AS subscriber,
                               last_location_4b154faa.lon AS lon,
                               last_location_4b154faa.lat AS lat,
                               CAST('2016-01-02 00:00:00' AS TIMESTAMP WITHOUT TIME ZONE) AS date
                          FROM last_location_4b154faa
                     UNION ALL SELECT last_location_a54cef12.subscriber AS subscriber,
                               last_location_a54cef12.lon AS lon,
                               last_location_a54cef12.lat AS lat,
                               CAST('2016-01-03 00:00:00' AS TIMESTAMP WITHOUT TIME ZONE) AS date
                          FROM last_location_a54cef12
                       ) AS days
                 GROUP BY days.subscriber,
                          days.lon,
                          days.lat
               ) AS counts
         ORDER BY counts.subscriber,
                  counts.days DESC,
                  counts.latest DESC,
                  counts.lon,
                  counts.lat
       ) SELECT groups.lon,
       groups.lat,
       groups.value
  FROM (
        SELECT modal_location_d0a4fa66.lon AS lon,
               modal_location_d0a4fa66.lat AS lat,
               count(*) AS value,
               count(*) AS contributors
          FROM modal_location_d0a4fa66
         GROUP BY modal_location_d0a4fa66.lon,
                  modal_location_d0a4fa66.lat
       ) AS groups
 WHERE groups.contributors > 15
