-- Multiplies uniform numbers until their product falls below exp(-lambda), as Knuth does; the exponent is taken
-- in pieces, since exp(-lambda) itself is 0 in double precision for large ones.
CREATE FUNCTION public.random_poisson(lambda double precision DEFAULT 1.0) RETURNS int
LANGUAGE plpgsql VOLATILE STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    piece constant double precision := 500;
    pending double precision := lambda;
    product double precision := 1;
    drawn int := -1;
BEGIN
    IF NOT (lambda >= 0 AND lambda <= 1e9) THEN
        RAISE EXCEPTION 'random_poisson: lambda is %, it must be from 0 to 1e9', lambda
            USING ERRCODE = 'numeric_value_out_of_range';
    END IF;
    LOOP
        drawn := drawn + 1;
        -- random() may be 0, which no factor could raise again.
        product := product * (1 - random());
        WHILE product < 1 AND pending > 0 LOOP
            product := product * exp(least(pending, piece));
            pending := pending - least(pending, piece);
        END LOOP;
        IF product <= 1 THEN
            RETURN drawn;
        END IF;
    END LOOP;
END
$$;

CREATE FUNCTION public.random_pick(a anyarray, OUT x anyelement)
LANGUAGE sql VOLATILE STRICT
AS $$
    SELECT kept.elements[1 + floor(random() * cardinality(kept.elements))::int]
    FROM (SELECT ARRAY(SELECT e FROM unnest(a) AS e WHERE e IS DISTINCT FROM NULL) AS elements) AS kept
$$;
