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
       day_trajectories_5d827a2a AS (
        SELECT days.subscriber AS subscriber,
               days.lon AS lon,
               days.lat AS lat,
               days.date AS date
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
               ) AS days
       ),
       location_visits_240e8b7d AS (
        SELECT day_trajectories_5d827a2a.subscriber AS subscriber,
               day_trajectories_5d827a2a.lon AS lon,
               day_trajectories_5d827a2a.lat AS lat,
               count(*) AS value
          FROM day_trajectories_5d827a2a
         GROUP BY day_trajectories_5d827a2a.subscriber,
                  day_trajectories_5d827a2a.lon,
                  day_trajectories_5d827a2a.lat
       ),
       majority_location_a35690a4 AS (
        SELECT weights.subscriber AS subscriber,
               weights.lon AS lon,
               weights.lat AS lat
          FROM (
                SELECT location_visits_240e8b7d.subscriber AS subscriber,
                       location_visits_240e8b7d.lon AS lon,
                       location_visits_240e8b7d.lat AS lat,
                       location_visits_240e8b7d.value AS weight,
                       sum(location_visits_240e8b7d.value) OVER (PARTITION BY location_visits_240e8b7d.subscriber) AS total
                  FROM location_visits_240e8b7d
                 WHERE location_visits_240e8b7d.value >= 0
               ) AS weights
         WHERE 2 * weights.weight > greatest(weights.total, 2.0)
       ),
       majority_location_88c05e2c AS (
        SELECT weights.subscriber AS subscriber,
               weights.lon AS lon,
               weights.lat AS lat
          FROM (
                SELECT location_visits_240e8b7d.subscriber AS subscriber,
                       location_visits_240e8b7d.lon AS lon,
                       location_visits_240e8b7d.lat AS lat,
                       location_visits_240e8b7d.value AS weight,
                       sum(location_visits_240e8b7d.value) OVER (PARTITION BY location_visits_240e8b7d.subscriber) AS total
                  FROM location_visits_240e8b7d
                 WHERE location_visits_240e8b7d.value >= 0
               ) AS weights
         WHERE 2 * weights.weight > greatest(weights.total, 0.0)
       ),
       majority_location_with_unlocatable_740317ec AS (
        SELECT everybody.subscriber AS subscriber,
               anon_4.lon AS lon,
               anon_4.lat AS lat
          FROM (
                SELECT DISTINCT location_visits_240e8b7d.subscriber AS subscriber
                  FROM location_visits_240e8b7d
               ) AS everybody
          LEFT OUTER JOIN majority_location_88c05e2c AS anon_4
            ON everybody.subscriber = anon_4.subscriber
       ),
       filtered_reference_location_3d58f9cc AS (
        SELECT anon_3.subscriber AS subscriber,
               anon_3.lon AS lon,
               anon_3.lat AS lat
          FROM majority_location_with_unlocatable_740317ec AS anon_3
         WHERE EXISTS (
                SELECT *
                  FROM (
                        SELECT location_visits_240e8b7d.subscriber AS subscriber,
                               location_visits_240e8b7d.lon AS lon,
                               location_visits_240e8b7d.lat AS lat,
                               location_visits_240e8b7d.value AS value
                          FROM location_visits_240e8b7d
                         WHERE location_visits_240e8b7d.value >= 1
                           AND location_visits_240e8b7d.value <= CAST('inf' AS DOUBLE PRECISION)
                       ) AS kept
                 WHERE kept.subscriber = anon_3.subscriber
                   AND kept.lon = anon_3.lon
                   AND kept.lat = anon_3.lat
               )
       ),
       coalesced_location_2bed5527 AS (
        SELECT coalesce(anon_1.subscriber, anon_2.subscriber) AS subscriber,
               CASE WHEN (anon_1.lat IS NULL AND anon_1.lon IS NULL) THEN anon_2.lat
                    ELSE anon_1.lat
                     END AS lat,
               CASE WHEN (anon_1.lat IS NULL AND anon_1.lon IS NULL) THEN anon_2.lon
                    ELSE anon_1.lon
                     END AS lon
          FROM majority_location_a35690a4 AS anon_1
          FULL OUTER JOIN filtered_reference_location_3d58f9cc AS anon_2
            ON anon_1.subscriber = anon_2.subscriber
       ) SELECT groups.lon,
       groups.lat,
       groups.value
  FROM (
        SELECT coalesced_location_2bed5527.lon AS lon,
               coalesced_location_2bed5527.lat AS lat,
               count(*) AS value,
               count(*) AS contributors
          FROM coalesced_location_2bed5527
         GROUP BY coalesced_location_2bed5527.lon,
                  coalesced_location_2bed5527.lat
       ) AS groups
 WHERE groups.contributors > 15
