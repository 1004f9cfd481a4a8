-- 110 row_fate
-- Why: what becomes of each row of a file whose key is not alone: rows are taken one after the other, the newest
--      version wins, of equal versions the later row, an identical row is a duplicate (contract 7 "Rows").
-- Grain: one row per candidate row of the key, the known one included; is_new marks rows of the file being taken in.
-- Reads: candidate
-- Writes: nothing (read by the loader; candidate is its table of candidate rows)
-- Params: none
WITH versioned AS (
  SELECT
    file_id, line_no, row_key, key_text, is_new, amount_cents, content, version_at,
    MAX(version_at) OVER (PARTITION BY row_key, key_text ORDER BY file_id, line_no ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS newest_before,
    ROW_NUMBER() OVER (PARTITION BY row_key, key_text ORDER BY file_id, line_no) AS position
  FROM candidate
),
aged AS (
  SELECT
    file_id, line_no, row_key, key_text, is_new, amount_cents, content, position,
    position > 1 AND newest_before IS NOT NULL AND (version_at IS NULL OR version_at < newest_before) AS is_old
  FROM versioned
),
-- Rows that are not old run in the order in which each was the known one.
known AS (
  SELECT
    file_id, line_no,
    content IS NOT DISTINCT FROM lag(content) OVER (PARTITION BY row_key, key_text ORDER BY file_id, line_no) AND position > 1 AS is_same,
    ROW_NUMBER() OVER (PARTITION BY row_key, key_text ORDER BY file_id DESC, line_no DESC) = 1 AS is_last
  FROM aged WHERE NOT is_old
)
SELECT
  a.file_id, a.line_no, a.row_key, a.key_text, a.is_new, a.amount_cents,
  CASE WHEN a.is_old THEN 'superseded' WHEN k.is_same THEN 'duplicate' ELSE 'loaded' END AS fate
FROM aged a
LEFT JOIN known k ON k.file_id = a.file_id AND k.line_no = a.line_no
