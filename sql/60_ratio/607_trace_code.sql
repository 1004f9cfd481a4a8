-- 607 trace_code
-- Why: share of drug lines with a well-formed trace code, drugs that carry none aside
--      (江医保中心发〔2024〕16号, institutions 16, pharmacies 10).
-- Grain: one row per institution and month.
-- Reads: audit.drug_line_month
-- Writes: audit.ratio_month
-- Replaces: ratio_no = 607
-- Params: none
SELECT
  607 AS ratio_no, fixmedins_code, period,
  CAST(SUM(traced) AS BIGINT) AS numerator,
  CAST(SUM(drug_lines) AS BIGINT) AS denominator
FROM audit.drug_line_month
GROUP BY fixmedins_code, period
