-- 407 commitment_missing
-- Why: the person is registered without a service commitment; a missing flag fires nothing (Art. 8, 13).
-- Grain: one row per line and role.
-- Reads: core.line_role
-- Writes: audit.finding
-- Replaces: rule = 407
-- Params: none
SELECT
  407 AS rule, period, setl_id, feedetl_sn, role, practitioner_code, severity, status_from_day, status_to_day
FROM core.line_role
WHERE is_registered AND commitment_flag = '0' AND role <> 'principal'
