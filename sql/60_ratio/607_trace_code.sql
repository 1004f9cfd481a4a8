-- 607 trace_code
-- Why: share of drug lines with a well-formed trace code, drugs that carry none aside
--      (江医保中心发〔2024〕16号, institutions 16, pharmacies 10).
-- Grain: one row per institution and month.
-- Reads: core.fee_line, core.line_count, core.settlement, core.no_code_drug
-- Writes: audit.ratio_month
-- Replaces: ratio_no = 607
-- Params: none
WITH aside AS (
  SELECT
    l.setl_id, CAST(COUNT(*) AS BIGINT) AS drug_count, CAST(SUM(CASE WHEN l.is_traced THEN 1 ELSE 0 END) AS BIGINT) AS traced_count
  FROM core.fee_line l
  JOIN core.no_code_drug d ON d.med_list_codg = l.med_list_codg AND COALESCE(d.valid_from_day, -2932896) <= l.service_day
  WHERE l.is_drug
  GROUP BY l.setl_id
)
SELECT
  607 AS ratio_no, s.fixmedins_code, s.period,
  CAST(SUM(n.traced_count - COALESCE(a.traced_count, 0)) AS BIGINT) AS numerator,
  CAST(SUM(n.drug_count - COALESCE(a.drug_count, 0)) AS BIGINT) AS denominator
FROM core.line_count n
JOIN core.settlement s ON s.setl_id = n.setl_id
LEFT JOIN aside a ON a.setl_id = n.setl_id
WHERE s.is_effective AND n.drug_count > COALESCE(a.drug_count, 0)
GROUP BY s.fixmedins_code, s.period
