-- 601 insurance_code
-- Why: share of settlements made with the medical-insurance code (江医保中心发〔2024〕16号, institutions 18, pharmacies 11).
-- Grain: one row per institution and month.
-- Reads: core.settlement
-- Writes: audit.ratio_month
-- Replaces: ratio_no = 601
-- Params: none
SELECT
  601 AS ratio_no, fixmedins_code, period,
  CAST(SUM(CASE WHEN mdtrt_cert_type = '01' THEN 1 ELSE 0 END) AS BIGINT) AS numerator,
  CAST(COUNT(*) AS BIGINT) AS denominator
FROM core.settlement
WHERE is_effective AND COALESCE(pay_loc, '') <> '1'
GROUP BY fixmedins_code, period
