-- 460 line_share
-- Why: the fund amount is known per settlement only; it is shared over the lines by scope amount, else by item amount,
--      else equally, exactly to the cent: floors first, then one cent each to the largest remainders (contract 4).
-- Grain: one row per line of every settlement that has a line whose verdict is not pay.
-- Reads: audit.line_decision, core.fee_line, core.settlement
-- Writes: audit.line_share
-- Params: none
WITH concerned AS (
  SELECT setl_id FROM audit.line_decision WHERE verdict <> 'pay' GROUP BY setl_id
),
line AS (
  SELECT
    l.setl_id, l.feedetl_sn, s.fund_cents, l.scope_cents, l.item_cents,
    COUNT(*) OVER (PARTITION BY l.setl_id) AS line_count,
    COUNT(l.scope_cents) OVER (PARTITION BY l.setl_id) AS scope_count,
    CAST(SUM(l.scope_cents) OVER (PARTITION BY l.setl_id) AS BIGINT) AS scope_total,
    CAST(SUM(l.item_cents) OVER (PARTITION BY l.setl_id) AS BIGINT) AS item_total
  FROM core.fee_line l
  JOIN concerned c ON c.setl_id = l.setl_id
  JOIN core.settlement s ON s.setl_id = l.setl_id
),
weighted AS (
  SELECT
    setl_id, feedetl_sn, fund_cents,
    CASE WHEN scope_count = line_count AND scope_total > 0 THEN scope_cents WHEN item_total > 0 THEN item_cents ELSE 1 END AS weight,
    CASE WHEN scope_count = line_count AND scope_total > 0 THEN scope_total WHEN item_total > 0 THEN item_total ELSE line_count END AS weight_total
  FROM line
),
floored AS (
  SELECT
    setl_id, feedetl_sn, fund_cents,
    share_floor(fund_cents, weight, weight_total) AS floor_cents,
    share_rest(fund_cents, weight, weight_total) AS rest
  FROM weighted
),
ranked AS (
  SELECT
    setl_id, feedetl_sn, floor_cents,
    ROW_NUMBER() OVER (PARTITION BY setl_id ORDER BY rest DESC NULLS LAST, feedetl_sn ASC NULLS LAST) AS position,
    fund_cents - CAST(SUM(floor_cents) OVER (PARTITION BY setl_id) AS BIGINT) AS cents_left
  FROM floored
)
SELECT setl_id, feedetl_sn, floor_cents + CASE WHEN position <= cents_left THEN 1 ELSE 0 END AS fund_cents
FROM ranked
