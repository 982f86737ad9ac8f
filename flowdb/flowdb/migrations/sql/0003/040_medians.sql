-- Medians over values in order. The extension pg_median_utils, where it is installed, has the two filters as window
-- functions too; these take and return arrays and are always there.
CREATE FUNCTION public.array_median(series double precision[]) RETURNS double precision
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT (sorted.v[(cardinality(sorted.v) + 1) / 2] + sorted.v[cardinality(sorted.v) / 2 + 1]) / 2
    FROM (SELECT ARRAY(SELECT e FROM unnest(series) AS e WHERE e IS NOT NULL ORDER BY e) AS v) AS sorted
$$;

CREATE AGGREGATE public.median(double precision) (
    SFUNC = array_append,
    STYPE = double precision[],
    FINALFUNC = public.array_median,
    PARALLEL = SAFE
);

CREATE FUNCTION public.iterated_median_filter(series double precision[], window_size int)
RETURNS double precision[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    -- A window of twice the number of values and one more is filled by zeros for the most part, as any wider one is.
    half constant int := (least(window_size::bigint, 2 * cardinality(series) + 1) - 1) / 2;
    filtered double precision[] := ARRAY(SELECT s.v FROM unnest(series) AS s (v));
    previous double precision[];
BEGIN
    IF window_size < 1 OR window_size % 2 = 0 THEN
        RAISE EXCEPTION 'iterated_median_filter: window is %, it must be odd and positive', window_size
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF array_position(filtered, NULL) IS NOT NULL THEN
        RAISE EXCEPTION 'iterated_median_filter: a value is null: leave it out, or impute it before'
            USING ERRCODE = 'null_value_not_allowed';
    END IF;
    WHILE previous IS DISTINCT FROM filtered LOOP
        previous := filtered;
        filtered := ARRAY(
            SELECT (
                SELECT neighbour
                FROM unnest(w.near || array_fill(0::double precision, ARRAY[2 * half + 1 - cardinality(w.near)]))
                    AS neighbour
                ORDER BY neighbour
                OFFSET half
                LIMIT 1
            )
            FROM (
                SELECT
                    p.number,
                    array_agg(p.v) OVER (
                        ORDER BY p.number ROWS BETWEEN half PRECEDING AND half FOLLOWING
                    ) AS near
                FROM unnest(previous) WITH ORDINALITY AS p (v, number)
            ) AS w
            ORDER BY w.number
        );
    END LOOP;
    RETURN filtered;
END
$$;

CREATE FUNCTION public.rolling_median_impute(series double precision[], window_size int)
RETURNS double precision[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
BEGIN
    IF window_size < 1 THEN
        RAISE EXCEPTION 'rolling_median_impute: window is %, it must be positive', window_size
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    RETURN ARRAY(
        SELECT
            coalesce(
                counted.v,
                (
                    SELECT public.array_median(present.known[last.number - window_size + 1 : last.number])
                    FROM (SELECT greatest(counted.seen, window_size) AS number) AS last
                    WHERE last.number <= cardinality(present.known)
                )
            )
        FROM (
            SELECT v, number, count(v) OVER (ORDER BY number) AS seen
            FROM unnest(series) WITH ORDINALITY AS given (v, number)
        ) AS counted
        CROSS JOIN (SELECT array_remove(ARRAY(SELECT s.v FROM unnest(series) AS s (v)), NULL) AS known) AS present
        ORDER BY counted.number
    );
END
$$;
