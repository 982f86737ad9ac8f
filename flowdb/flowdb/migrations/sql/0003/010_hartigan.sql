-- Leader clustering of places by Hartigan: a place joins the first cluster whose centre is nearer than the
-- threshold, or begins a new one. The result depends on the order in which the rows arrive.
CREATE TYPE public.hartigan_cluster_interm AS (
    clusters geography[],
    rank int[],
    weights int[],
    site_ids text[],
    versions text[],
    buffer double precision,
    call_threshold int
);
CREATE TYPE public.hartigan_cluster AS (
    clusters geography[],
    rank int[],
    weights int[],
    site_ids text[],
    versions text[]
);

CREATE FUNCTION public.hartigan_assign(
    state public.hartigan_cluster_interm,
    site_id text,
    version integer,
    weight integer,
    threshold double precision,
    buffer double precision,
    call_threshold integer
) RETURNS public.hartigan_cluster_interm
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
DECLARE
    here public.geometry;
    centre public.geometry;
    joined int;
    total bigint;
BEGIN
    SELECT s.geom_point INTO here
    FROM infrastructure.sites AS s
    WHERE s.id = hartigan_assign.site_id AND s.version = hartigan_assign.version;
    IF state.clusters IS NULL THEN
        state.clusters := '{}';
        state.rank := '{}';
        state.weights := '{}';
        state.site_ids := '{}';
        state.versions := '{}';
        state.buffer := buffer;
        state.call_threshold := call_threshold;
    END IF;
    SELECT c.number INTO joined
    FROM unnest(state.clusters) WITH ORDINALITY AS c (centre, number)
    WHERE public.ST_Distance(c.centre, here::public.geography) < threshold * 1000
    ORDER BY c.number
    LIMIT 1;
    IF joined IS NULL THEN
        state.clusters := array_append(state.clusters, here::public.geography);
        state.rank := array_append(state.rank, cardinality(state.rank) + 1);
        state.weights := array_append(state.weights, weight);
        state.site_ids := array_append(state.site_ids, site_id);
        state.versions := array_append(state.versions, version::text);
        RETURN state;
    END IF;
    centre := state.clusters[joined]::public.geometry;
    total := state.weights[joined]::bigint + weight;
    -- A cluster without weight has no weighted mean: its centre stays.
    IF total <> 0 THEN
        state.clusters[joined] := public.ST_SetSRID(
            public.ST_MakePoint(
                (public.ST_X(centre) * state.weights[joined] + public.ST_X(here) * weight) / total,
                (public.ST_Y(centre) * state.weights[joined] + public.ST_Y(here) * weight) / total
            ),
            4326
        )::public.geography;
    END IF;
    state.weights[joined] := total;
    state.site_ids[joined] := state.site_ids[joined] || '::' || site_id;
    state.versions[joined] := state.versions[joined] || '::' || version;
    RETURN state;
END
$$;

-- A cluster of several rows is known by its versions: an id may hold '::' itself, a version cannot.
CREATE FUNCTION public.hartigan_buffer(state public.hartigan_cluster_interm) RETURNS public.hartigan_cluster
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT ROW(
        array_agg(
            CASE
                WHEN state.buffer <= 0 THEN c.centre
                WHEN c.versions LIKE '%::%' THEN public.ST_Buffer(c.centre, state.buffer * 1000)
                ELSE coalesce(
                    (
                        SELECT s.geom_polygon::public.geography
                        FROM infrastructure.sites AS s
                        WHERE s.id = c.site_ids AND s.version = c.versions::int
                    ),
                    public.ST_Buffer(c.centre, state.buffer * 1000)
                )
            END
            ORDER BY c.rank
        ),
        array_agg(c.rank ORDER BY c.rank),
        array_agg(c.weight ORDER BY c.rank),
        array_agg(c.site_ids ORDER BY c.rank),
        array_agg(c.versions ORDER BY c.rank)
    )::public.hartigan_cluster
    FROM unnest(state.clusters, state.rank, state.weights, state.site_ids, state.versions)
        AS c (centre, rank, weight, site_ids, versions)
    WHERE c.weight >= coalesce(state.call_threshold, c.weight)
$$;

CREATE AGGREGATE public.hartigan(
    site_id text,
    version integer,
    weight integer,
    threshold double precision,
    buffer double precision,
    call_threshold integer
) (
    SFUNC = public.hartigan_assign,
    STYPE = public.hartigan_cluster_interm,
    FINALFUNC = public.hartigan_buffer,
    PARALLEL = SAFE
);
