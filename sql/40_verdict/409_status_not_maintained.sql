-- 409 status_not_maintained
-- Why: the points record says suspended or terminated on the service day, the registry says normal: the institution did
--      not maintain the status and bears what was paid meanwhile (Art. 37, 48).
-- Grain: one row per line and role.
-- Reads: core.line_role, core.suspect_line, core.points_block
-- Writes: audit.finding
-- Replaces: rule = 409
-- Params: none
SELECT
  409 AS rule, r.period, r.setl_id, r.feedetl_sn, r.role, r.practitioner_code, r.severity, r.status_from_day, r.status_to_day
FROM core.points_block b
JOIN core.line_role r ON r.practitioner_code = b.practitioner_code
JOIN core.suspect_line l ON l.setl_id = r.setl_id AND l.feedetl_sn = r.feedetl_sn
WHERE b.from_day <= l.service_day AND b.to_day > l.service_day
  AND r.is_known AND r.severity = 0 AND r.role <> 'principal'
