-- 某一人员的费用为什么不付？逐条列出依据（换成要查的代码；现为扣款最多的人） / Why are the lines of one practitioner not paid? Each with its evidence (put in a code; now the one with most withheld)
SELECT
  v.practitioner_code, n.name_masked, v.service_date, v.fixmedins_code, v.setl_id, v.feedetl_sn, v.role, v.verdict, v.rule, u.title AS rule_title,
  v.article, v.status, v.status_from, v.status_to, t.recorded_at_institution, t.snapshot_date, v.fund_yuan
FROM mart.line_verdict v
JOIN mart.rule u ON u.rule = v.rule
LEFT JOIN mart.practitioner n ON n.practitioner_code = v.practitioner_code
LEFT JOIN mart.practitioner_interval t
  ON t.practitioner_code = v.practitioner_code
  AND (t.valid_from IS NULL OR t.valid_from <= v.service_date) AND (t.valid_to IS NULL OR t.valid_to > v.service_date)
WHERE v.practitioner_code = (
  SELECT practitioner_code FROM mart.line_verdict
  WHERE verdict = 'withhold' AND practitioner_code IS NOT NULL
  GROUP BY practitioner_code ORDER BY sum(fund_yuan) DESC, practitioner_code LIMIT 1)
ORDER BY v.service_date, v.setl_id, v.feedetl_sn
