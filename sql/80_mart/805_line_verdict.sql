-- 805 line_verdict
-- Why: an auditor defends every withheld yuan by it.
-- Grain: one row per line whose verdict is not pay.
-- Reads: audit.line_decision, audit.decided_share, audit.finding, ref.rule, ref.role
-- Writes: mart.line_verdict
-- Params: none
WITH shown AS (
  SELECT
    f.setl_id, f.feedetl_sn, f.rule, f.role, f.practitioner_code, f.severity, f.status_from_day, f.status_to_day,
    ROW_NUMBER() OVER (PARTITION BY f.setl_id, f.feedetl_sn, f.rule ORDER BY r.role_order ASC NULLS LAST) AS position
  FROM audit.finding f
  LEFT JOIN ref.role r ON r.role = f.role
)
SELECT
  d.period, d.fixmedins_code, d.setl_id, d.feedetl_sn, day_date(d.service_day) AS service_date, d.verdict, d.rule, u.article,
  s.practitioner_code, s.role, status_name(s.severity) AS status, day_date(s.status_from_day) AS status_from,
  day_date(s.status_to_day) AS status_to,
  CASE WHEN d.verdict = 'exempt' THEN d.emergency_test END AS emergency_test,
  yuan(h.fund_cents) AS fund_yuan
FROM audit.line_decision d
JOIN audit.decided_share h ON h.setl_id = d.setl_id AND h.feedetl_sn = d.feedetl_sn
JOIN ref.rule u ON u.rule = d.rule
JOIN shown s ON s.setl_id = d.setl_id AND s.feedetl_sn = d.feedetl_sn AND s.rule = d.rule AND s.position = 1
WHERE d.verdict <> 'pay'
ORDER BY d.period, d.fixmedins_code, d.setl_id, d.feedetl_sn
