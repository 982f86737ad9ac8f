-- One parent per kind of event, partitioned by day. Identifiers are opaque text that is only ever
-- compared and sorted, so they use the "C" collation: byte order, the cheapest there is.
CREATE SCHEMA events;

CREATE TABLE events.calls (
    id text,
    outgoing boolean,
    datetime timestamptz NOT NULL,
    duration numeric,
    network text,
    msisdn text COLLATE "C" NOT NULL,
    msisdn_counterpart text COLLATE "C",
    location_id text COLLATE "C",
    imsi text COLLATE "C",
    imei text COLLATE "C",
    tac numeric(8),
    operator_code numeric,
    country_code numeric
) PARTITION BY RANGE (datetime);

CREATE TABLE events.forwards (
    id text,
    outgoing boolean,
    datetime timestamptz NOT NULL,
    network text,
    msisdn text COLLATE "C" NOT NULL,
    msisdn_counterpart text COLLATE "C",
    location_id text COLLATE "C",
    imsi text COLLATE "C",
    imei text COLLATE "C",
    tac numeric(8),
    operator_code numeric,
    country_code numeric
) PARTITION BY RANGE (datetime);

CREATE TABLE events.sms (
    id text,
    outgoing boolean,
    datetime timestamptz NOT NULL,
    network text,
    msisdn text COLLATE "C" NOT NULL,
    msisdn_counterpart text COLLATE "C",
    location_id text COLLATE "C",
    imsi text COLLATE "C",
    imei text COLLATE "C",
    tac numeric(8),
    operator_code numeric,
    country_code numeric
) PARTITION BY RANGE (datetime);

CREATE TABLE events.mds (
    id text,
    datetime timestamptz NOT NULL,
    duration numeric,
    volume_total numeric,
    volume_upload numeric,
    volume_download numeric,
    msisdn text COLLATE "C" NOT NULL,
    location_id text COLLATE "C",
    imsi text COLLATE "C",
    imei text COLLATE "C",
    tac numeric(8),
    operator_code numeric,
    country_code numeric
) PARTITION BY RANGE (datetime);

CREATE TABLE events.topups (
    id text,
    datetime timestamptz NOT NULL,
    type text,
    recharge_amount numeric,
    airtime_fee numeric,
    tax_and_fee numeric,
    pre_event_balance numeric,
    post_event_balance numeric,
    msisdn text COLLATE "C" NOT NULL,
    location_id text COLLATE "C",
    imsi text COLLATE "C",
    imei text COLLATE "C",
    tac numeric(8),
    operator_code numeric,
    country_code numeric
) PARTITION BY RANGE (datetime);

CREATE TABLE events.location_ids (
    location_id text COLLATE "C",
    cdr_type text,
    first_active_date date,
    last_active_date date,
    PRIMARY KEY (location_id, cdr_type)
);
