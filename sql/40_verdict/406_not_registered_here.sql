-- 406 not_registered_here
-- Why: the person is known but not registered at the claim's institution on the service day (Art. 10, 17).
-- Grain: one row per line and role.
-- Reads: core.line_role
-- Writes: audit.finding
-- Replaces: rule = 406
-- Params: none
SELECT
  406 AS rule, period, setl_id, feedetl_sn, role, practitioner_code, severity, status_from_day, status_to_day
FROM core.line_role
WHERE is_known AND NOT is_registered AND role <> 'principal'
