-- 402 practitioner_suspended
-- Why: the person is suspended on the service day (Art. 19, 50).
-- Grain: one row per line and role.
-- Reads: core.line_role
-- Writes: audit.finding
-- Replaces: rule = 402
-- Params: none
SELECT
  402 AS rule, period, setl_id, feedetl_sn, role, practitioner_code, severity, status_from_day, status_to_day
FROM core.line_role
WHERE severity = 2 AND role <> 'principal'
