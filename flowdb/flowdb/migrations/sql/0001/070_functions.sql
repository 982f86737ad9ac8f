-- The functions that let restricted roles read what they may not select, and the score of the cache.
-- Those that run with the rights of their owner name every object in full and search pg_catalog only,
-- so that an object made by a caller in schema public can never take the place of one of ours.
CREATE FUNCTION public.flowdb_version() RETURNS TABLE (version text, release_date date)
LANGUAGE sql IMMUTABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT v.version, v.release_date FROM public.flowdb_version AS v $$;

CREATE FUNCTION public.available_tables()
RETURNS TABLE (table_name text, has_locations boolean, has_subscribers boolean, has_counterparts boolean)
LANGUAGE sql IMMUTABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT t.table_name, t.has_locations, t.has_subscribers, t.has_counterparts
    FROM public.available_tables AS t
$$;

CREATE FUNCTION public.location_table() RETURNS TABLE (location_table text)
LANGUAGE sql IMMUTABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT l.location_table FROM public.location_table AS l $$;

CREATE FUNCTION public.cache_half_life() RETURNS double precision
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT c.value::double precision FROM cache.cache_config AS c WHERE c.key = 'half_life' $$;

CREATE FUNCTION public.cache_max_size() RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT c.value::bigint FROM cache.cache_config AS c WHERE c.key = 'cache_size' $$;

CREATE FUNCTION public.cache_protected_period() RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT c.value::bigint FROM cache.cache_config AS c WHERE c.key = 'cache_protected_period' $$;

CREATE FUNCTION public.table_size(tablename text, table_schema text) RETURNS double precision
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT (
        SELECT pg_total_relation_size(c.oid)::double precision
        FROM pg_class AS c
        INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND n.nspname = table_schema AND c.relname = tablename
    )
$$;

CREATE FUNCTION public.cache_score(
    cache_score_multiplier numeric, compute_time numeric, tablesize double precision
) RETURNS double precision
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT cache_score_multiplier * (compute_time / 1000) / tablesize $$;

-- Each touch weighs more than the one before it by the half-life, so that recent use outweighs old use.
-- The sequence must not advance for the class Table, hence the CASE around nextval.
CREATE FUNCTION public.touch_cache(cached_query_id text) RETURNS double precision
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    score double precision;
BEGIN
    UPDATE cache.cached
    SET
        last_accessed = now(),
        access_count = access_count + 1,
        cache_score_multiplier = CASE
            WHEN class = 'Table' THEN 0
            ELSE
                cache_score_multiplier
                + power(1 + ln(2) / public.cache_half_life(), nextval('cache.cache_touches') - 2)::numeric
        END
    WHERE query_id = cached_query_id::bpchar
    RETURNING
        public.cache_score(
            cache_score_multiplier, compute_time, greatest(public.table_size(tablename, schema), 0.00001)
        )
    INTO score;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'Cache record % not found', cached_query_id;
    END IF;
    RETURN score;
END
$$;

-- Repeatable for a seed; afterwards the stream of the session is as unpredictable as before.
CREATE FUNCTION public.random_ints(seed double precision, n_samples int, max_val int)
RETURNS TABLE (id int)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    fresh double precision := random();
BEGIN
    PERFORM setseed(seed);
    RETURN QUERY SELECT s.i FROM generate_series(1, max_val) AS s (i) ORDER BY random() LIMIT n_samples;
    PERFORM setseed(fresh);
END
$$;

-- Squares of side grid_step from the lower left corner, as long as that corner is not beyond the
-- upper edge: the edge itself included, so a 10 x 10 box in steps of 1 gives 121 of them.
CREATE FUNCTION public.makegrid_2d(bound_polygon geometry, grid_step numeric, metric_srid integer = 3857)
RETURNS geometry
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    WITH bounds AS (
        SELECT ST_Transform(bound_polygon, metric_srid) AS box
    )
    SELECT ST_Transform(
        ST_Collect(
            ST_MakeEnvelope(x::float8, y::float8, (x + grid_step)::float8, (y + grid_step)::float8, metric_srid)
            ORDER BY y, x
        ),
        ST_SRID(bound_polygon)
    )
    FROM bounds
    CROSS JOIN LATERAL generate_series(ST_YMin(box)::numeric, ST_YMax(box)::numeric, grid_step) AS ys (y)
    CROSS JOIN LATERAL generate_series(ST_XMin(box)::numeric, ST_XMax(box)::numeric, grid_step) AS xs (x)
$$;

CREATE FUNCTION public.isnumeric(text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE STRICT
AS $$
BEGIN
    PERFORM $1::numeric;
    RETURN true;
EXCEPTION
    WHEN invalid_text_representation OR numeric_value_out_of_range THEN
        RETURN false;
END
$$;

CREATE FUNCTION public.long_running_queries()
RETURNS TABLE (pid int, duration interval, query text, state text)
LANGUAGE sql STABLE
AS $$
    SELECT a.pid, now() - a.query_start, a.query, a.state
    FROM pg_stat_activity AS a
    WHERE now() - a.query_start > interval '5 minutes'
$$;

CREATE FUNCTION public.close_all_connections() RETURNS TABLE (closed_connections bigint)
LANGUAGE sql VOLATILE
AS $$
    SELECT count(*)
    FROM (
        SELECT pg_terminate_backend(a.pid) AS closed
        FROM pg_stat_activity AS a
        WHERE a.datname = 'flowdb' AND a.pid <> pg_backend_pid()
    ) AS terminated
    WHERE closed
$$;
