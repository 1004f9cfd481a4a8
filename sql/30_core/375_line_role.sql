-- 375 line_role
-- Why: a finding is one (line, rule, role); the rule pack says which roles count.
-- Grain: one row per suspect line and role with a code.
-- Reads: core.suspect_line, core.practitioner_day, ref.role
-- Writes: core.line_role
-- Params: none
WITH asked AS (
  SELECT period, fixmedins_code, setl_id, feedetl_sn, service_day, 'bilg_dr' AS role, bilg_dr_codg AS code FROM core.suspect_line
  UNION ALL
  SELECT period, fixmedins_code, setl_id, feedetl_sn, service_day, 'orders_dr' AS role, orders_dr_code AS code FROM core.suspect_line
  UNION ALL
  SELECT period, fixmedins_code, setl_id, feedetl_sn, service_day, 'principal' AS role, principal_code AS code FROM core.suspect_line
)
SELECT
  a.period, a.setl_id, a.feedetl_sn, a.role, d.practitioner_code, d.is_known, d.severity, d.status_from_day, d.status_to_day,
  d.is_registered, d.commitment_flag
FROM asked a
JOIN ref.role r ON r.role = a.role
JOIN core.practitioner_day d
  ON d.fixmedins_code = a.fixmedins_code AND d.service_day = a.service_day AND d.delivered_code = a.code
