-- 850 institution
-- Why: names, types and agreements over time.
-- Grain: one row per institution and stretch of days.
-- Reads: core.institution_interval
-- Writes: mart.institution
-- Params: none
SELECT
  fixmedins_code, fixmedins_name, fixmedins_type, day_date(from_day) AS valid_from, day_date(to_day) AS valid_to, ownership, hosp_lv,
  coalesce(agreement_status, 'active') AS agreement_status, day_date(agreement_from_day) AS agreement_from,
  day_date(agreement_to_day) AS agreement_to
FROM core.institution_interval
ORDER BY fixmedins_code, from_day
