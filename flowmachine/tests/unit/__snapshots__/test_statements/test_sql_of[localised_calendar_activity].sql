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
       calendar_activity_2c44ac15 AS (
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
       ),
       redacted_e9e857e9 AS (
        SELECT rated.lon AS lon,
               rated.lat AS lat,
               rated.value_label AS value_label,
               rated.value AS value
          FROM (
                SELECT groups.lon AS lon,
                       groups.lat AS lat,
                       groups.value_label AS value_label,
                       groups.value AS value,
                       groups.contributors AS contributors,
                       min(coalesce(groups.contributors, 1)) OVER (PARTITION BY groups.lon, groups.lat) AS least
                  FROM (
                        SELECT anon_1.lon AS lon,
                               anon_1.lat AS lat,
                               anon_2.value AS value_label,
                               count(*) AS value,
                               count(*) AS contributors
                          FROM last_location_755a01a1 AS anon_1
                          LEFT OUTER JOIN calendar_activity_2c44ac15 AS anon_2
                            ON anon_1.subscriber = anon_2.subscriber
                         GROUP BY anon_1.lon,
                                  anon_1.lat,
                                  anon_2.value
                       ) AS groups
               ) AS rated
         WHERE rated.least > 15
       ) SELECT drawn.lon,
       drawn.lat,
       drawn.value_label,
       drawn.value
  FROM (
        SELECT texts.lon AS lon,
               texts.lat AS lat,
               texts.value_label AS value_label,
               texts.value AS value,
               md5(concat_ws('|', '0.5', CAST(row_number() OVER (PARTITION BY texts.text) AS TEXT), texts.text)) COLLATE "C" AS draw
          FROM (
                SELECT redacted_e9e857e9.lon AS lon,
                       redacted_e9e857e9.lat AS lat,
                       redacted_e9e857e9.value_label AS value_label,
                       redacted_e9e857e9.value AS value,
                       CAST(row(redacted_e9e857e9.lon, redacted_e9e857e9.lat, redacted_e9e857e9.value_label, redacted_e9e857e9.value) AS TEXT) AS text
                  FROM redacted_e9e857e9
               ) AS texts
       ) AS drawn
 ORDER BY drawn.draw
 LIMIT 10
