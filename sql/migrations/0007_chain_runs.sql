-- The chain of runs: which link follows which is said, not guessed from times that a wrong clock may have given.
ALTER TABLE meta.run ADD COLUMN link_no BIGINT;
ALTER TABLE meta.run ADD COLUMN previous_hash VARCHAR;
-- What judged: digests of the settings that change results, of their archived text, and of the models. They are written
-- when a run starts, so that one that is killed can still be linked.
ALTER TABLE meta.run ADD COLUMN settings_digest VARCHAR;
ALTER TABLE meta.run ADD COLUMN config_sha256 VARCHAR;
ALTER TABLE meta.run ADD COLUMN sql_digest VARCHAR;
-- Whether the run put a publication in place.
ALTER TABLE meta.run ADD COLUMN is_published BOOLEAN;
UPDATE meta.run SET link_no = l.link_no, previous_hash = l.previous_hash
FROM (SELECT run_id AS linked_id, row_number() OVER (ORDER BY finished_at, run_id) AS link_no,
  coalesce(lag(chain_hash) OVER (ORDER BY finished_at, run_id), '') AS previous_hash
  FROM meta.run WHERE chain_hash IS NOT NULL) l
WHERE run_id = l.linked_id;

-- The order in which deliveries were looked at, over all runs.
ALTER TABLE meta.delivery ADD COLUMN delivery_no BIGINT;
UPDATE meta.delivery SET delivery_no = rowid + 1;

-- Digest of each result table as last computed; lineage says from what, so that an unchanged table is not read again.
CREATE TABLE meta.result (table_name VARCHAR NOT NULL, lineage VARCHAR NOT NULL, row_count BIGINT NOT NULL, digest VARCHAR NOT NULL);
