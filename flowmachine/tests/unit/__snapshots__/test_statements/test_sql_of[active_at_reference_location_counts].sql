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
       daily_visits_5f45ebcf AS (
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
                     UNION ALL SELECT events.sms.msisdn AS subscriber,
                               events.sms.datetime AS datetime,
                               events.sms.location_id AS location_id
                          FROM events.sms
                         WHERE events.sms.datetime >= CAST('2016-01-01 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                           AND events.sms.datetime < CAST('2016-01-02 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
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
       last_location_e2e81b86 AS (
        SELECT DISTINCT
            ON (visits.subscriber) visits.subscriber AS subscriber,
               visits.pcod AS pcod
          FROM (
                SELECT daily_visits_5f45ebcf.subscriber AS subscriber,
                       daily_visits_5f45ebcf.pcod AS pcod,
                       daily_visits_5f45ebcf.latest AS latest
                  FROM daily_visits_5f45ebcf
               ) AS visits
         ORDER BY visits.subscriber,
                  visits.latest DESC,
                  visits.pcod
       ),
       daily_visits_2ebc927a AS (
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
                     UNION ALL SELECT events.sms.msisdn AS subscriber,
                               events.sms.datetime AS datetime,
                               events.sms.location_id AS location_id
                          FROM events.sms
                         WHERE events.sms.datetime >= CAST('2016-01-02 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                           AND events.sms.datetime < CAST('2016-01-03 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
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
       last_location_7334a5e9 AS (
        SELECT DISTINCT
            ON (visits.subscriber) visits.subscriber AS subscriber,
               visits.pcod AS pcod
          FROM (
                SELECT daily_visits_2ebc927a.subscriber AS subscriber,
                       daily_visits_2ebc927a.pcod AS pcod,
                       daily_visits_2ebc927a.latest AS latest
                  FROM daily_visits_2ebc927a
               ) AS visits
         ORDER BY visits.subscriber,
                  visits.latest DESC,
                  visits.pcod
       ),
       daily_visits_a59ca21a AS (
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
          JOIN admin_spatial_unit_35352651
            ON events.location_id = admin_spatial_unit_35352651.location_id
           AND admin_spatial_unit_35352651.location_id != ''
           AND (admin_spatial_unit_35352651.date_of_first_service IS NULL OR admin_spatial_unit_35352651.date_of_first_service <= '2016-01-03')
           AND (admin_spatial_unit_35352651.date_of_last_service IS NULL OR '2016-01-03' <= admin_spatial_unit_35352651.date_of_last_service)
         GROUP BY events.subscriber,
                  admin_spatial_unit_35352651.pcod
       ),
       last_location_f0df4de5 AS (
        SELECT DISTINCT
            ON (visits.subscriber) visits.subscriber AS subscriber,
               visits.pcod AS pcod
          FROM (
                SELECT daily_visits_a59ca21a.subscriber AS subscriber,
                       daily_visits_a59ca21a.pcod AS pcod,
                       daily_visits_a59ca21a.latest AS latest
                  FROM daily_visits_a59ca21a
               ) AS visits
         ORDER BY visits.subscriber,
                  visits.latest DESC,
                  visits.pcod
       ),
       day_trajectories_c3ac76d2 AS (
        SELECT days.subscriber AS subscriber,
               days.pcod AS pcod,
               days.date AS date
          FROM (
                SELECT last_location_e2e81b86.subscriber AS subscriber,
                       last_location_e2e81b86.pcod AS pcod,
                       CAST('2016-01-01 00:00:00' AS TIMESTAMP WITHOUT TIME ZONE) AS date
                  FROM last_location_e2e81b86
             UNION ALL SELECT last_location_7334a5e9.subscriber AS subscriber,
                       last_location_7334a5e9.pcod AS pcod,
                       CAST('2016-01-02 00:00:00' AS TIMESTAMP WITHOUT TIME ZONE) AS date
                  FROM last_location_7334a5e9
             UNION ALL SELECT last_location_f0df4de5.subscriber AS subscriber,
                       last_location_f0df4de5.pcod AS pcod,
                       CAST('2016-01-03 00:00:00' AS TIMESTAMP WITHOUT TIME ZONE) AS date
                  FROM last_location_f0df4de5
               ) AS days
       ),
       location_visits_76c40624 AS (
        SELECT day_trajectories_c3ac76d2.subscriber AS subscriber,
               day_trajectories_c3ac76d2.pcod AS pcod,
               count(*) AS value
          FROM day_trajectories_c3ac76d2
         GROUP BY day_trajectories_c3ac76d2.subscriber,
                  day_trajectories_c3ac76d2.pcod
       ),
       majority_location_c7d3688e AS (
        SELECT weights.subscriber AS subscriber,
               weights.pcod AS pcod
          FROM (
                SELECT location_visits_76c40624.subscriber AS subscriber,
                       location_visits_76c40624.pcod AS pcod,
                       location_visits_76c40624.value AS weight,
                       sum(location_visits_76c40624.value) OVER (PARTITION BY location_visits_76c40624.subscriber) AS total
                  FROM location_visits_76c40624
                 WHERE location_visits_76c40624.value >= 0
               ) AS weights
         WHERE 2 * weights.weight > greatest(weights.total, 0.0)
       ),
       unique_locations_f974a4d4 AS (
        SELECT days.subscriber AS subscriber,
               days.pcod AS pcod
          FROM (
                SELECT daily_visits_5f45ebcf.subscriber AS subscriber,
                       daily_visits_5f45ebcf.pcod AS pcod
                  FROM daily_visits_5f45ebcf
             UNION ALL SELECT daily_visits_2ebc927a.subscriber AS subscriber,
                       daily_visits_2ebc927a.pcod AS pcod
                  FROM daily_visits_2ebc927a
               ) AS days
         GROUP BY days.subscriber,
                  days.pcod
       ),
       active_at_reference_location_89012a8f AS (
        SELECT anon_3.subscriber AS subscriber,
               anon_4.subscriber IS NOT NULL AS value
          FROM majority_location_c7d3688e AS anon_3
          LEFT OUTER JOIN unique_locations_f974a4d4 AS anon_4
            ON anon_4.subscriber = anon_3.subscriber
           AND anon_4.pcod = anon_3.pcod
       ) SELECT groups.pcod,
       groups.value
  FROM (
        SELECT anon_1.pcod AS pcod,
               count(*) FILTER (WHERE anon_2.value) AS value,
               count(*) FILTER (WHERE anon_2.value) AS contributors
          FROM majority_location_c7d3688e AS anon_1
          JOIN active_at_reference_location_89012a8f AS anon_2
            ON anon_1.subscriber = anon_2.subscriber
         GROUP BY anon_1.pcod
       ) AS groups
 WHERE groups.contributors > 15
