-- Tables outside the days, with a few rows each.
CREATE TABLE events.calls_short (LIKE events.calls);
INSERT INTO events.calls_short SELECT * FROM events.calls ORDER BY datetime, id, outgoing LIMIT 20;
CREATE TABLE events.sms_short (LIKE events.sms);
INSERT INTO events.sms_short SELECT * FROM events.sms ORDER BY datetime, id, outgoing LIMIT 20;
CREATE TABLE events.mds_short (LIKE events.mds);
INSERT INTO events.mds_short SELECT * FROM events.mds ORDER BY datetime, id LIMIT 20;
CREATE TABLE events.topups_short (LIKE events.topups);
INSERT INTO events.topups_short SELECT * FROM events.topups ORDER BY datetime, id LIMIT 20;

-- Somebody who calls themselves.
INSERT INTO events.calls (
    id, outgoing, datetime, duration, msisdn, msisdn_counterpart, location_id, tac
)
SELECT 'self-call', outgoing, '2016-01-01 00:00:06+00', 3393, 'self_caller', 'self_caller', 'JxDglNVk', min(t.id)
FROM unnest(ARRAY[true, false]) AS outgoing, infrastructure.tacs AS t
GROUP BY outgoing;

-- Days that are there but empty, and that no record speaks of.
CREATE TABLE events.calls_20160909 PARTITION OF events.calls
FOR VALUES FROM ('2016-09-09 00:00:00+00') TO ('2016-09-10 00:00:00+00');
CREATE TABLE events.mds_20160909 PARTITION OF events.mds
FOR VALUES FROM ('2016-09-09 00:00:00+00') TO ('2016-09-10 00:00:00+00');
CREATE TABLE events.topups_20160909 PARTITION OF events.topups
FOR VALUES FROM ('2016-09-09 00:00:00+00') TO ('2016-09-10 00:00:00+00');
ANALYZE events.calls, events.sms, events.mds, events.topups;
