-- 455 line_floor
-- Why: the fund amount is known per settlement only; it is shared over the lines by scope amount, else by item amount,
--      else equally (contract 4). This is each exact share cut down to cents, and what was cut off,
--      and where the line was delivered.
-- Grain: one row per line of every settlement that has a line whose verdict is not pay.
-- Reads: audit.line_decision, core.fee_line, core.line_count, core.settlement
-- Writes: audit.line_floor
-- Params: none
WITH concerned AS (
  SELECT setl_id FROM audit.line_decision WHERE verdict <> 'pay' GROUP BY setl_id
),
total AS (
  SELECT
    s.setl_id, s.fund_cents,
    CASE WHEN n.scope_count = n.line_count AND n.scope_total_cents > 0 THEN 'scope' WHEN n.item_total_cents > 0 THEN 'item' ELSE 'line' END AS shared_by,
    CASE
      WHEN n.scope_count = n.line_count AND n.scope_total_cents > 0 THEN n.scope_total_cents
      WHEN n.item_total_cents > 0 THEN n.item_total_cents
      ELSE n.line_count
    END AS weight_total
  FROM concerned c
  JOIN core.settlement s ON s.setl_id = c.setl_id
  JOIN core.line_count n ON n.setl_id = c.setl_id
),
weighted AS (
  SELECT
    l.setl_id, l.feedetl_sn, l.file_id, l.line_no, t.fund_cents, t.weight_total,
    CASE WHEN t.shared_by = 'scope' THEN l.scope_cents WHEN t.shared_by = 'item' THEN l.item_cents ELSE 1 END AS weight
  FROM core.fee_line l
  JOIN total t ON t.setl_id = l.setl_id
)
SELECT
  setl_id, feedetl_sn, fund_cents,
  share_floor(fund_cents, weight, weight_total) AS floor_cents,
  share_rest(fund_cents, weight, weight_total) AS rest,
  file_id, line_no
FROM weighted
