-- 607 trace_code
-- Why: share of drug lines with a well-formed trace code, drugs that carry none aside
--      (江医保中心发〔2024〕16号, institutions 16, pharmacies 10).
-- Grain: one row per institution and month.
-- Reads: core.fee_line, core.settlement, core.no_code_drug
-- Writes: audit.ratio_month
-- Replaces: ratio_no = 607
-- Params: none
SELECT
  607 AS ratio_no, s.fixmedins_code, s.period,
  CAST(SUM(CASE WHEN l.is_traced THEN 1 ELSE 0 END) AS BIGINT) AS numerator,
  CAST(COUNT(*) AS BIGINT) AS denominator
FROM core.fee_line l
JOIN core.settlement s ON s.setl_id = l.setl_id
LEFT JOIN core.no_code_drug n
  ON n.med_list_codg = l.med_list_codg AND COALESCE(n.valid_from_day, -2932896) <= l.service_day
WHERE s.is_effective AND l.is_drug AND n.med_list_codg IS NULL
GROUP BY s.fixmedins_code, s.period
