-- 608 online_procurement
-- Why: share, in cents, of drug purchases made on the procurement platform; gifts aside, returns netted
--      (江医保中心发〔2024〕16号, institutions 20).
-- Grain: one row per institution and month of event_time.
-- Reads: core.inventory
-- Writes: audit.ratio_month
-- Replaces: ratio_no = 608
-- Params: none
WITH purchase AS (
  SELECT
    fixmedins_code, event_period AS period, platform_flag,
    CASE WHEN cnt_e4 < 0 THEN 0 - ABS(COALESCE(amount_cents, 0)) ELSE COALESCE(amount_cents, 0) END AS net_cents
  FROM core.inventory
  WHERE inv_data_type = '3' AND COALESCE(gift_flag, '0') <> '1'
)
SELECT
  608 AS ratio_no, fixmedins_code, period,
  CAST(SUM(CASE WHEN platform_flag = '1' THEN net_cents ELSE 0 END) AS BIGINT) AS numerator,
  CAST(SUM(net_cents) AS BIGINT) AS denominator
FROM purchase
GROUP BY fixmedins_code, period
