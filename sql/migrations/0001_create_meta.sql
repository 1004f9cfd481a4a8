-- The ledger: what was delivered, what ran, what each model was computed from.
CREATE SCHEMA meta;
CREATE SCHEMA ref;
CREATE SCHEMA staging;
CREATE SCHEMA core;
CREATE SCHEMA audit;

-- Spark has these; DuckDB gets them under the same names, so that layers 30 to 60 need one spelling.
CREATE MACRO unix_date(d) AS CAST(d - DATE '1970-01-01' AS INTEGER);
CREATE MACRO idiv(a, b) AS a // b;
-- floor(a * b / c) and its remainder for c > 0, exact beyond 64 bits (Spark: DECIMAL(38,0)).
CREATE MACRO share_floor(a, b, c) AS CAST((CAST(a AS HUGEINT) * b - (((CAST(a AS HUGEINT) * b) % c + c) % c)) // c AS BIGINT);
CREATE MACRO share_rest(a, b, c) AS CAST(((CAST(a AS HUGEINT) * b) % c + c) % c AS BIGINT);

CREATE TABLE meta.run (
  run_id VARCHAR NOT NULL, job VARCHAR NOT NULL, period VARCHAR, as_of DATE, started_at TIMESTAMP NOT NULL,
  finished_at TIMESTAMP, state VARCHAR NOT NULL, exit_code INTEGER, rows_in BIGINT, error VARCHAR,
  manifest VARCHAR, chain_hash VARCHAR);

-- One row per recognised file or archive member that was read, loaded or refused.
CREATE TABLE meta.file (
  file_id INTEGER NOT NULL, file_sha256 VARCHAR NOT NULL, file_name VARCHAR NOT NULL, path VARCHAR NOT NULL,
  feed VARCHAR NOT NULL, encoding VARCHAR, state VARCHAR NOT NULL, reason VARCHAR,
  rows_read BIGINT NOT NULL, loaded BIGINT NOT NULL, superseded BIGINT NOT NULL, duplicate BIGINT NOT NULL, rejected BIGINT NOT NULL,
  read_cents BIGINT NOT NULL, loaded_cents BIGINT NOT NULL, superseded_cents BIGINT NOT NULL,
  duplicate_cents BIGINT NOT NULL, rejected_cents BIGINT NOT NULL,
  received_at TIMESTAMP NOT NULL, run_id VARCHAR NOT NULL);

-- Every look at a delivered file, no-ops included.
CREATE TABLE meta.delivery (
  run_id VARCHAR NOT NULL, path VARCHAR NOT NULL, file_sha256 VARCHAR NOT NULL, outcome VARCHAR NOT NULL,
  reason VARCHAR, received_at TIMESTAMP NOT NULL);

-- What each model's rows were computed from; equal digest, nothing to do.
CREATE TABLE meta.model (
  model VARCHAR NOT NULL, input_digest VARCHAR NOT NULL, run_id VARCHAR NOT NULL, row_count BIGINT NOT NULL,
  finished_at TIMESTAMP NOT NULL);

-- Single facts: the digest the audit and the publication stand on.
CREATE TABLE meta.fact (name VARCHAR NOT NULL, value VARCHAR NOT NULL);
