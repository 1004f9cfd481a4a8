-- 401 practitioner_terminated
-- Why: the person is terminated on the service day (Art. 19, 50).
-- Grain: one row per line and role.
-- Reads: core.line_role
-- Writes: audit.finding
-- Replaces: rule = 401
-- Params: none
SELECT
  401 AS rule, period, setl_id, feedetl_sn, role, practitioner_code, severity, status_from_day, status_to_day
FROM core.line_role
WHERE severity = 3 AND role <> 'principal'
