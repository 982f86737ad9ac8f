WITH versioned_site_spatial_unit_813b1e49 AS (
        SELECT locations.location_id AS location_id,
               greatest(locations.date_of_first_service, sites.date_of_first_service) AS date_of_first_service,
               least(locations.date_of_last_service, sites.date_of_last_service) AS date_of_last_service,
               locations.site_id AS site_id,
               sites.version AS
       version,
               ST_X(sites.geom_point) AS lon,
               ST_Y(sites.geom_point) AS lat
          FROM (
                SELECT versions.location_id AS location_id,
                       versions.date_of_first_service AS date_of_first_service,
                       least(versions.date_of_last_service, versions.next_first - 1) AS date_of_last_service,
                       versions.geom_point AS geom_point,
                       versions.site_id AS site_id
                  FROM (
                        SELECT infrastructure.cells.id AS location_id,
                               infrastructure.cells.date_of_first_service AS date_of_first_service,
                               infrastructure.cells.date_of_last_service AS date_of_last_service,
                               infrastructure.cells.geom_point AS geom_point,
                               coalesce(infrastructure.cells.date_of_first_service, CAST('-infinity' AS DATE)) AS first,
                               lead(coalesce(infrastructure.cells.date_of_first_service, CAST('-infinity' AS DATE))) OVER (PARTITION BY infrastructure.cells.id ORDER BY coalesce(infrastructure.cells.date_of_first_service, CAST('-infinity' AS DATE)), infrastructure.cells.version) AS next_first,
                               infrastructure.cells.site_id AS site_id
                          FROM infrastructure.cells
                       ) AS versions
                 WHERE versions.next_first IS NULL
                    OR versions.first < versions.next_first
               ) AS locations
          JOIN (
                SELECT versions.location_id AS location_id,
                       versions.date_of_first_service AS date_of_first_service,
                       least(versions.date_of_last_service, versions.next_first - 1) AS date_of_last_service,
                       versions.geom_point AS geom_point,
                       versions.version AS
               version
                  FROM (
                        SELECT infrastructure.sites.id AS location_id,
                               infrastructure.sites.date_of_first_service AS date_of_first_service,
                               infrastructure.sites.date_of_last_service AS date_of_last_service,
                               infrastructure.sites.geom_point AS geom_point,
                               coalesce(infrastructure.sites.date_of_first_service, CAST('-infinity' AS DATE)) AS first,
                               lead(coalesce(infrastructure.sites.date_of_first_service, CAST('-infinity' AS DATE))) OVER (PARTITION BY infrastructure.sites.id ORDER BY coalesce(infrastructure.sites.date_of_first_service, CAST('-infinity' AS DATE)), infrastructure.sites.version) AS next_first,
                               infrastructure.sites.version AS
                       version
                          FROM infrastructure.sites
                       ) AS versions
                 WHERE versions.next_first IS NULL
                    OR versions.first < versions.next_first
               ) AS sites
            ON locations.site_id = sites.location_id
         WHERE sites.geom_point IS NOT NULL
           AND coalesce(greatest(locations.date_of_first_service, sites.date_of_first_service) <= least(locations.date_of_last_service, sites.date_of_last_service), true)
       ),
       daily_visits_4ceb8d9c AS (
        SELECT events.subscriber AS subscriber,
               versioned_site_spatial_unit_813b1e49.site_id AS site_id,
               versioned_site_spatial_unit_813b1e49.version AS
       version,
               versioned_site_spatial_unit_813b1e49.lon AS lon,
               versioned_site_spatial_unit_813b1e49.lat AS lat,
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
          JOIN versioned_site_spatial_unit_813b1e49
            ON events.location_id = versioned_site_spatial_unit_813b1e49.location_id
           AND versioned_site_spatial_unit_813b1e49.location_id != ''
           AND (versioned_site_spatial_unit_813b1e49.date_of_first_service IS NULL OR versioned_site_spatial_unit_813b1e49.date_of_first_service <= '2016-01-01')
           AND (versioned_site_spatial_unit_813b1e49.date_of_last_service IS NULL OR '2016-01-01' <= versioned_site_spatial_unit_813b1e49.date_of_last_service)
         GROUP BY events.subscriber,
                  versioned_site_spatial_unit_813b1e49.site_id,
                  versioned_site_spatial_unit_813b1e49.version,
                  versioned_site_spatial_unit_813b1e49.lon,
                  versioned_site_spatial_unit_813b1e49.lat
       ),
       daily_visits_fea16069 AS (
        SELECT events.subscriber AS subscriber,
               versioned_site_spatial_unit_813b1e49.site_id AS site_id,
               versioned_site_spatial_unit_813b1e49.version AS
       version,
               versioned_site_spatial_unit_813b1e49.lon AS lon,
               versioned_site_spatial_unit_813b1e49.lat AS lat,
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
          JOIN versioned_site_spatial_unit_813b1e49
            ON events.location_id = versioned_site_spatial_unit_813b1e49.location_id
           AND versioned_site_spatial_unit_813b1e49.location_id != ''
           AND (versioned_site_spatial_unit_813b1e49.date_of_first_service IS NULL OR versioned_site_spatial_unit_813b1e49.date_of_first_service <= '2016-01-02')
           AND (versioned_site_spatial_unit_813b1e49.date_of_last_service IS NULL OR '2016-01-02' <= versioned_site_spatial_unit_813b1e49.date_of_last_service)
         GROUP BY events.subscriber,
                  versioned_site_spatial_unit_813b1e49.site_id,
                  versioned_site_spatial_unit_813b1e49.version,
                  versioned_site_spatial_unit_813b1e49.lon,
                  versioned_site_spatial_unit_813b1e49.lat
       ),
       call_days_4e028951 AS (
        SELECT visits.subscriber AS subscriber,
               visits.site_id AS site_id,
               visits.version AS
       version,
               visits.lon AS lon,
               visits.lat AS lat,
               visits.days AS value
          FROM (
                SELECT daily.subscriber AS subscriber,
                       daily.site_id AS site_id,
                       daily.version AS
               version,
                       daily.lon AS lon,
                       daily.lat AS lat,
                       count(*) AS days,
                       sum(daily.events) AS events
                  FROM (
                        SELECT stacked.subscriber AS subscriber,
                               stacked.site_id AS site_id,
                               stacked.version AS
                       version,
                               stacked.lon AS lon,
                               stacked.lat AS lat,
                               stacked.events AS events
                          FROM (
                                SELECT daily_visits_4ceb8d9c.subscriber AS subscriber,
                                       daily_visits_4ceb8d9c.site_id AS site_id,
                                       daily_visits_4ceb8d9c.version AS
                               version,
                                       daily_visits_4ceb8d9c.lon AS lon,
                                       daily_visits_4ceb8d9c.lat AS lat,
                                       daily_visits_4ceb8d9c.events AS events
                                  FROM daily_visits_4ceb8d9c
                             UNION ALL SELECT daily_visits_fea16069.subscriber AS subscriber,
                                       daily_visits_fea16069.site_id AS site_id,
                                       daily_visits_fea16069.version AS
                               version,
                                       daily_visits_fea16069.lon AS lon,
                                       daily_visits_fea16069.lat AS lat,
                                       daily_visits_fea16069.events AS events
                                  FROM daily_visits_fea16069
                               ) AS stacked
                       ) AS daily
                 GROUP BY daily.subscriber,
                          daily.site_id,
                          daily.version,
                          daily.lon,
                          daily.lat
               ) AS visits
       ),
       hartigan_cluster_33750efc AS (
        SELECT people.subscriber AS subscriber,
               clusters.cluster AS cluster,
               clusters.rank AS rank,
               clusters.calldays AS calldays,
               CAST(string_to_array(clusters.site_id, '::') AS TEXT[]) AS site_id,
               CAST(string_to_array(clusters.version, '::') AS INTEGER[]) AS
       version
          FROM (
                SELECT call_days_4e028951.subscriber AS subscriber,
                       hartigan(call_days_4e028951.site_id, call_days_4e028951.version, CAST(call_days_4e028951.value AS INTEGER), 2.5, 0.0, 1 ORDER BY CAST(call_days_4e028951.value AS INTEGER) DESC, call_days_4e028951.site_id, call_days_4e028951.version) AS found
                  FROM call_days_4e028951
                 GROUP BY call_days_4e028951.subscriber
               ) AS people
          JOIN unnest((people.found).clusters, (people.found).rank, (people.found).weights, (people.found).site_ids, (people.found).versions) AS clusters(cluster, rank, calldays, site_id, version)
            ON true
       ),
       event_score_895f3900 AS (
        SELECT days.subscriber AS subscriber,
               days.site_id AS site_id,
               days.version AS
       version,
               days.lon AS lon,
               days.lat AS lat,
               CAST(sum(days.score_hour) AS DOUBLE PRECISION) / CAST(CAST(sum(days.events) AS DOUBLE PRECISION) AS DOUBLE PRECISION) AS score_hour,
               CAST(sum(days.score_dow) AS DOUBLE PRECISION) / CAST(CAST(sum(days.events) AS DOUBLE PRECISION) AS DOUBLE PRECISION) AS score_dow
          FROM (
                SELECT visits.subscriber AS subscriber,
                       visits.site_id AS site_id,
                       visits.version AS
               version,
                       visits.lon AS lon,
                       visits.lat AS lat,
                       visits.events AS events,
                       visits.score_hour AS score_hour,
                       visits.events * -1.0 AS score_dow
                  FROM (
                        SELECT events.subscriber AS subscriber,
                               versioned_site_spatial_unit_813b1e49.site_id AS site_id,
                               versioned_site_spatial_unit_813b1e49.version AS
                       version,
                               versioned_site_spatial_unit_813b1e49.lon AS lon,
                               versioned_site_spatial_unit_813b1e49.lat AS lat,
                               count(*) AS events,
                               sum((ARRAY[-1.0, -1.0, -1.0, -1.0, -1.0, -1.0, -1.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, -1.0, -1.0, -1.0])[(CAST(date_part('hour', timezone('UTC', events.datetime)) AS INTEGER) + 1)]) AS score_hour
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
                          JOIN versioned_site_spatial_unit_813b1e49
                            ON events.location_id = versioned_site_spatial_unit_813b1e49.location_id
                           AND versioned_site_spatial_unit_813b1e49.location_id != ''
                           AND (versioned_site_spatial_unit_813b1e49.date_of_first_service IS NULL OR versioned_site_spatial_unit_813b1e49.date_of_first_service <= '2016-01-01')
                           AND (versioned_site_spatial_unit_813b1e49.date_of_last_service IS NULL OR '2016-01-01' <= versioned_site_spatial_unit_813b1e49.date_of_last_service)
                         GROUP BY events.subscriber,
                                  versioned_site_spatial_unit_813b1e49.site_id,
                                  versioned_site_spatial_unit_813b1e49.version,
                                  versioned_site_spatial_unit_813b1e49.lon,
                                  versioned_site_spatial_unit_813b1e49.lat
                       ) AS visits
             UNION ALL SELECT visits.subscriber AS subscriber,
                       visits.site_id AS site_id,
                       visits.version AS
               version,
                       visits.lon AS lon,
                       visits.lat AS lat,
                       visits.events AS events,
                       visits.score_hour AS score_hour,
                       visits.events * -1.0 AS score_dow
                  FROM (
                        SELECT events.subscriber AS subscriber,
                               versioned_site_spatial_unit_813b1e49.site_id AS site_id,
                               versioned_site_spatial_unit_813b1e49.version AS
                       version,
                               versioned_site_spatial_unit_813b1e49.lon AS lon,
                               versioned_site_spatial_unit_813b1e49.lat AS lat,
                               count(*) AS events,
                               sum((ARRAY[-1.0, -1.0, -1.0, -1.0, -1.0, -1.0, -1.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, -1.0, -1.0, -1.0])[(CAST(date_part('hour', timezone('UTC', events.datetime)) AS INTEGER) + 1)]) AS score_hour
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
                          JOIN versioned_site_spatial_unit_813b1e49
                            ON events.location_id = versioned_site_spatial_unit_813b1e49.location_id
                           AND versioned_site_spatial_unit_813b1e49.location_id != ''
                           AND (versioned_site_spatial_unit_813b1e49.date_of_first_service IS NULL OR versioned_site_spatial_unit_813b1e49.date_of_first_service <= '2016-01-02')
                           AND (versioned_site_spatial_unit_813b1e49.date_of_last_service IS NULL OR '2016-01-02' <= versioned_site_spatial_unit_813b1e49.date_of_last_service)
                         GROUP BY events.subscriber,
                                  versioned_site_spatial_unit_813b1e49.site_id,
                                  versioned_site_spatial_unit_813b1e49.version,
                                  versioned_site_spatial_unit_813b1e49.lon,
                                  versioned_site_spatial_unit_813b1e49.lat
                       ) AS visits
               ) AS days
         GROUP BY days.subscriber,
                  days.site_id,
                  days.version,
                  days.lon,
                  days.lat
       ),
       _joined_hartigan_cluster_8247eb55 AS (
        SELECT hartigan_cluster_33750efc.subscriber AS subscriber,
               hartigan_cluster_33750efc.cluster AS cluster,
               hartigan_cluster_33750efc.rank AS rank,
               hartigan_cluster_33750efc.calldays AS calldays,
               means.lon AS lon,
               means.lat AS lat,
               means.score_hour AS score_hour,
               means.score_dow AS score_dow
          FROM hartigan_cluster_33750efc
          JOIN (
                SELECT hartigan_cluster_33750efc.subscriber AS subscriber,
                       hartigan_cluster_33750efc.rank AS rank,
                       avg(event_score_895f3900.lon ORDER BY event_score_895f3900.lon) AS lon,
                       avg(event_score_895f3900.lat ORDER BY event_score_895f3900.lat) AS lat,
                       avg(event_score_895f3900.score_hour ORDER BY event_score_895f3900.score_hour) AS score_hour,
                       avg(event_score_895f3900.score_dow ORDER BY event_score_895f3900.score_dow) AS score_dow
                  FROM hartigan_cluster_33750efc
                  JOIN unnest(hartigan_cluster_33750efc.site_id, hartigan_cluster_33750efc.version) AS sites(site_id, version)
                    ON true
                  JOIN event_score_895f3900
                    ON event_score_895f3900.subscriber = hartigan_cluster_33750efc.subscriber
                   AND event_score_895f3900.site_id = sites.site_id
                   AND event_score_895f3900.version = sites.version
                 GROUP BY hartigan_cluster_33750efc.subscriber,
                          hartigan_cluster_33750efc.rank
               ) AS means
            ON hartigan_cluster_33750efc.subscriber = means.subscriber
           AND hartigan_cluster_33750efc.rank = means.rank
       ),
       label_event_score_34d876c7 AS (
        SELECT CASE WHEN ST_Within(ST_SetSRID(ST_MakePoint(_joined_hartigan_cluster_8247eb55.score_hour, _joined_hartigan_cluster_8247eb55.score_dow), 4326), ST_GeomFromGeoJSON('{"coordinates":[[[-1.1,-0.5],[-1.1,0.5],[-1e-06,0.5],[0.0,-0.5],[-1.1,-0.5]]],"type":"Polygon"}'))   THEN 'day'
                    WHEN ST_Within(ST_SetSRID(ST_MakePoint(_joined_hartigan_cluster_8247eb55.score_hour, _joined_hartigan_cluster_8247eb55.score_dow), 4326), ST_GeomFromGeoJSON('{"coordinates":[[[1e-06,-1.1],[1e-06,-0.5],[1.1,-0.5],[1.1,-1.1],[1e-06,-1.1]]],"type":"Polygon"}')) THEN 'evening'
                    ELSE 'unknown'
                     END AS label,
               _joined_hartigan_cluster_8247eb55.subscriber AS subscriber,
               _joined_hartigan_cluster_8247eb55.cluster AS cluster,
               _joined_hartigan_cluster_8247eb55.rank AS rank,
               _joined_hartigan_cluster_8247eb55.calldays AS calldays,
               _joined_hartigan_cluster_8247eb55.lon AS lon,
               _joined_hartigan_cluster_8247eb55.lat AS lat,
               _joined_hartigan_cluster_8247eb55.score_hour AS score_hour,
               _joined_hartigan_cluster_8247eb55.score_dow AS score_dow
          FROM _joined_hartigan_cluster_8247eb55
       ),
       meaningful_locations_2e03861d AS (
        SELECT chosen.subscriber AS subscriber,
               chosen.label AS label,
               chosen.cluster AS cluster,
               count(*) OVER (PARTITION BY chosen.subscriber) AS n_clusters
          FROM (
                SELECT DISTINCT label_event_score_34d876c7.subscriber AS subscriber,
                       label_event_score_34d876c7.label AS label,
                       label_event_score_34d876c7.cluster AS cluster
                  FROM label_event_score_34d876c7
                 WHERE label_event_score_34d876c7.label = 'day'
               ) AS chosen
       ),
       meaningful_locations_e5e6a609 AS (
        SELECT chosen.subscriber AS subscriber,
               chosen.label AS label,
               chosen.cluster AS cluster,
               count(*) OVER (PARTITION BY chosen.subscriber) AS n_clusters
          FROM (
                SELECT DISTINCT label_event_score_34d876c7.subscriber AS subscriber,
                       label_event_score_34d876c7.label AS label,
                       label_event_score_34d876c7.cluster AS cluster
                  FROM label_event_score_34d876c7
                 WHERE label_event_score_34d876c7.label = 'evening'
               ) AS chosen
       ) SELECT groups.label_from,
       groups.label_to,
       groups.pcod_from,
       groups.pcod_to,
       groups.value
  FROM (
        SELECT equal.label_from AS label_from,
               equal.label_to AS label_to,
               equal.pcod_from AS pcod_from,
               equal.pcod_to AS pcod_to,
               CAST(sum(equal.value) AS DOUBLE PRECISION) AS value,
               CAST(sum(equal.contributors) AS BIGINT) AS contributors
          FROM (
                SELECT anon_1.label AS label_from,
                       anon_2.label AS label_to,
                       anon_1.pcod AS pcod_from,
                       anon_2.pcod AS pcod_to,
                       CAST(sum(anon_1.clusters * anon_2.clusters) AS NUMERIC) / CAST((anon_1.n_clusters * anon_2.n_clusters) AS NUMERIC) AS value,
                       count(*) AS contributors
                  FROM (
                        SELECT people.subscriber AS subscriber,
                               each.label AS label,
                               people.n_clusters AS n_clusters,
                               areas.pcod AS pcod,
                               count(*) AS clusters
                          FROM (
                                SELECT CAST(meaningful_locations_2e03861d.cluster AS geometry) AS shape,
                                       meaningful_locations_2e03861d.label AS label,
                                       array_agg(meaningful_locations_2e03861d.subscriber) AS subscribers,
                                       array_agg(meaningful_locations_2e03861d.n_clusters) AS numbers
                                  FROM meaningful_locations_2e03861d
                                 GROUP BY CAST(meaningful_locations_2e03861d.cluster AS geometry),
                                          meaningful_locations_2e03861d.label
                               ) AS each
                          LEFT OUTER JOIN (
                                SELECT regions.admin3pcod AS pcod,
                                       regions.geom AS geom
                                  FROM geography.admin3 AS regions
                               ) AS areas
                            ON ST_Within(each.shape, areas.geom)
                          JOIN unnest(each.subscribers, each.numbers) AS people(subscriber, n_clusters)
                            ON true
                         GROUP BY people.subscriber,
                                  each.label,
                                  people.n_clusters,
                                  areas.pcod
                       ) AS anon_1
                  JOIN (
                        SELECT people.subscriber AS subscriber,
                               each.label AS label,
                               people.n_clusters AS n_clusters,
                               areas.pcod AS pcod,
                               count(*) AS clusters
                          FROM (
                                SELECT CAST(meaningful_locations_e5e6a609.cluster AS geometry) AS shape,
                                       meaningful_locations_e5e6a609.label AS label,
                                       array_agg(meaningful_locations_e5e6a609.subscriber) AS subscribers,
                                       array_agg(meaningful_locations_e5e6a609.n_clusters) AS numbers
                                  FROM meaningful_locations_e5e6a609
                                 GROUP BY CAST(meaningful_locations_e5e6a609.cluster AS geometry),
                                          meaningful_locations_e5e6a609.label
                               ) AS each
                          LEFT OUTER JOIN (
                                SELECT regions.admin3pcod AS pcod,
                                       regions.geom AS geom
                                  FROM geography.admin3 AS regions
                               ) AS areas
                            ON ST_Within(each.shape, areas.geom)
                          JOIN unnest(each.subscribers, each.numbers) AS people(subscriber, n_clusters)
                            ON true
                         GROUP BY people.subscriber,
                                  each.label,
                                  people.n_clusters,
                                  areas.pcod
                       ) AS anon_2
                    ON anon_1.subscriber = anon_2.subscriber
                 GROUP BY anon_1.label,
                          anon_2.label,
                          anon_1.pcod,
                          anon_2.pcod,
                          anon_1.n_clusters * anon_2.n_clusters
               ) AS equal
         GROUP BY equal.label_from,
                  equal.label_to,
                  equal.pcod_from,
                  equal.pcod_to
       ) AS groups
 WHERE groups.contributors > 15
