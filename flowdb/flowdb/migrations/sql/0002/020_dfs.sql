-- Mobile money: a transaction has one row of metadata for each of its two parties.
CREATE TABLE dfs.transaction_types (
    id serial PRIMARY KEY,
    descr text,
    user_type_a_party text,
    user_type_b_party text
);

CREATE TABLE dfs.transactions (
    id bigserial PRIMARY KEY,
    amount numeric(14, 4),
    discount numeric(14, 4),
    fee numeric(14, 4),
    commission numeric(14, 4),
    transtype_id integer REFERENCES dfs.transaction_types (id),
    timestamp timestamptz
);

CREATE TABLE dfs.subscribers (
    id bigserial PRIMARY KEY,
    msisdn text COLLATE "C"
);

CREATE TABLE dfs.transactions_metadata (
    transaction_id bigint REFERENCES dfs.transactions (id),
    subscriber_id bigint REFERENCES dfs.subscribers (id),
    cell_id text COLLATE "C" NOT NULL,
    cell_version integer NOT NULL,
    is_outgoing boolean,
    FOREIGN KEY (cell_id, cell_version) REFERENCES infrastructure.cells (id, version)
);
