-- Helpers for vector tiles. Distances and lengths on the ground are those of web Mercator (EPSG:3857), whose scale
-- grows with latitude.
CREATE FUNCTION public.bounds(g geometry, srid int DEFAULT NULL) RETURNS double precision[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT ARRAY[
        public.ST_XMin(moved.box), public.ST_YMin(moved.box), public.ST_XMax(moved.box), public.ST_YMax(moved.box)
    ]
    FROM (SELECT CASE WHEN srid IS NULL THEN g ELSE public.ST_Transform(g, srid) END AS box) AS moved
$$;

CREATE FUNCTION public.cleanint(i text) RETURNS int
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
BEGIN
    RETURN i::double precision::int;
EXCEPTION
    WHEN invalid_text_representation OR numeric_value_out_of_range THEN
        RETURN NULL;
END
$$;

CREATE FUNCTION public.cleannumeric(i text) RETURNS numeric
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
BEGIN
    RETURN i::double precision::numeric;
EXCEPTION
    WHEN invalid_text_representation OR numeric_value_out_of_range THEN
        RETURN NULL;
END
$$;

CREATE FUNCTION public.labelgrid(g geometry, grid_size numeric) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT CASE
        WHEN grid_size <= 0 THEN 'null'
        ELSE (
            SELECT public.ST_AsText(
                public.ST_SnapToGrid(
                    p.geom,
                    (grid_size / 2)::double precision,
                    (grid_size / 2)::double precision,
                    grid_size::double precision,
                    grid_size::double precision
                )
            )
            FROM public.ST_DumpPoints(g) AS p
            ORDER BY p.path
            LIMIT 1
        )
    END
$$;

CREATE FUNCTION public.largestpart(g geometry) RETURNS geometry
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT part.geom
    FROM public.ST_Dump(g) AS part
    ORDER BY
        public.ST_Dimension(part.geom) DESC,
        public.ST_Area(part.geom) DESC,
        public.ST_Length(part.geom) DESC,
        part.path
    LIMIT 1
$$;

CREATE FUNCTION public.linelabel(zoom numeric, label text, g geometry) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT
        zoom > 20
        OR public.ST_Length(g) = 0
        OR char_length(label) BETWEEN 1 AND public.ST_Length(g) / power(2, 20 - zoom)
$$;

CREATE FUNCTION public.makearc(p0 geometry, p1 geometry, p2 geometry, srid int DEFAULT NULL) RETURNS geometry
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT public.ST_CurveToLine(
        public.ST_GeomFromText(
            format(
                'CIRCULARSTRING(%s %s, %s %s, %s %s)',
                public.ST_X(p0), public.ST_Y(p0),
                public.ST_X(p1), public.ST_Y(p1),
                public.ST_X(p2), public.ST_Y(p2)
            ),
            coalesce(srid, public.ST_SRID(p0))
        )
    )
$$;

CREATE FUNCTION public.mercbuffer(g geometry, distance double precision) RETURNS geometry
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT public.ST_Buffer(
        g,
        distance
        / cos(radians(public.ST_Y(public.ST_Transform(public.ST_Centroid(g), 4326))))
    )
$$;

CREATE FUNCTION public.mercdwithin(g1 geometry, g2 geometry, distance double precision) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT public.ST_DWithin(
        g1,
        g2,
        distance
        / cos(radians(public.ST_Y(public.ST_Transform(public.ST_Centroid(public.ST_Collect(g1, g2)), 4326))))
    )
$$;

CREATE FUNCTION public.merclength(g geometry) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT public.ST_Length(g) * cos(radians(public.ST_Y(public.ST_Transform(public.ST_Centroid(g), 4326))))
$$;

-- The rectangle of least area has a side along an edge of the convex hull. (The library's own envelope is the one of
-- least width in GEOS before 3.12.)
CREATE FUNCTION public.orientedenvelope(g geometry) RETURNS geometry
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT public.ST_Rotate(turned.box, turned.angle, turned.centre)
    FROM (
        SELECT
            public.ST_Envelope(public.ST_Rotate(hull, -edge.angle, public.ST_Centroid(hull))) AS box,
            edge.angle,
            public.ST_Centroid(hull) AS centre
        FROM public.ST_ConvexHull(g) AS hull
        CROSS JOIN LATERAL (
            SELECT atan2(
                lead(public.ST_Y(p.geom)) OVER corners - public.ST_Y(p.geom),
                lead(public.ST_X(p.geom)) OVER corners - public.ST_X(p.geom)
            ) AS angle
            FROM public.ST_DumpPoints(hull) AS p
            WINDOW corners AS (ORDER BY p.path)
            UNION ALL
            SELECT 0 WHERE public.ST_Dimension(hull) = 0
        ) AS edge
        WHERE edge.angle IS NOT NULL AND NOT public.ST_IsEmpty(hull)
    ) AS turned
    ORDER BY public.ST_Area(turned.box), turned.angle
    LIMIT 1
$$;

-- Shrinks by 1, 2, 4, ... units until no more than the given share of the area would be left.
CREATE FUNCTION public.smartshrink(geom geometry, ratio double precision, simplify boolean DEFAULT false)
RETURNS geometry
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
    least_area constant double precision := public.ST_Area(geom) * greatest(ratio, 0);
    kept public.geometry := geom;
    shrunk public.geometry;
    distance double precision := 1;
BEGIN
    LOOP
        shrunk := public.ST_Buffer(geom, -distance);
        -- A missing shape ends it too.
        IF (public.ST_Area(shrunk) > least_area) IS NOT TRUE THEN
            -- By a tenth of its size at the most: what is left keeps its shape.
            RETURN CASE
                WHEN simplify THEN public.ST_SimplifyPreserveTopology(kept, sqrt(public.ST_Area(kept)) / 10)
                ELSE kept
            END;
        END IF;
        kept := shrunk;
        distance := distance * 2;
    END LOOP;
END
$$;

CREATE FUNCTION public.tilebbox(z int, x int, y int, srid int DEFAULT 3857) RETURNS geometry
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT CASE
        WHEN srid = 3857 THEN public.ST_TileEnvelope(z, x, y)
        ELSE public.ST_Transform(public.ST_TileEnvelope(z, x, y), srid)
    END
$$;

CREATE FUNCTION public.topoint(g geometry) RETURNS geometry
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT CASE WHEN NOT public.ST_IsEmpty(valid) THEN public.ST_PointOnSurface(valid) END
    FROM public.ST_MakeValid(g) AS valid
$$;

CREATE FUNCTION public.zres(z double precision) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT 40075016.6855785 / (256 * power(2, z)) $$;

CREATE FUNCTION public.z(numeric) RETURNS int
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$ SELECT CASE WHEN $1 > 0 AND $1 <= 600000000 THEN round(log(2.0, 559082264.028 / $1))::int END $$;
