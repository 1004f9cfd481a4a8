-- 405 practitioner_unknown
-- Why: no registry row at any institution ever had the code (Art. 10).
-- Grain: one row per line and role.
-- Reads: core.line_role
-- Writes: audit.finding
-- Replaces: rule = 405
-- Params: none
SELECT
  405 AS rule, period, setl_id, feedetl_sn, role, practitioner_code, CAST(NULL AS INTEGER) AS severity,
  CAST(NULL AS INTEGER) AS status_from_day, CAST(NULL AS INTEGER) AS status_to_day
FROM core.line_role
WHERE NOT is_known AND role <> 'principal'
