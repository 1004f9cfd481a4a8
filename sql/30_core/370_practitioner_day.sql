-- 370 practitioner_day
-- Why: everything a rule asks about a person on a service day at an institution, worked out once:
--      alias (once; the institution's own before a general one), status (Art. 19, 20), registration (Art. 17), commitment (Art. 13).
-- Grain: one row per institution, service day and code as delivered, on a suspect line or as its principal.
-- Reads: core.suspect_line, core.practitioner_alias, core.practitioner, core.practitioner_interval, core.registration
-- Writes: core.practitioner_day
-- Params: none
WITH asked AS (
  SELECT fixmedins_code, service_day, bilg_dr_codg AS delivered_code FROM core.suspect_line WHERE bilg_dr_codg <> ''
  UNION
  SELECT fixmedins_code, service_day, orders_dr_code FROM core.suspect_line WHERE orders_dr_code <> ''
  UNION
  SELECT fixmedins_code, service_day, principal_code FROM core.suspect_line WHERE principal_code <> ''
),
aliased AS (
  SELECT
    a.fixmedins_code, a.service_day, a.delivered_code, COALESCE(own.practitioner_code, general.practitioner_code, a.delivered_code) AS practitioner_code
  FROM asked a
  LEFT JOIN core.practitioner_alias own
    ON own.alias_code = a.delivered_code AND own.fixmedins_code = a.fixmedins_code
    AND COALESCE(own.valid_from_day, -2932896) <= a.service_day
  LEFT JOIN (
    SELECT alias_code, practitioner_code, COALESCE(valid_from_day, -2932896) AS valid_from_day
    FROM core.practitioner_alias WHERE fixmedins_code IS NULL
  ) general
    ON general.alias_code = a.delivered_code AND general.valid_from_day <= a.service_day
),
-- The gaps between a person's intervals, so that a normal stretch has its ends too.
gap AS (
  SELECT
    practitioner_code,
    to_day AS from_day,
    LEAD(from_day) OVER (PARTITION BY practitioner_code ORDER BY from_day ASC NULLS LAST) AS to_day
  FROM core.practitioner_interval
  UNION ALL
  SELECT practitioner_code, -2932896 AS from_day, MIN(from_day) AS to_day
  FROM core.practitioner_interval GROUP BY practitioner_code
),
stretch AS (
  SELECT practitioner_code, severity, from_day, to_day FROM core.practitioner_interval
  UNION ALL
  SELECT practitioner_code, 0 AS severity, from_day, COALESCE(to_day, 2932896) AS to_day
  FROM gap WHERE from_day < COALESCE(to_day, 2932896)
)
SELECT
  a.fixmedins_code, a.service_day, a.delivered_code, a.practitioner_code,
  k.practitioner_code IS NOT NULL AS is_known,
  COALESCE(t.severity, 0) AS severity,
  COALESCE(t.from_day, -2932896) AS status_from_day,
  COALESCE(t.to_day, 2932896) AS status_to_day,
  g.practitioner_code IS NOT NULL AS is_registered,
  g.commitment_flag
FROM aliased a
LEFT JOIN core.practitioner k ON k.practitioner_code = a.practitioner_code
LEFT JOIN stretch t
  ON t.practitioner_code = a.practitioner_code AND t.from_day <= a.service_day AND t.to_day > a.service_day
LEFT JOIN core.registration g
  ON g.practitioner_code = a.practitioner_code AND g.fixmedins_code = a.fixmedins_code
  AND g.from_day <= a.service_day AND g.to_day > a.service_day
