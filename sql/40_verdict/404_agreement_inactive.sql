-- 404 agreement_inactive
-- Why: the institution's agreement is suspended or terminated on the service day (Art. 21).
-- Grain: one row per line.
-- Reads: core.suspect_line
-- Writes: audit.finding
-- Replaces: rule = 404
-- Params: none
SELECT
  404 AS rule, period, setl_id, feedetl_sn, CAST(NULL AS VARCHAR) AS role, CAST(NULL AS VARCHAR) AS practitioner_code,
  CAST(NULL AS INTEGER) AS severity, CAST(NULL AS INTEGER) AS status_from_day, CAST(NULL AS INTEGER) AS status_to_day
FROM core.suspect_line
WHERE is_agreement_inactive
