-- 600 drug_line
-- Why: ratio 607 and the scorecard's share of trace codes at out-patient dispensing ask the same lines; counted once,
--      the second costs nothing.
-- Grain: one row per institution, month and medical category.
-- Reads: core.fee_line, core.settlement, core.no_code_drug
-- Writes: audit.drug_line_month
-- Params: none
SELECT
  s.fixmedins_code, s.period, s.med_type,
  CAST(SUM(CASE WHEN l.is_traced THEN 1 ELSE 0 END) AS BIGINT) AS traced,
  CAST(COUNT(*) AS BIGINT) AS drug_lines
FROM core.fee_line l
JOIN core.settlement s ON s.setl_id = l.setl_id
LEFT JOIN core.no_code_drug n
  ON n.med_list_codg = l.med_list_codg AND COALESCE(n.valid_from_day, -2932896) <= l.service_day
WHERE s.is_effective AND l.is_drug AND n.med_list_codg IS NULL
GROUP BY s.fixmedins_code, s.period, s.med_type
