-- 875 delivered_file
-- Why: rows read = loaded + duplicate + superseded + rejected, per file.
-- Grain: one row per file or archive member taken in.
-- Reads: meta.file
-- Writes: mart.delivered_file
-- Params: none
SELECT
  file_sha256, file_name, feed, encoding, rows_read, loaded, superseded, duplicate, rejected,
  CASE WHEN feed IN ('settlement', 'fee_line', 'inventory') THEN yuan(read_cents) END AS amount_yuan, received_at, run_id
FROM meta.file
WHERE state = 'loaded'
ORDER BY file_id
