-- 510 statement_difference
-- Why: what is withheld today less what stands (Art. 50): own month withhold, earlier months recover, below zero release.
--      The cause is the first that applies: refund, review, superseded row, new row, status learnt late. A line that
--      stood and is judged no more was issued on a known row: only one that is judged can be new.
-- Grain: one row per line whose amount differs from what stands.
-- Reads: audit.line_decision, audit.decided_share, audit.statement_line, core.settlement, core.fee_line, core.review,
--        core.superseded_row, ref.run
-- Writes: audit.statement_difference
-- Params: as_of_day, statement
WITH side AS (
  SELECT d.setl_id, d.feedetl_sn, d.fixmedins_code, h.fund_cents AS target_cents, CAST(0 AS BIGINT) AS stands_cents,
    d.file_id
  FROM audit.line_decision d
  JOIN audit.decided_share h ON h.setl_id = d.setl_id AND h.feedetl_sn = d.feedetl_sn
  WHERE d.verdict = 'withhold'
  UNION ALL
  SELECT setl_id, feedetl_sn, fixmedins_code, CAST(0 AS BIGINT) AS target_cents, amount_cents AS stands_cents,
    0 AS file_id
  FROM audit.statement_line
),
changed AS (
  SELECT
    setl_id, feedetl_sn, fixmedins_code,
    CAST(SUM(target_cents) - SUM(stands_cents) AS BIGINT) AS amount_cents,
    CAST(SUM(stands_cents) AS BIGINT) AS stands_cents,
    MAX(file_id) AS file_id
  FROM side
  GROUP BY setl_id, feedetl_sn, fixmedins_code
  HAVING SUM(target_cents) <> SUM(stands_cents)
),
due AS (
  SELECT
    s.period, c.fixmedins_code, c.setl_id, c.feedetl_sn, c.amount_cents, s.is_effective,
    c.file_id, s.file_id AS settlement_file_id, s.row_key AS settlement_row_key
  FROM changed c
  JOIN core.settlement s ON s.setl_id = c.setl_id
  CROSS JOIN ref.run p
  WHERE s.period <= p.statement_period OR (c.stands_cents <> 0 AND c.amount_cents < 0)
),
reviewed AS (
  SELECT d.setl_id, d.feedetl_sn
  FROM due d
  JOIN core.review v ON v.setl_id = d.setl_id AND COALESCE(v.feedetl_sn, d.feedetl_sn) = d.feedetl_sn
  CROSS JOIN ref.run p
  WHERE v.decided_day <= p.as_of_day
    AND (v.file_id > p.last_file_id OR v.decided_day > p.last_as_of_day
      OR (v.expires_day >= p.last_as_of_day AND v.expires_day < p.as_of_day))
  GROUP BY d.setl_id, d.feedetl_sn
),
replaced AS (
  SELECT r.feed, r.row_key
  FROM core.superseded_row r
  CROSS JOIN ref.run p
  WHERE r.old_file_id <= p.last_file_id AND r.new_file_id > p.last_file_id
  GROUP BY r.feed, r.row_key
),
replaced_line AS (
  SELECT l.setl_id, l.feedetl_sn
  FROM core.fee_line l
  JOIN replaced r ON r.row_key = l.row_key AND r.feed = 'fee_line'
)
SELECT
  d.period, d.fixmedins_code, d.setl_id, d.feedetl_sn,
  CASE WHEN d.amount_cents < 0 THEN 'release' WHEN d.period = p.statement_period THEN 'withhold' ELSE 'recover' END AS kind,
  d.amount_cents,
  CASE
    WHEN NOT d.is_effective THEN 'refund'
    WHEN v.setl_id IS NOT NULL THEN 'review_decision'
    WHEN rl.setl_id IS NOT NULL OR rs.row_key IS NOT NULL THEN 'superseded_row'
    WHEN d.file_id > p.last_file_id OR d.settlement_file_id > p.last_file_id THEN 'new_row'
    ELSE 'status_learnt_late'
  END AS cause
FROM due d
CROSS JOIN ref.run p
LEFT JOIN reviewed v ON v.setl_id = d.setl_id AND v.feedetl_sn = d.feedetl_sn
LEFT JOIN replaced_line rl ON rl.setl_id = d.setl_id AND rl.feedetl_sn = d.feedetl_sn
LEFT JOIN replaced rs ON rs.feed = 'settlement' AND rs.row_key = d.settlement_row_key
