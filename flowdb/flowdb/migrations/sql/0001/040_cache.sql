-- The records of stored query results. The results themselves are tables cache.x<query id>.
CREATE SCHEMA cache;

CREATE TABLE cache.cached (
    query_id char(32) CONSTRAINT cache_pkey PRIMARY KEY,
    version varchar,
    query text,
    created timestamptz,
    access_count integer,
    last_accessed timestamptz,
    compute_time numeric,
    cache_score_multiplier numeric,
    class varchar,
    schema varchar,
    tablename varchar,
    obj bytea
);

CREATE TABLE cache.dependencies (
    query_id char(32) NOT NULL
        CONSTRAINT cache_dependent_id REFERENCES cache.cached (query_id) ON DELETE CASCADE,
    depends_on char(32) NOT NULL
        CONSTRAINT cache_dependency_id REFERENCES cache.cached (query_id) ON DELETE CASCADE,
    CONSTRAINT dependencies_pkey PRIMARY KEY (depends_on, query_id)
);

CREATE TABLE cache.cache_config (
    key text,
    value text
);
-- The size depends on the disk: it is filled in at the first start.
INSERT INTO cache.cache_config (key, value)
VALUES ('half_life', '1000'), ('cache_size', NULL), ('cache_protected_period', '86400');

CREATE SEQUENCE cache.cache_touches START 1;
