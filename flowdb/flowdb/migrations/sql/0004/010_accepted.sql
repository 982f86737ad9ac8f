-- The queries that FlowMachine has accepted, and how they ended: what it promised outlives Redis and every server.
-- A row says what is to be told of a query that neither Redis nor cache.cached knows: accepted (somebody must
-- finish it), errored or cancelled; or, of one that owes nothing to anybody, completed (and dropped since) or known.
CREATE TABLE cache.accepted (
    query_id text CONSTRAINT accepted_pkey PRIMARY KEY,
    request text NOT NULL,
    accepted timestamptz NOT NULL DEFAULT now(),
    state text NOT NULL DEFAULT 'accepted' CONSTRAINT accepted_state CHECK (
        state IN ('accepted', 'completed', 'errored', 'cancelled', 'known')
    ),
    cause text
);

-- Like the other records of the cache it is for FlowMachine alone, from the beginning: by default the role of
-- FlowAPI, whatever its name, would read it until the roles are applied again.
DO $$
DECLARE
    reader regrole;
BEGIN
    FOR reader IN
        SELECT DISTINCT granted.grantee::regrole
        FROM pg_class, aclexplode(relacl) AS granted
        WHERE
            pg_class.oid = 'cache.accepted'::regclass
            AND granted.grantee NOT IN (0, relowner)
            AND granted.grantee IS DISTINCT FROM to_regrole('flowmachine')
    LOOP
        EXECUTE format('REVOKE ALL ON cache.accepted FROM %s', reader);
    END LOOP;
END
$$;

-- Whoever stores a result completes the query, in the same transaction and at no cost of a round trip.
CREATE FUNCTION cache.complete_accepted() RETURNS trigger
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    UPDATE cache.accepted SET state = 'completed', cause = NULL
    WHERE query_id = NEW.query_id AND state <> 'completed';
    RETURN NULL;
END
$$;

CREATE TRIGGER complete_accepted AFTER INSERT OR UPDATE OF created ON cache.cached
FOR EACH ROW EXECUTE FUNCTION cache.complete_accepted();
