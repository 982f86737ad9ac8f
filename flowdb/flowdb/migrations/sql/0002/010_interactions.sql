-- Events in normal form: who, where, when and what are keys of small tables. Partitions are days, named by
-- date_dim_id: events_supertable_20160101, calls_20160101, ..., FROM (20160101) TO (20160102).
CREATE TABLE interactions.d_event_type (
    event_type_id bigserial PRIMARY KEY,
    name varchar NOT NULL
);
INSERT INTO interactions.d_event_type (name) VALUES ('calls'), ('sms'), ('mds'), ('topup');

CREATE TABLE interactions.subscriber (
    subscriber_id bigserial PRIMARY KEY,
    msisdn text COLLATE "C",
    imei text COLLATE "C",
    imsi text COLLATE "C",
    tac bigint REFERENCES infrastructure.tacs (id),
    UNIQUE (msisdn, imei, imsi, tac)
);
CREATE INDEX subscriber_subscriber_id_idx ON interactions.subscriber (subscriber_id);
CREATE INDEX subscriber_subscriber_id_msisdn_idx ON interactions.subscriber (subscriber_id, msisdn);

CREATE TABLE interactions.locations (
    location_id bigserial PRIMARY KEY,
    site_id bigint REFERENCES infrastructure.sites (site_id),
    cell_id bigint REFERENCES infrastructure.cells (cell_id),
    position geometry(Point, 4326)
);
CREATE INDEX interactions_locations_position_index ON interactions.locations USING gist (position);

CREATE TABLE interactions.event_supertable (
    event_id bigserial,
    subscriber_id bigint REFERENCES interactions.subscriber (subscriber_id),
    location_id bigint REFERENCES interactions.locations (location_id),
    time_dim_id bigint REFERENCES public.d_time (time_dim_id),
    date_dim_id bigint REFERENCES public.d_date (date_dim_id),
    event_type_id int REFERENCES interactions.d_event_type (event_type_id),
    event_timestamp timestamptz NOT NULL,
    PRIMARY KEY (event_id, date_dim_id)
) PARTITION BY RANGE (date_dim_id);

CREATE TABLE interactions.calls (
    event_id bigint NOT NULL,
    date_dim_id bigint NOT NULL REFERENCES public.d_date (date_dim_id),
    called_subscriber_id bigint REFERENCES interactions.subscriber (subscriber_id),
    called_party_location_id bigint REFERENCES interactions.locations (location_id),
    calling_party_msisdn text COLLATE "C",
    called_party_msisdn text COLLATE "C",
    duration numeric,
    PRIMARY KEY (event_id, date_dim_id),
    FOREIGN KEY (event_id, date_dim_id) REFERENCES interactions.event_supertable (event_id, date_dim_id)
) PARTITION BY RANGE (date_dim_id);

CREATE TABLE interactions.sms (
    event_id bigint NOT NULL,
    date_dim_id bigint NOT NULL REFERENCES public.d_date (date_dim_id),
    called_subscriber_id bigint REFERENCES interactions.subscriber (subscriber_id),
    called_party_location_id bigint REFERENCES interactions.locations (location_id),
    calling_party_msisdn text COLLATE "C",
    called_party_msisdn text COLLATE "C",
    PRIMARY KEY (event_id, date_dim_id),
    FOREIGN KEY (event_id, date_dim_id) REFERENCES interactions.event_supertable (event_id, date_dim_id)
) PARTITION BY RANGE (date_dim_id);

CREATE TABLE interactions.mds (
    event_id bigint NOT NULL,
    date_dim_id bigint NOT NULL REFERENCES public.d_date (date_dim_id),
    data_volume_total numeric,
    data_volume_up numeric,
    data_volume_down numeric,
    duration numeric,
    PRIMARY KEY (event_id, date_dim_id),
    FOREIGN KEY (event_id, date_dim_id) REFERENCES interactions.event_supertable (event_id, date_dim_id)
) PARTITION BY RANGE (date_dim_id);

CREATE TABLE interactions.topup (
    event_id bigint NOT NULL,
    date_dim_id bigint NOT NULL REFERENCES public.d_date (date_dim_id),
    type integer,
    recharge_amount numeric,
    airtime_fee numeric,
    tax_and_fee numeric,
    pre_event_balance numeric,
    post_event_balance numeric,
    PRIMARY KEY (event_id, date_dim_id),
    FOREIGN KEY (event_id, date_dim_id) REFERENCES interactions.event_supertable (event_id, date_dim_id)
) PARTITION BY RANGE (date_dim_id);

CREATE TABLE interactions.subscriber_sightings (
    sighting_id bigserial,
    subscriber_id bigint REFERENCES interactions.subscriber (subscriber_id),
    location_id bigint REFERENCES interactions.locations (location_id),
    time_dim_id bigint REFERENCES public.d_time (time_dim_id),
    date_dim_id bigint REFERENCES public.d_date (date_dim_id),
    event_id bigint,
    sighting_timestamp timestamptz NOT NULL,
    PRIMARY KEY (sighting_id, date_dim_id),
    FOREIGN KEY (event_id, date_dim_id) REFERENCES interactions.event_supertable (event_id, date_dim_id)
) PARTITION BY RANGE (date_dim_id);

-- A database that linked places to regions before it had a table of places keeps those links: each such place
-- becomes one of unknown position, which whoever knows it can fill in.
INSERT INTO interactions.locations (location_id)
SELECT DISTINCT b.location_id FROM geography.geo_bridge AS b;
SELECT setval('interactions.locations_location_id_seq', max(location_id))
FROM interactions.locations
HAVING max(location_id) >= 1;
ALTER TABLE geography.geo_bridge
ADD CONSTRAINT locations_fkey FOREIGN KEY (location_id) REFERENCES interactions.locations (location_id);
