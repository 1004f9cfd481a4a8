-- 110 row_fate
-- Why: what becomes of each row of a file whose key is not alone: rows are taken one after the other, the newest
--      version wins, of equal versions the later row, an identical row is a duplicate (contract 7 "Rows").
-- Grain: one row per candidate row of the key, the known one included; is_new marks rows of the file being taken in,
--      is_winner the one row of each key that stays.
-- Reads: candidate
-- Writes: nothing (read by the loader; candidate is its table of candidate rows)
-- Params: none
WITH versioned AS (
  SELECT
    file_id, line_no, row_key, key_hash, is_new, amount_cents, content, version_at,
    MAX(version_at) OVER (PARTITION BY row_key, key_hash ORDER BY file_id, line_no ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS newest_before
  FROM candidate
),
aged AS (
  SELECT
    file_id, line_no, row_key, key_hash, is_new, amount_cents, content,
    newest_before IS NOT NULL AND (version_at IS NULL OR version_at < newest_before) AS is_old
  FROM versioned
),
-- Rows that are not old run in the order in which each was the known one; old ones have a sequence of their own.
compared AS (
  SELECT
    file_id, line_no, row_key, key_hash, is_new, amount_cents, is_old,
    content = lag(content) OVER (PARTITION BY row_key, key_hash, is_old ORDER BY file_id, line_no) AS is_same
  FROM aged
),
judged AS (
  SELECT
    file_id, line_no, row_key, key_hash, is_new, amount_cents,
    CASE WHEN is_old THEN 'superseded' WHEN is_same THEN 'duplicate' ELSE 'loaded' END AS fate
  FROM compared
)
SELECT
  file_id, line_no, row_key, key_hash, is_new, amount_cents, fate,
  ROW_NUMBER() OVER (PARTITION BY row_key, key_hash ORDER BY fate = 'loaded' DESC, file_id DESC, line_no DESC) = 1 AS is_winner
FROM judged
