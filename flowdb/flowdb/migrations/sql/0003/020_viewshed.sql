-- What is seen along lines of sight: a point is visible if it stands at a steeper angle than every point before
-- it. Points are taken in the order of their distance, those of equal distance as they lie in the table.
CREATE FUNCTION public.viewshed(_tbl regclass)
RETURNS TABLE (
    location_id text, geom_point geometry, od_line_identifier text, geom_viewshed geometry, visible boolean
)
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
BEGIN
    RAISE NOTICE 'Looking along % lines of sight', public._viewshed_count_total(_tbl);
    RETURN QUERY EXECUTE format(
        $query$
            SELECT
                p.location_id,
                p.geom_point,
                p.od_line_identifier,
                p.geom,
                coalesce(p.slope > coalesce(max(p.slope) OVER before, '-Infinity'), false)
            FROM (SELECT t.*, row_number() OVER () AS number FROM %s AS t) AS p
            WHERE p.od_line_identifier IS NOT NULL
            WINDOW before AS (
                PARTITION BY p.od_line_identifier
                ORDER BY p.distance, p.number
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            )
            ORDER BY p.od_line_identifier, p.distance, p.number
        $query$,
        _tbl
    );
END
$$;

CREATE FUNCTION public._visible(_tbl regclass, line_of_sight_identifier text)
RETURNS TABLE (
    location_id text, geom_point geometry, od_line_identifier text, geom geometry, visible boolean
)
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
BEGIN
    RETURN QUERY EXECUTE format(
        $query$
            SELECT
                p.location_id,
                p.geom_point,
                p.od_line_identifier,
                p.geom,
                coalesce(p.slope > coalesce(max(p.slope) OVER before, '-Infinity'), false)
            FROM (SELECT t.*, row_number() OVER () AS number FROM %s AS t) AS p
            WHERE p.od_line_identifier = $1
            WINDOW before AS (
                ORDER BY p.distance, p.number ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            )
            ORDER BY p.distance, p.number
        $query$,
        _tbl
    ) USING line_of_sight_identifier;
END
$$;

CREATE FUNCTION public._viewshed_count_total(_tbl regclass, OUT result integer)
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
BEGIN
    EXECUTE format('SELECT count(DISTINCT t.od_line_identifier) FROM %s AS t', _tbl) INTO result;
END
$$;
