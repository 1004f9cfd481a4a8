-- 403 pharmacy_principal_blocked
-- Why: the pharmacy's principal is suspended or terminated on the service day (Art. 2, 39).
-- Grain: one row per line and role.
-- Reads: core.line_role
-- Writes: audit.finding
-- Replaces: rule = 403
-- Params: none
SELECT
  403 AS rule, period, setl_id, feedetl_sn, role, practitioner_code, severity, status_from_day, status_to_day
FROM core.line_role
WHERE severity >= 2 AND role = 'principal'
