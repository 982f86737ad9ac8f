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
       ) SELECT groups.pcod,
       groups.value
  FROM (
        SELECT shares.pcod AS pcod,
               CAST(sum(shares.within) AS DOUBLE PRECISION) / CAST(CAST(sum(shares.pairs) AS DOUBLE PRECISION) AS DOUBLE PRECISION) AS value,
               count(*) AS contributors
          FROM (
                SELECT first.subscriber AS subscriber,
                       first.pcod AS pcod,
                       count(*) AS pairs,
                       count(*) FILTER (WHERE first.within) AS within
                  FROM (
                        SELECT days.subscriber AS subscriber,
                               days.pcod AS pcod,
                               days.id AS id
                          FROM (
                                SELECT events.subscriber AS subscriber,
                                       admin_spatial_unit_35352651.pcod AS pcod,
                                       events.id AS id
                                  FROM (
                                        SELECT events.calls.msisdn AS subscriber,
                                               events.calls.id AS id,
                                               events.calls.location_id AS location_id
                                          FROM events.calls
                                         WHERE events.calls.datetime >= CAST('2016-01-01 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                                           AND events.calls.datetime < CAST('2016-01-02 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                                           AND (CAST(date_part('hour', timezone('UTC', events.calls.datetime)) AS INTEGER) < 4 OR CAST(date_part('hour', timezone('UTC', events.calls.datetime)) AS INTEGER) >= 22)
                                           AND events.calls.outgoing
                                       ) AS events
                                  JOIN admin_spatial_unit_35352651
                                    ON events.location_id = admin_spatial_unit_35352651.location_id
                                   AND admin_spatial_unit_35352651.location_id != ''
                                   AND (admin_spatial_unit_35352651.date_of_first_service IS NULL OR admin_spatial_unit_35352651.date_of_first_service <= '2016-01-01')
                                   AND (admin_spatial_unit_35352651.date_of_last_service IS NULL OR '2016-01-01' <= admin_spatial_unit_35352651.date_of_last_service)
                             UNION ALL SELECT events.subscriber AS subscriber,
                                       admin_spatial_unit_35352651.pcod AS pcod,
                                       events.id AS id
                                  FROM (
                                        SELECT events.calls.msisdn AS subscriber,
                                               events.calls.id AS id,
                                               events.calls.location_id AS location_id
                                          FROM events.calls
                                         WHERE events.calls.datetime >= CAST('2016-01-02 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                                           AND events.calls.datetime < CAST('2016-01-03 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                                           AND (CAST(date_part('hour', timezone('UTC', events.calls.datetime)) AS INTEGER) < 4 OR CAST(date_part('hour', timezone('UTC', events.calls.datetime)) AS INTEGER) >= 22)
                                           AND events.calls.outgoing
                                       ) AS events
                                  JOIN admin_spatial_unit_35352651
                                    ON events.location_id = admin_spatial_unit_35352651.location_id
                                   AND admin_spatial_unit_35352651.location_id != ''
                                   AND (admin_spatial_unit_35352651.date_of_first_service IS NULL OR admin_spatial_unit_35352651.date_of_first_service <= '2016-01-02')
                                   AND (admin_spatial_unit_35352651.date_of_last_service IS NULL OR '2016-01-02' <= admin_spatial_unit_35352651.date_of_last_service)
                               ) AS days
                       ) AS anon_1
                  JOIN (
                        SELECT days.subscriber AS subscriber,
                               days.pcod AS pcod,
                               days.id AS id
                          FROM (
                                SELECT events.subscriber AS subscriber,
                                       admin_spatial_unit_35352651.pcod AS pcod,
                                       events.id AS id
                                  FROM (
                                        SELECT events.calls.msisdn AS subscriber,
                                               events.calls.id AS id,
                                               events.calls.location_id AS location_id
                                          FROM events.calls
                                         WHERE events.calls.datetime >= CAST('2016-01-01 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                                           AND events.calls.datetime < CAST('2016-01-02 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                                           AND (CAST(date_part('hour', timezone('UTC', events.calls.datetime)) AS INTEGER) < 4 OR CAST(date_part('hour', timezone('UTC', events.calls.datetime)) AS INTEGER) >= 22)
                                           AND NOT events.calls.outgoing
                                       ) AS events
                                  JOIN admin_spatial_unit_35352651
                                    ON events.location_id = admin_spatial_unit_35352651.location_id
                                   AND admin_spatial_unit_35352651.location_id != ''
                                   AND (admin_spatial_unit_35352651.date_of_first_service IS NULL OR admin_spatial_unit_35352651.date_of_first_service <= '2016-01-01')
                                   AND (admin_spatial_unit_35352651.date_of_last_service IS NULL OR '2016-01-01' <= admin_spatial_unit_35352651.date_of_last_service)
                             UNION ALL SELECT events.subscriber AS subscriber,
                                       admin_spatial_unit_35352651.pcod AS pcod,
                                       events.id AS id
                                  FROM (
                                        SELECT events.calls.msisdn AS subscriber,
                                               events.calls.id AS id,
                                               events.calls.location_id AS location_id
                                          FROM events.calls
                                         WHERE events.calls.datetime >= CAST('2016-01-02 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                                           AND events.calls.datetime < CAST('2016-01-03 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                                           AND (CAST(date_part('hour', timezone('UTC', events.calls.datetime)) AS INTEGER) < 4 OR CAST(date_part('hour', timezone('UTC', events.calls.datetime)) AS INTEGER) >= 22)
                                           AND NOT events.calls.outgoing
                                       ) AS events
                                  JOIN admin_spatial_unit_35352651
                                    ON events.location_id = admin_spatial_unit_35352651.location_id
                                   AND admin_spatial_unit_35352651.location_id != ''
                                   AND (admin_spatial_unit_35352651.date_of_first_service IS NULL OR admin_spatial_unit_35352651.date_of_first_service <= '2016-01-02')
                                   AND (admin_spatial_unit_35352651.date_of_last_service IS NULL OR '2016-01-02' <= admin_spatial_unit_35352651.date_of_last_service)
                               ) AS days
                       ) AS anon_2
                    ON anon_1.id = anon_2.id
                  JOIN LATERAL (
                        SELECT anon_2.subscriber AS subscriber,
                               anon_2.pcod AS pcod,
                               anon_1.pcod = anon_2.pcod AS within
                       ) AS first
                    ON true
                 GROUP BY first.subscriber,
                          first.pcod
               ) AS shares
         GROUP BY shares.pcod
       ) AS groups
 WHERE groups.contributors > 15
