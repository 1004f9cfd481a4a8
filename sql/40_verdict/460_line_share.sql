-- 460 line_share
-- Why: the shares add up to the settlement, exactly: floors first, then one cent each to the largest remainders, ties by
--      feedetl_sn (contract 4). A model of its own because ranking takes all the memory there is for the month's lines.
-- Grain: one row per line of every settlement that has a line whose verdict is not pay.
-- Reads: audit.line_floor
-- Writes: audit.line_share
-- Params: none
WITH ranked AS (
  SELECT
    setl_id, feedetl_sn, floor_cents,
    ROW_NUMBER() OVER (PARTITION BY settlement_no ORDER BY rest DESC NULLS LAST, feedetl_sn ASC NULLS LAST) AS position,
    fund_cents - CAST(SUM(floor_cents) OVER (PARTITION BY settlement_no) AS BIGINT) AS cents_left
  FROM audit.line_floor
)
SELECT setl_id, feedetl_sn, floor_cents + CASE WHEN position <= cents_left THEN 1 ELSE 0 END AS fund_cents
FROM ranked
