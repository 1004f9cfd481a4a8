-- 810 finding
-- Why: what every rule said, lifted or not.
-- Grain: one row per line, rule and role.
-- Reads: audit.finding, audit.line_decision, ref.rule
-- Writes: mart.finding
-- Params: none
SELECT
  f.period, f.setl_id, f.feedetl_sn, f.rule, u.name AS rule_name, f.role, f.practitioner_code, u.action,
  CASE
    WHEN d.verdict = 'pay' THEN d.review_no
    WHEN u.is_lifted_by_emergency AND u.action = 'withhold' THEN d.emergency_test
  END AS lifted_by
FROM audit.finding f
JOIN audit.line_decision d ON d.setl_id = f.setl_id AND d.feedetl_sn = f.feedetl_sn
JOIN ref.rule u ON u.rule = f.rule
ORDER BY f.period, f.setl_id, f.feedetl_sn, f.rule, f.role
