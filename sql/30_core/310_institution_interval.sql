-- 310 institution_interval
-- Why: the institution row of a day is the latest valid_from not after it, else the earliest (contract 7 "Institutions").
-- Grain: one row per institution and stretch of days; disjoint, without gaps.
-- Reads: core.institution
-- Writes: core.institution_interval
-- Params: none
WITH ordered AS (
  SELECT
    fixmedins_code, COALESCE(valid_from_day, -2932896) AS valid_from_day, fixmedins_name, fixmedins_type, principal_code,
    agreement_status, agreement_from_day, agreement_to_day, ownership, hosp_lv,
    ROW_NUMBER() OVER (PARTITION BY fixmedins_code ORDER BY COALESCE(valid_from_day, -2932896) ASC NULLS LAST) AS position,
    LEAD(COALESCE(valid_from_day, -2932896)) OVER (PARTITION BY fixmedins_code ORDER BY COALESCE(valid_from_day, -2932896) ASC NULLS LAST) AS next_day
  FROM core.institution
)
SELECT
  fixmedins_code,
  CASE WHEN position = 1 THEN -2932896 ELSE valid_from_day END AS from_day,
  COALESCE(next_day, 2932896) AS to_day,
  fixmedins_name, fixmedins_type, principal_code, agreement_status,
  COALESCE(agreement_from_day, -2932896) AS agreement_from_day,
  COALESCE(agreement_to_day, 2932896) AS agreement_to_day,
  ownership, hosp_lv
FROM ordered
