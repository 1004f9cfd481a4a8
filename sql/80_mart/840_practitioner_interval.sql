-- 840 practitioner_interval
-- Why: the evidence of who was blocked when, and where that is recorded.
-- Grain: one row per practitioner and longest stretch of one status that is not normal.
-- Reads: core.practitioner_interval
-- Writes: mart.practitioner_interval
-- Params: none
SELECT
  practitioner_code, status_name(severity) AS status, day_date(from_day) AS valid_from, day_date(to_day) AS valid_to,
  fixmedins_code AS recorded_at_institution, day_date(snapshot_day) AS snapshot_date
FROM core.practitioner_interval
ORDER BY practitioner_code, from_day
