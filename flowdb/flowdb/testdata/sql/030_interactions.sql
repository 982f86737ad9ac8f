-- The events in normal form, and the places they happened at in the regions of all levels.
INSERT INTO interactions.subscriber (msisdn, imei, imsi, tac)
SELECT msisdn, imei, imsi, tac::bigint FROM events.calls
UNION SELECT msisdn, imei, imsi, tac::bigint FROM events.sms
UNION SELECT msisdn, imei, imsi, tac::bigint FROM events.mds
UNION SELECT msisdn, imei, imsi, tac::bigint FROM events.topups
ORDER BY 1, 4;

INSERT INTO interactions.locations (site_id, cell_id, position)
SELECT s.site_id, c.cell_id, c.geom_point
FROM infrastructure.cells AS c
LEFT JOIN infrastructure.sites AS s ON s.id = c.site_id AND s.version = c.version
ORDER BY c.id, c.version;

CREATE VIEW public.cell_id_mapping AS
SELECT
    l.location_id, l.site_id, l.cell_id, l.position, c.id AS mno_cell_id,
    daterange(c.date_of_first_service, c.date_of_last_service, '[]') AS valid_period
FROM interactions.locations AS l
INNER JOIN infrastructure.cells AS c ON c.cell_id = l.cell_id;

-- One row for each event, with what is needed of both parties.
CREATE TEMPORARY TABLE event ON COMMIT DROP AS
WITH rows AS (
    SELECT 1 AS kind, id, datetime, msisdn, tac, location_id, outgoing FROM events.calls
    UNION ALL SELECT 2, id, datetime, msisdn, tac, location_id, outgoing FROM events.sms
    UNION ALL SELECT 3, id, datetime, msisdn, tac, location_id, true FROM events.mds
    UNION ALL SELECT 4, id, datetime, msisdn, tac, location_id, true FROM events.topups
), placed AS (
    SELECT
        r.kind, r.id, r.datetime, r.msisdn, r.outgoing, s.subscriber_id, m.location_id,
        extract(HOUR FROM r.datetime AT TIME ZONE 'UTC')::int AS time_dim_id,
        to_char(r.datetime AT TIME ZONE 'UTC', 'YYYYMMDD')::int AS date_dim_id
    FROM rows AS r
    LEFT JOIN interactions.subscriber AS s ON s.msisdn = r.msisdn AND s.tac = r.tac
    LEFT JOIN public.cell_id_mapping AS m
        ON m.mno_cell_id = r.location_id AND m.valid_period @> (r.datetime AT TIME ZONE 'UTC')::date
)
SELECT
    row_number() OVER (ORDER BY one.kind, one.datetime, one.id) AS event_id,
    one.*, other.subscriber_id AS called_subscriber_id, other.location_id AS called_location_id,
    other.msisdn AS called_msisdn
FROM placed AS one
LEFT JOIN placed AS other ON other.kind = one.kind AND other.id = one.id AND NOT other.outgoing
WHERE one.outgoing;

INSERT INTO interactions.event_supertable (
    event_id, subscriber_id, location_id, time_dim_id, date_dim_id, event_type_id, event_timestamp
)
SELECT event_id, subscriber_id, location_id, time_dim_id, date_dim_id, kind, datetime FROM event ORDER BY event_id;
SELECT setval(
    pg_get_serial_sequence('interactions.event_supertable', 'event_id'), max(event_id)
) FROM event;

INSERT INTO interactions.calls (
    event_id, date_dim_id, called_subscriber_id, called_party_location_id, calling_party_msisdn,
    called_party_msisdn, duration
)
SELECT
    e.event_id, e.date_dim_id, e.called_subscriber_id, e.called_location_id, e.msisdn, e.called_msisdn, c.duration
FROM event AS e
INNER JOIN events.calls AS c ON c.id = e.id AND c.outgoing
WHERE e.kind = 1;

INSERT INTO interactions.sms (
    event_id, date_dim_id, called_subscriber_id, called_party_location_id, calling_party_msisdn,
    called_party_msisdn
)
SELECT event_id, date_dim_id, called_subscriber_id, called_location_id, msisdn, called_msisdn
FROM event WHERE kind = 2;

INSERT INTO interactions.mds (
    event_id, date_dim_id, data_volume_total, data_volume_up, data_volume_down, duration
)
SELECT e.event_id, e.date_dim_id, m.volume_total, m.volume_upload, m.volume_download, m.duration
FROM event AS e
INNER JOIN events.mds AS m ON m.id = e.id
WHERE e.kind = 3;

INSERT INTO interactions.topup (
    event_id, date_dim_id, recharge_amount, airtime_fee, tax_and_fee, pre_event_balance, post_event_balance
)
SELECT
    e.event_id, e.date_dim_id, t.recharge_amount, t.airtime_fee, t.tax_and_fee, t.pre_event_balance,
    t.post_event_balance
FROM event AS e
INNER JOIN events.topups AS t ON t.id = e.id
WHERE e.kind = 4;

INSERT INTO interactions.subscriber_sightings (
    subscriber_id, location_id, time_dim_id, date_dim_id, event_id, sighting_timestamp
)
SELECT subscriber_id, location_id, time_dim_id, date_dim_id, event_id, datetime
FROM (
    SELECT subscriber_id, location_id, time_dim_id, date_dim_id, event_id, datetime, 0 AS party FROM event
    UNION ALL
    SELECT called_subscriber_id, called_location_id, time_dim_id, date_dim_id, event_id, datetime, 1 FROM event
    WHERE kind IN (1, 2)
) AS sighting
ORDER BY event_id, party;

INSERT INTO geography.geoms (short_name, long_name, spatial_resolution, geom)
SELECT admin3pcod, admin3name, 3, geom FROM geography.admin3 ORDER BY admin3pcod;
INSERT INTO geography.geoms (short_name, long_name, spatial_resolution, geom)
SELECT admin2pcod, admin2name, 2, geom FROM geography.admin2 ORDER BY admin2pcod;
INSERT INTO geography.geoms (short_name, long_name, spatial_resolution, geom)
SELECT admin1pcod, admin1name, 1, geom FROM geography.admin1 ORDER BY admin1pcod;
INSERT INTO geography.geoms (short_name, long_name, spatial_resolution, geom)
SELECT admin0pcod, admin0name, 0, geom FROM geography.admin0;
INSERT INTO geography.geoms (short_name, long_name, spatial_resolution, geom)
SELECT district_c, district_n, 2, geom FROM public.gambia_admin2 ORDER BY district_c;

-- A place outside every region has no bridge.
INSERT INTO geography.geo_bridge (location_id, gid, valid_from, valid_to)
SELECT l.location_id, g.gid, '-infinity', 'infinity'
FROM interactions.locations AS l
INNER JOIN geography.geoms AS g ON ST_Intersects(g.geom, l.position)
ORDER BY l.location_id, g.gid;

ANALYZE interactions.subscriber, interactions.locations, interactions.event_supertable, interactions.calls,
interactions.sms, interactions.mds, interactions.topup, interactions.subscriber_sightings, geography.geoms,
geography.geo_bridge;
