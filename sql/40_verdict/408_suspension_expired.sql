-- 408 suspension_expired
-- Why: the block is over but the centre has not restored the person (Art. 44).
-- Grain: one row per line and role.
-- Reads: core.line_role
-- Writes: audit.finding
-- Replaces: rule = 408
-- Params: none
SELECT
  408 AS rule, period, setl_id, feedetl_sn, role, practitioner_code, severity, status_from_day, status_to_day
FROM core.line_role
WHERE severity = 1 AND role <> 'principal'
