-- What was loaded, and what the quality checks found. A day is available when its newest record
-- says exactly 'ingested'; a record without a time is never the newest.
CREATE SCHEMA etl;

CREATE TABLE etl.etl_records (
    id serial PRIMARY KEY,
    cdr_type varchar,
    cdr_date date,
    state varchar,
    timestamp timestamptz
);

CREATE TABLE etl.post_etl_queries (
    id serial NOT NULL,
    cdr_date date,
    cdr_type text,
    type_of_query_or_check text,
    outcome text,
    optional_comment_or_description text,
    timestamp timestamptz
);
COMMENT ON TABLE etl.post_etl_queries IS
    'Outcomes of the quality checks that run after a day of events has been loaded, one row per check and run.';

CREATE VIEW etl.ingest_state AS
SELECT DISTINCT ON (cdr_type, cdr_date) cdr_type, cdr_date, state, timestamp
FROM etl.etl_records
ORDER BY cdr_type, cdr_date, timestamp DESC NULLS LAST, id DESC;

-- The name that the change log of earlier releases uses.
CREATE VIEW etl.ingested_state AS SELECT cdr_type, cdr_date, state, timestamp FROM etl.ingest_state;

CREATE VIEW etl.available_dates AS
SELECT cdr_type, cdr_date FROM etl.ingest_state WHERE state = 'ingested';

CREATE VIEW etl.deduped_post_etl_queries AS
SELECT DISTINCT ON (checks.cdr_date, checks.cdr_type, checks.type_of_query_or_check)
    checks.cdr_date,
    checks.cdr_type,
    checks.type_of_query_or_check,
    checks.outcome,
    checks.optional_comment_or_description,
    checks.timestamp
FROM etl.post_etl_queries AS checks
INNER JOIN etl.available_dates AS available
    ON available.cdr_date = checks.cdr_date AND available.cdr_type = checks.cdr_type
ORDER BY
    checks.cdr_date, checks.cdr_type, checks.type_of_query_or_check, checks.timestamp DESC NULLS LAST, checks.id DESC;
