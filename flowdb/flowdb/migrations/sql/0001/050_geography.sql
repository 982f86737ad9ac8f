-- Places. The tables admin0, admin1, ... are made by `flowdb load-geography`.
CREATE SCHEMA geography;

CREATE TABLE geography.geo_kinds (
    geo_kind_id serial PRIMARY KEY,
    name text
);
INSERT INTO geography.geo_kinds (name) VALUES ('admin_unit');

CREATE TABLE geography.linkage_methods (
    linkage_method_id serial PRIMARY KEY,
    name text,
    meta json
);
INSERT INTO geography.linkage_methods (name) VALUES ('point_in_polygon');

CREATE TABLE geography.geoms (
    gid bigserial PRIMARY KEY,
    added_date timestamptz NOT NULL DEFAULT now(),
    short_name varchar,
    long_name text,
    geo_kind_id int DEFAULT 1 REFERENCES geography.geo_kinds (geo_kind_id),
    spatial_resolution int,
    additional_metadata json,
    geom geometry(MultiPolygon, 4326)
);
CREATE INDEX geography_geom_gist ON geography.geoms USING gist (geom);
CREATE INDEX geography_geog_gist ON geography.geoms USING gist (geography(geom));
CREATE INDEX geoms_geo_kind_id_idx ON geography.geoms (geo_kind_id);
CREATE INDEX geoms_spatial_resolution_idx ON geography.geoms (spatial_resolution);

CREATE TABLE geography.geo_bridge (
    location_id bigint,
    gid bigint REFERENCES geography.geoms (gid),
    valid_from date,
    valid_to date,
    weight double precision DEFAULT 1,
    linkage_method_id int DEFAULT 1 REFERENCES geography.linkage_methods (linkage_method_id),
    PRIMARY KEY (location_id, gid, linkage_method_id)
);
CREATE INDEX geo_bridge_linkage_method_id_idx ON geography.geo_bridge (linkage_method_id);
CREATE INDEX geo_bridge_gid_idx ON geography.geo_bridge (gid);
CREATE INDEX geo_bridge_location_id_idx ON geography.geo_bridge (location_id);

CREATE SCHEMA population;
CREATE SCHEMA elevation;
CREATE SCHEMA routing;
CREATE SCHEMA interactions;
CREATE SCHEMA dfs;
