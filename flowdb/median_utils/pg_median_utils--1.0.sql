-- The arguments take whatever casts to double precision by itself: numeric, real and the integers.
CREATE FUNCTION iterated_median_filter(value double precision, window_size int) RETURNS double precision
AS 'MODULE_PATHNAME', 'iterated_median_filter' LANGUAGE C WINDOW IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION rolling_median_impute(value double precision, window_size int) RETURNS double precision
AS 'MODULE_PATHNAME', 'rolling_median_impute' LANGUAGE C WINDOW IMMUTABLE PARALLEL SAFE;
