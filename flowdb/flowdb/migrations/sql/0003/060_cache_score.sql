-- A result without rows may take no room at all: it scores as if it took next to none, instead of ending the
-- search for what to evict with a division by zero.
CREATE OR REPLACE FUNCTION public.cache_score(
    cache_score_multiplier numeric, compute_time numeric, tablesize double precision
) RETURNS double precision
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT
        cache_score_multiplier * (compute_time / 1000)
        / CASE WHEN tablesize < 0.00001 THEN 0.00001 ELSE tablesize END
$$;
