-- What a database says about itself, and the calendar tables.
CREATE TABLE public.flowdb_version (
    version text PRIMARY KEY,
    release_date date,
    updated bool
);

CREATE TABLE public.location_table (
    location_table text PRIMARY KEY,
    changed bool
);

CREATE TABLE public.available_tables (
    table_name text PRIMARY KEY,
    has_locations bool DEFAULT false,
    has_subscribers bool DEFAULT false,
    has_counterparts bool DEFAULT false
);
INSERT INTO public.available_tables (table_name)
VALUES ('calls'), ('forwards'), ('sms'), ('mds'), ('topups');

CREATE TABLE public.files (
    id text PRIMARY KEY,
    full_path text,
    directory_path text,
    specification_path text,
    target_table text,
    created timestamptz,
    processed bool,
    datetime timestamptz,
    size numeric,
    status text,
    record_number numeric,
    log text
);

CREATE TABLE public.d_time (
    time_dim_id int PRIMARY KEY,
    time_of_day time,
    hour_of_day int,
    meridian_indicator char(2)
);
INSERT INTO public.d_time
SELECT h, make_time(h, 0, 0), h, CASE WHEN h < 12 THEN 'am' ELSE 'pm' END
FROM generate_series(0, 23) AS hours (h);

CREATE TABLE public.d_date (
    date_dim_id int PRIMARY KEY,
    date_actual date NOT NULL,
    day_epoch bigint NOT NULL,
    day_suffix varchar(4) NOT NULL,
    day_name varchar(9) NOT NULL,
    day_of_week int NOT NULL,
    day_of_month int NOT NULL,
    day_of_quarter int NOT NULL,
    day_of_year int NOT NULL,
    week_of_month int NOT NULL,
    week_of_year int NOT NULL,
    week_of_year_iso char(10) NOT NULL,
    month_actual int NOT NULL,
    month_name varchar(9) NOT NULL,
    month_name_abbreviated char(3) NOT NULL,
    quarter_actual int NOT NULL,
    quarter_name varchar(9) NOT NULL,
    year_actual int NOT NULL,
    first_day_of_week date NOT NULL,
    last_day_of_week date NOT NULL,
    first_day_of_month date NOT NULL,
    last_day_of_month date NOT NULL,
    first_day_of_quarter date NOT NULL,
    last_day_of_quarter date NOT NULL,
    first_day_of_year date NOT NULL,
    last_day_of_year date NOT NULL,
    mmyyyy char(6) NOT NULL,
    mmddyyyy char(10) NOT NULL,
    is_std_weekend boolean NOT NULL
);
INSERT INTO public.d_date
SELECT
    to_char(d, 'YYYYMMDD')::int,
    d,
    extract(epoch FROM d)::bigint,
    to_char(d, 'FMDDth'),
    to_char(d, 'Day'),
    extract(isodow FROM d)::int,
    extract(day FROM d)::int,
    d - date_trunc('quarter', d::timestamp)::date + 1,
    extract(doy FROM d)::int,
    to_char(d, 'W')::int,
    extract(week FROM d)::int,
    to_char(d, 'YYYY"-W"IW-ID'),
    extract(month FROM d)::int,
    to_char(d, 'Month'),
    to_char(d, 'Mon'),
    extract(quarter FROM d)::int,
    (ARRAY['First', 'Second', 'Third', 'Fourth'])[extract(quarter FROM d)::int],
    extract(isoyear FROM d)::int,
    d + 1 - extract(isodow FROM d)::int,
    d + 7 - extract(isodow FROM d)::int,
    date_trunc('month', d::timestamp)::date,
    (date_trunc('month', d::timestamp) + interval '1 month - 1 day')::date,
    date_trunc('quarter', d::timestamp)::date,
    (date_trunc('quarter', d::timestamp) + interval '3 months - 1 day')::date,
    make_date(extract(isoyear FROM d)::int, 1, 1),
    make_date(extract(isoyear FROM d)::int, 12, 31),
    to_char(d, 'MMYYYY'),
    to_char(d, 'MMDDYYYY'),
    extract(isodow FROM d) IN (6, 7)
FROM (
    SELECT generated::date AS d
    FROM generate_series(timestamp '1979-01-01', timestamp '2049-01-01', interval '1 day') AS days (generated)
) AS calendar;
CREATE INDEX d_date_date_actual_idx ON public.d_date (date_actual);
