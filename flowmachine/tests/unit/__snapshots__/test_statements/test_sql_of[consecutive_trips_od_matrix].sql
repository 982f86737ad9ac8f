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
       subscriber_locations_c6d9bf55 AS (
        SELECT days.subscriber AS subscriber,
               days.time AS time,
               days.lon AS lon,
               days.lat AS lat
          FROM (
                SELECT events.subscriber AS subscriber,
                       events.datetime AS time,
                       lon_lat_spatial_unit_ed015958.lon AS lon,
                       lon_lat_spatial_unit_ed015958.lat AS lat
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
             UNION ALL SELECT events.subscriber AS subscriber,
                       events.datetime AS time,
                       lon_lat_spatial_unit_ed015958.lon AS lon,
                       lon_lat_spatial_unit_ed015958.lat AS lat
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
               ) AS days
       ) SELECT groups.lon_from,
       groups.lat_from,
       groups.lon_to,
       groups.lat_to,
       groups.value
  FROM (
        SELECT movements.lon_from AS lon_from,
               movements.lat_from AS lat_from,
               movements.lon_to AS lon_to,
               movements.lat_to AS lat_to,
               count(*) AS value,
               count(*) AS contributors
          FROM (
                SELECT DISTINCT pairs.subscriber AS subscriber,
                       pairs.lon_from AS lon_from,
                       pairs.lat_from AS lat_from,
                       pairs.lon_to AS lon_to,
                       pairs.lat_to AS lat_to
                  FROM (
                        SELECT subscriber_locations_c6d9bf55.subscriber AS subscriber,
                               subscriber_locations_c6d9bf55.lon AS lon_from,
                               subscriber_locations_c6d9bf55.lat AS lat_from,
                               lead(subscriber_locations_c6d9bf55.lon) OVER (PARTITION BY subscriber_locations_c6d9bf55.subscriber ORDER BY subscriber_locations_c6d9bf55.time, subscriber_locations_c6d9bf55.lon, subscriber_locations_c6d9bf55.lat) AS lon_to,
                               lead(subscriber_locations_c6d9bf55.lat) OVER (PARTITION BY subscriber_locations_c6d9bf55.subscriber ORDER BY subscriber_locations_c6d9bf55.time, subscriber_locations_c6d9bf55.lon, subscriber_locations_c6d9bf55.lat) AS lat_to
                          FROM subscriber_locations_c6d9bf55
                       ) AS pairs
                 WHERE pairs.lon_from IS NOT NULL
                   AND pairs.lat_from IS NOT NULL
                   AND pairs.lon_to IS NOT NULL
                   AND pairs.lat_to IS NOT NULL
               ) AS movements
         GROUP BY movements.lon_from,
                  movements.lat_from,
                  movements.lon_to,
                  movements.lat_to
       ) AS groups
 WHERE groups.contributors > 15
