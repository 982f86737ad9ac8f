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
       day_trajectories_2c009395 AS (
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
               ) AS days
       ),
       location_visits_47d4e30c AS (
        SELECT day_trajectories_2c009395.subscriber AS subscriber,
               day_trajectories_2c009395.pcod AS pcod,
               count(*) AS value
          FROM day_trajectories_2c009395
         GROUP BY day_trajectories_2c009395.subscriber,
                  day_trajectories_2c009395.pcod
       ),
       majority_location_9d4e9b3a AS (
        SELECT weights.subscriber AS subscriber,
               weights.pcod AS pcod
          FROM (
                SELECT location_visits_47d4e30c.subscriber AS subscriber,
                       location_visits_47d4e30c.pcod AS pcod,
                       location_visits_47d4e30c.value AS weight,
                       sum(location_visits_47d4e30c.value) OVER (PARTITION BY location_visits_47d4e30c.subscriber) AS total
                  FROM location_visits_47d4e30c
                 WHERE location_visits_47d4e30c.value >= 0
               ) AS weights
         WHERE 2 * weights.weight > greatest(weights.total, 2.0)
       ),
       majority_location_12892903 AS (
        SELECT weights.subscriber AS subscriber,
               weights.pcod AS pcod
          FROM (
                SELECT location_visits_47d4e30c.subscriber AS subscriber,
                       location_visits_47d4e30c.pcod AS pcod,
                       location_visits_47d4e30c.value AS weight,
                       sum(location_visits_47d4e30c.value) OVER (PARTITION BY location_visits_47d4e30c.subscriber) AS total
                  FROM location_visits_47d4e30c
                 WHERE location_visits_47d4e30c.value >= 0
               ) AS weights
         WHERE 2 * weights.weight > greatest(weights.total, 0.0)
       ),
       majority_location_with_unlocatable_e454bfa1 AS (
        SELECT everybody.subscriber AS subscriber,
               anon_6.pcod AS pcod
          FROM (
                SELECT DISTINCT location_visits_47d4e30c.subscriber AS subscriber
                  FROM location_visits_47d4e30c
               ) AS everybody
          LEFT OUTER JOIN majority_location_12892903 AS anon_6
            ON everybody.subscriber = anon_6.subscriber
       ),
       filtered_reference_location_cb2b9e1f AS (
        SELECT anon_5.subscriber AS subscriber,
               anon_5.pcod AS pcod
          FROM majority_location_with_unlocatable_e454bfa1 AS anon_5
         WHERE EXISTS (
                SELECT *
                  FROM (
                        SELECT location_visits_47d4e30c.subscriber AS subscriber,
                               location_visits_47d4e30c.pcod AS pcod,
                               location_visits_47d4e30c.value AS value
                          FROM location_visits_47d4e30c
                         WHERE location_visits_47d4e30c.value >= 1
                           AND location_visits_47d4e30c.value <= CAST('inf' AS DOUBLE PRECISION)
                       ) AS kept
                 WHERE kept.subscriber = anon_5.subscriber
                   AND kept.pcod = anon_5.pcod
               )
       ),
       coalesced_location_00d934e5 AS (
        SELECT coalesce(anon_3.subscriber, anon_4.subscriber) AS subscriber,
               CASE WHEN (anon_3.pcod IS NULL) THEN anon_4.pcod
                    ELSE anon_3.pcod
                     END AS pcod
          FROM majority_location_9d4e9b3a AS anon_3
          FULL OUTER JOIN filtered_reference_location_cb2b9e1f AS anon_4
            ON anon_3.subscriber = anon_4.subscriber
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
       day_trajectories_e9cbf145 AS (
        SELECT days.subscriber AS subscriber,
               days.pcod AS pcod,
               days.date AS date
          FROM (
                SELECT last_location_7334a5e9.subscriber AS subscriber,
                       last_location_7334a5e9.pcod AS pcod,
                       CAST('2016-01-02 00:00:00' AS TIMESTAMP WITHOUT TIME ZONE) AS date
                  FROM last_location_7334a5e9
             UNION ALL SELECT last_location_f0df4de5.subscriber AS subscriber,
                       last_location_f0df4de5.pcod AS pcod,
                       CAST('2016-01-03 00:00:00' AS TIMESTAMP WITHOUT TIME ZONE) AS date
                  FROM last_location_f0df4de5
               ) AS days
       ),
       location_visits_c734db7a AS (
        SELECT day_trajectories_e9cbf145.subscriber AS subscriber,
               day_trajectories_e9cbf145.pcod AS pcod,
               count(*) AS value
          FROM day_trajectories_e9cbf145
         GROUP BY day_trajectories_e9cbf145.subscriber,
                  day_trajectories_e9cbf145.pcod
       ),
       majority_location_8795a778 AS (
        SELECT weights.subscriber AS subscriber,
               weights.pcod AS pcod
          FROM (
                SELECT location_visits_c734db7a.subscriber AS subscriber,
                       location_visits_c734db7a.pcod AS pcod,
                       location_visits_c734db7a.value AS weight,
                       sum(location_visits_c734db7a.value) OVER (PARTITION BY location_visits_c734db7a.subscriber) AS total
                  FROM location_visits_c734db7a
                 WHERE location_visits_c734db7a.value >= 0
               ) AS weights
         WHERE 2 * weights.weight > greatest(weights.total, 2.0)
       ),
       majority_location_f68ba53c AS (
        SELECT weights.subscriber AS subscriber,
               weights.pcod AS pcod
          FROM (
                SELECT location_visits_c734db7a.subscriber AS subscriber,
                       location_visits_c734db7a.pcod AS pcod,
                       location_visits_c734db7a.value AS weight,
                       sum(location_visits_c734db7a.value) OVER (PARTITION BY location_visits_c734db7a.subscriber) AS total
                  FROM location_visits_c734db7a
                 WHERE location_visits_c734db7a.value >= 0
               ) AS weights
         WHERE 2 * weights.weight > greatest(weights.total, 0.0)
       ),
       majority_location_with_unlocatable_3b9f6392 AS (
        SELECT everybody.subscriber AS subscriber,
               anon_11.pcod AS pcod
          FROM (
                SELECT DISTINCT location_visits_c734db7a.subscriber AS subscriber
                  FROM location_visits_c734db7a
               ) AS everybody
          LEFT OUTER JOIN majority_location_f68ba53c AS anon_11
            ON everybody.subscriber = anon_11.subscriber
       ),
       filtered_reference_location_ee28990f AS (
        SELECT anon_10.subscriber AS subscriber,
               anon_10.pcod AS pcod
          FROM majority_location_with_unlocatable_3b9f6392 AS anon_10
         WHERE EXISTS (
                SELECT *
                  FROM (
                        SELECT location_visits_c734db7a.subscriber AS subscriber,
                               location_visits_c734db7a.pcod AS pcod,
                               location_visits_c734db7a.value AS value
                          FROM location_visits_c734db7a
                         WHERE location_visits_c734db7a.value >= 1
                           AND location_visits_c734db7a.value <= CAST('inf' AS DOUBLE PRECISION)
                       ) AS kept
                 WHERE kept.subscriber = anon_10.subscriber
                   AND kept.pcod = anon_10.pcod
               )
       ),
       coalesced_location_49c8fdec AS (
        SELECT coalesce(anon_8.subscriber, anon_9.subscriber) AS subscriber,
               CASE WHEN (anon_8.pcod IS NULL) THEN anon_9.pcod
                    ELSE anon_8.pcod
                     END AS pcod
          FROM majority_location_8795a778 AS anon_8
          FULL OUTER JOIN filtered_reference_location_ee28990f AS anon_9
            ON anon_8.subscriber = anon_9.subscriber
       ),
       subscriber_stay_lengths_a6c52127 AS (
        SELECT stays.subscriber AS subscriber,
               max(stays.length) AS value
          FROM (
                SELECT located.subscriber AS subscriber,
                       count(*) AS length
                  FROM (
                        SELECT periods.subscriber AS subscriber,
                               periods.pcod AS pcod,
                               periods.period - row_number() OVER (PARTITION BY periods.subscriber, periods.pcod ORDER BY periods.period) AS stay
                          FROM (
                                SELECT stacked.subscriber AS subscriber,
                                       stacked.pcod AS pcod,
                                       stacked.period AS period
                                  FROM (
                                        SELECT coalesced_location_00d934e5.subscriber AS subscriber,
                                               coalesced_location_00d934e5.pcod AS pcod,
                                               1 AS period
                                          FROM coalesced_location_00d934e5
                                     UNION ALL SELECT coalesced_location_49c8fdec.subscriber AS subscriber,
                                               coalesced_location_49c8fdec.pcod AS pcod,
                                               2 AS period
                                          FROM coalesced_location_49c8fdec
                                       ) AS stacked
                               ) AS periods
                         WHERE periods.pcod IS NOT NULL
                       ) AS located
                 GROUP BY located.subscriber,
                          located.pcod,
                          located.stay
               ) AS stays
         GROUP BY stays.subscriber
       ),
       mobility_classification_7c9ec670 AS (
        SELECT known.subscriber AS subscriber,
               CAST(CASE WHEN (NOT known.located) THEN 'unlocated' WHEN (known.rows < 2) THEN 'irregular' WHEN (known.places < 2) THEN 'not_always_locatable' WHEN (anon_7.value < 2) THEN 'mobile' ELSE 'stable' END AS TEXT) AS value
          FROM (
                SELECT periods.subscriber AS subscriber,
                       count(*) AS rows,
                       count(*) FILTER (WHERE periods.pcod IS NOT NULL) AS places,
                       bool_or(periods.pcod IS NOT NULL) FILTER (WHERE periods.period = 2) AS located
                  FROM (
                        SELECT stacked.subscriber AS subscriber,
                               stacked.pcod AS pcod,
                               stacked.period AS period
                          FROM (
                                SELECT coalesced_location_00d934e5.subscriber AS subscriber,
                                       coalesced_location_00d934e5.pcod AS pcod,
                                       1 AS period
                                  FROM coalesced_location_00d934e5
                             UNION ALL SELECT coalesced_location_49c8fdec.subscriber AS subscriber,
                                       coalesced_location_49c8fdec.pcod AS pcod,
                                       2 AS period
                                  FROM coalesced_location_49c8fdec
                               ) AS stacked
                       ) AS periods
                 GROUP BY periods.subscriber
                HAVING bool_or(periods.period = 2)
               ) AS known
          LEFT OUTER JOIN subscriber_stay_lengths_a6c52127 AS anon_7
            ON known.subscriber = anon_7.subscriber
       ) SELECT rated.pcod,
       rated.value_label,
       rated.value
  FROM (
        SELECT groups.pcod AS pcod,
               groups.value_label AS value_label,
               groups.value AS value,
               groups.contributors AS contributors,
               min(coalesce(groups.contributors, 1)) OVER (PARTITION BY groups.pcod) AS least
          FROM (
                SELECT anon_1.pcod AS pcod,
                       anon_2.value AS value_label,
                       count(*) AS value,
                       count(*) AS contributors
                  FROM coalesced_location_00d934e5 AS anon_1
                  LEFT OUTER JOIN mobility_classification_7c9ec670 AS anon_2
                    ON anon_1.subscriber = anon_2.subscriber
                 GROUP BY anon_1.pcod,
                          anon_2.value
               ) AS groups
       ) AS rated
 WHERE rated.least > 15
