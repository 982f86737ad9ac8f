-- What all days share. It lives in a schema of its own, so that nothing of it is ever left over.
CREATE SCHEMA flowdb_synthetic;

-- A hash of 64 bits that depends on nothing else, on any server. Hashing once is not enough: the hashes of
-- numbers in a row are not independent of each other.
CREATE FUNCTION flowdb_synthetic.hashed(number bigint, seed bigint) RETURNS bigint
IMMUTABLE PARALLEL SAFE LANGUAGE sql RETURN hashint8extended(hashint8extended(number, seed), 524);

-- Two independent draws from a hash: whole numbers from 0 to below n.
CREATE FUNCTION flowdb_synthetic.upper_draw(hash bigint, n bigint) RETURNS bigint
IMMUTABLE PARALLEL SAFE LANGUAGE sql RETURN (((hash >> 32) & 4294967295) * n) >> 32;

CREATE FUNCTION flowdb_synthetic.lower_draw(hash bigint, n bigint) RETURNS bigint
IMMUTABLE PARALLEL SAFE LANGUAGE sql RETURN ((hash & 4294967295) * n) >> 32;

-- One row. Subscribers are numbered from 1 in the order of their msisdn. The identifiers of all of
-- them stand one after the other, 32 octets each, so that the nth is found without a join.
CREATE UNLOGGED TABLE flowdb_synthetic.people (
    msisdns bytea,
    imsis bytea,
    imeis bytea,
    tacs integer[],
    -- Pairs who call each other: who starts, who is called.
    contacts integer[]
);
-- Compressing what is random only costs time.
ALTER TABLE flowdb_synthetic.people
ALTER COLUMN msisdns SET STORAGE EXTERNAL,
ALTER COLUMN imsis SET STORAGE EXTERNAL,
ALTER COLUMN imeis SET STORAGE EXTERNAL,
ALTER COLUMN tacs SET STORAGE EXTERNAL,
ALTER COLUMN contacts SET STORAGE EXTERNAL;

-- Every version of every cell. Cells are numbered from 1 in the order of their ids.
CREATE UNLOGGED TABLE flowdb_synthetic.versions (
    key integer PRIMARY KEY,
    cell integer NOT NULL,
    id text COLLATE "C" NOT NULL,
    version integer NOT NULL,
    point geography NOT NULL,
    first_day date NOT NULL,
    last_day date NOT NULL,
    in_region boolean NOT NULL
);

-- Versions within the reach of a home, by key; each is near itself.
CREATE UNLOGGED TABLE flowdb_synthetic.nearby (here integer NOT NULL, there integer NOT NULL);

-- The cells where events may happen on a day, numbered from 1, and the version that serves.
CREATE UNLOGGED TABLE flowdb_synthetic.available (
    day date NOT NULL,
    number integer NOT NULL,
    cell integer NOT NULL,
    version integer NOT NULL,
    PRIMARY KEY (day, number)
);

-- Where each subscriber lives, from the first day up to but not including the second.
CREATE UNLOGGED TABLE flowdb_synthetic.homes (
    subscriber integer NOT NULL,
    cell integer NOT NULL,
    moved_in date NOT NULL,
    moved_out date NOT NULL
);
