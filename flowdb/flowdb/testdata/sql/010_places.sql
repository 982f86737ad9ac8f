-- A raster of people: ten in each of 500 by 500 pixels, within one region of the second level.
CREATE TABLE population.small_nepal_raster (rid serial PRIMARY KEY, rast raster);
INSERT INTO population.small_nepal_raster (rast)
SELECT ST_AddBand(
    ST_MakeEmptyRaster(500, 500, 83.898, 28.655, 0.217 / 500, -0.179 / 500, 0, 0, 4326),
    '32BF'::text, 10, 0
);
SELECT AddRasterConstraints('population'::name, 'small_nepal_raster'::name, 'rast'::name);
CREATE INDEX small_nepal_raster_rast_gist ON population.small_nepal_raster USING gist (ST_ConvexHull(rast));

-- A raster of heights in metres, with a site in the middle of the 36 pixels that are known.
CREATE TABLE elevation.nasa_srtm1 (rid serial PRIMARY KEY, rast raster, filename text);
INSERT INTO elevation.nasa_srtm1 (rast, filename)
SELECT
    ST_SetValues(
        ST_AddBand(
            ST_MakeEmptyRaster(
                100, 100, 82.8688, 28.4279, 0.0277 / 100, -0.0278 / 100, 0, 0, 4326
            ),
            '16BSI'::text, -32768, -32768
        ),
        1, 46, 50,
        (
            SELECT array_agg(heights ORDER BY y) FROM (
                SELECT y, array_agg((2705 + (6 * y + x) * 139 / 35)::double precision ORDER BY x) AS heights
                FROM generate_series(0, 5) AS y, generate_series(0, 5) AS x
                GROUP BY y
            ) AS lines
        )
    ),
    'synthetic';
SELECT AddRasterConstraints('elevation'::name, 'nasa_srtm1'::name, 'rast'::name);
CREATE INDEX nasa_srtm1_rast_gist ON elevation.nasa_srtm1 USING gist (ST_ConvexHull(rast));

-- Cells that somebody has assigned to a region by hand.
CREATE TABLE infrastructure.mapping_table_test (id text, admin3pcod text);
INSERT INTO infrastructure.mapping_table_test (id, admin3pcod)
SELECT id, '524 2 05 24' FROM infrastructure.cells ORDER BY id, version;

-- A cluster of sites; its coordinates are in the wrong order, as in some data of the field.
CREATE TABLE geography.test_cluster (cluster_id integer, geom_point geometry(Point, 4326));
INSERT INTO geography.test_cluster VALUES (1, ST_SetSRID(ST_MakePoint(26.66999073, 87.85779897), 4326));
CREATE TABLE geography.test_point_mapping (id text, cluster_id integer);
INSERT INTO geography.test_point_mapping
SELECT DISTINCT ON (id) id, 1 FROM infrastructure.sites ORDER BY id;
