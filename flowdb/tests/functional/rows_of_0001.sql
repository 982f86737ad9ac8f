-- Rows for every table of the first migration that has none of its own.
INSERT INTO public.files (id, full_path, created, processed, size)
VALUES ('f1', '/etl/calls.csv', '2016-01-01 10:00+00', true, 12.5);
UPDATE public.available_tables SET has_locations = true, has_subscribers = true, has_counterparts = true
WHERE table_name IN ('calls', 'sms');

CREATE TABLE events.calls_20160101 PARTITION OF events.calls FOR VALUES FROM ('2016-01-01') TO ('2016-01-02');
CREATE TABLE events.calls_20160102 PARTITION OF events.calls FOR VALUES FROM ('2016-01-02') TO ('2016-01-03');
CREATE TABLE events.forwards_20160101 PARTITION OF events.forwards FOR VALUES FROM ('2016-01-01') TO ('2016-01-02');
CREATE TABLE events.sms_20160101 PARTITION OF events.sms FOR VALUES FROM ('2016-01-01') TO ('2016-01-02');
CREATE TABLE events.mds_20160101 PARTITION OF events.mds FOR VALUES FROM ('2016-01-01') TO ('2016-01-02');
CREATE TABLE events.topups_20160101 PARTITION OF events.topups FOR VALUES FROM ('2016-01-01') TO ('2016-01-02');
CREATE INDEX calls_20160101_msisdn_idx ON events.calls_20160101 (msisdn);
INSERT INTO events.calls (id, outgoing, datetime, duration, msisdn, msisdn_counterpart, location_id, tac)
VALUES
    ('e1', true, '2016-01-01 10:00+00', 20, 'anna', 'berta', 'c1', 12345678),
    ('e1', false, '2016-01-01 10:00+00', 20, 'berta', 'anna', 'c2', 12345678),
    ('e2', true, '2016-01-02 10:00+00', 30, 'anna', 'Zoë', 'c1', NULL);
INSERT INTO events.forwards (id, outgoing, datetime, msisdn) VALUES ('e3', true, '2016-01-01 11:00+00', 'anna');
INSERT INTO events.sms (id, outgoing, datetime, msisdn) VALUES ('e4', true, '2016-01-01 12:00+00', 'anna');
INSERT INTO events.mds (id, datetime, volume_total, msisdn) VALUES ('e5', '2016-01-01 12:00+00', 3.5, 'anna');
INSERT INTO events.topups (id, datetime, recharge_amount, msisdn) VALUES ('e6', '2016-01-01 12:00+00', 5, 'anna');
INSERT INTO events.location_ids VALUES ('c1', 'calls', '2016-01-01', '2016-01-02');

INSERT INTO etl.etl_records (cdr_type, cdr_date, state, timestamp)
VALUES ('calls', '2016-01-01', 'ingested', '2016-01-03 00:00+00'), ('calls', '2016-01-02', 'x', '2016-01-03 00:00+00');
INSERT INTO etl.post_etl_queries (cdr_date, cdr_type, type_of_query_or_check, outcome, timestamp)
VALUES ('2016-01-01', 'calls', 'count_msisdns', '2', '2016-01-03 00:00+00');

INSERT INTO geography.geo_kinds (name) VALUES ('postal');
INSERT INTO geography.linkage_methods (name, meta) VALUES ('voronoi', '{"a": 1}');
INSERT INTO geography.geoms (added_date, short_name, spatial_resolution, geom)
VALUES ('2016-01-01', 'r1', 3, ST_Multi(ST_MakeEnvelope(84, 27, 86, 29, 4326)));
INSERT INTO geography.geo_bridge (location_id, gid, valid_from, linkage_method_id) VALUES (7, 1, '2016-01-01', 2);
CREATE TABLE geography.admin3 AS
SELECT 1 AS gid, 'r1'::text AS admin3pcod, 'Region'::text AS admin3name, geom FROM geography.geoms;

INSERT INTO infrastructure.sites (id, version, geom_point) VALUES ('s1', 0, ST_SetSRID(ST_Point(85, 28), 4326));
INSERT INTO infrastructure.cells (id, version, site_id, date_of_last_service, geom_point)
VALUES
    ('c1', 0, 's1', '2016-01-01', ST_SetSRID(ST_Point(85, 28), 4326)),
    ('c1', 1, 's1', NULL, ST_SetSRID(ST_Point(85.1, 28), 4326)),
    ('c2', 0, NULL, NULL, NULL);
INSERT INTO infrastructure.tacs (id, brand, hnd_type) VALUES (12345678, 'Nokia', 'Feature');
CREATE TABLE population.people AS SELECT 'r1'::text AS region, 10 AS people;

UPDATE cache.cache_config SET value = '123456' WHERE key = 'cache_size';
INSERT INTO cache.cached (
    query_id, version, query, created, access_count, last_accessed, compute_time, cache_score_multiplier, class, schema,
    tablename, obj
)
VALUES
    (
        '0123456789abcdef0123456789abcdef', '2.0.0', 'SELECT 1', '2016-01-03', 0, '2016-01-03', 1500, 0, 'Query', 'cache',
        'x0123456789abcdef0123456789abcdef', '\x00ff'
    ),
    ('table', '2.0.0', 'SELECT 1', '2016-01-03', 0, '2016-01-03', 1, 0, 'Table', 'events', 'calls', NULL);
INSERT INTO cache.dependencies (query_id, depends_on) VALUES ('0123456789abcdef0123456789abcdef', 'table');
