WITH anon_1 AS (
        SELECT listed.position AS
      position,
               CAST(listed.given AS NUMERIC) AS edge
          FROM (VALUES (1, 1.0), (2, 2.5), (3, 5.0)) AS listed (position, given)
       ),
       lon_lat_spatial_unit_ed015958 AS (
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
       unique_location_counts_c330f439 AS (
        SELECT visits.subscriber AS subscriber,
               count(*) AS value
          FROM (
                SELECT daily_visits_cda7abbc.subscriber AS subscriber,
                       daily_visits_cda7abbc.lon AS lon,
                       daily_visits_cda7abbc.lat AS lat
                  FROM daily_visits_cda7abbc
               ) AS visits
         GROUP BY visits.subscriber
       ) SELECT CASE WHEN NOT rated.some_few THEN rated.value
             END AS value,
       CASE WHEN NOT rated.some_few THEN rated.lower_edge
             END AS lower_edge,
       CASE WHEN NOT rated.some_few THEN rated.upper_edge
             END AS upper_edge
  FROM (
        SELECT groups.value AS value,
               groups.lower_edge AS lower_edge,
               groups.upper_edge AS upper_edge,
               groups.contributors AS contributors,
               coalesce(bool_or(coalesce(groups.contributors, 1) BETWEEN 1 AND 15) OVER (), false) AS some_few,
               row_number() OVER () AS number
          FROM (
                SELECT coalesce(counts.count, 0) AS value,
                       bins.lower_edge AS lower_edge,
                       bins.upper_edge AS upper_edge,
                       coalesce(counts.contributors, 0) AS contributors
                  FROM (
                        SELECT anon_1.position AS
                      position,
                               anon_1.edge AS lower_edge,
                               lead(anon_1.edge) OVER (ORDER BY anon_1.position) AS upper_edge
                          FROM anon_1
                       ) AS bins
                  LEFT OUTER JOIN (
                        SELECT inside.position AS
                      position,
                               count(*) AS count,
                               count(*) AS contributors
                          FROM (
                                SELECT least(width_bucket(CAST(unique_location_counts_c330f439.value AS NUMERIC), (SELECT array_agg(anon_1.edge ORDER BY anon_1.position) AS array_agg_1 FROM anon_1)), 2) AS
                              position,
                                       unique_location_counts_c330f439.subscriber AS subscriber
                                  FROM unique_location_counts_c330f439
                                 WHERE CAST(unique_location_counts_c330f439.value AS NUMERIC) <= (
                                        SELECT max(anon_1.edge) AS max_1
                                          FROM anon_1
                                       )
                               ) AS inside
                         GROUP BY inside.position
                       ) AS counts
                    ON counts.position = bins.position
                 WHERE bins.upper_edge IS NOT NULL
                 ORDER BY bins.position
               ) AS groups
       ) AS rated
 WHERE NOT rated.some_few
    OR rated.number = 1
