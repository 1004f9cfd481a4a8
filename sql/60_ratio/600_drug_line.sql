-- 600 drug_line
-- Why: ratio 607 and the scorecard's share of trace codes at out-patient dispensing ask the same lines; counted once,
--      the second costs nothing. Drugs that carry no code are looked for apart, because they are few.
-- Grain: one row per institution, month and medical category.
-- Reads: core.fee_line, core.line_count, core.settlement, core.no_code_drug
-- Writes: audit.drug_line_month
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
  s.fixmedins_code, s.period, s.med_type,
  CAST(SUM(n.traced_count - COALESCE(a.traced_count, 0)) AS BIGINT) AS traced,
  CAST(SUM(n.drug_count - COALESCE(a.drug_count, 0)) AS BIGINT) AS drug_lines
FROM core.line_count n
JOIN core.settlement s ON s.setl_id = n.setl_id
LEFT JOIN aside a ON a.setl_id = n.setl_id
WHERE s.is_effective AND n.drug_count > COALESCE(a.drug_count, 0)
GROUP BY s.fixmedins_code, s.period, s.med_type
