-- 602 mobile_payment
-- Why: share of settlements paid by mobile (江医保中心发〔2024〕16号, institutions 21).
-- Grain: one row per institution and month.
-- Reads: core.settlement, core.mobile_payment
-- Writes: audit.ratio_month
-- Replaces: ratio_no = 602
-- Params: none
SELECT
  602 AS ratio_no, s.fixmedins_code, s.period,
  CAST(SUM(CASE WHEN m.setl_id IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS numerator,
  CAST(COUNT(*) AS BIGINT) AS denominator
FROM core.settlement s
LEFT JOIN (
  SELECT setl_id FROM core.mobile_payment WHERE COALESCE(refund_flag, '0') <> '1' GROUP BY setl_id
) m ON m.setl_id = s.setl_id
WHERE s.is_effective AND COALESCE(s.pay_loc, '') <> '1'
GROUP BY s.fixmedins_code, s.period
