-- 846 practitioner_file
-- Why: one person, one file (Art. 4, 24): what the registry says beside what the points record says, as of the run's day;
--      and the pharmacies of a principal, who is blocked at all of them (Art. 39).
-- Grain: one row per practitioner whom the registry or the points record knows.
-- Reads: core.practitioner, core.points_person, core.registry_today, core.points_deadline, core.institution_interval,
--        core.practitioner_alias, staging.practitioner_status, ref.run
-- Writes: mart.practitioner_file
-- Params: none
WITH everyone AS (
  SELECT practitioner_code FROM core.practitioner
  UNION
  SELECT practitioner_code FROM core.points_person
),
named AS (
  SELECT
    prac_psn_code AS practitioner_code, mask_name(arg_max(prac_psn_name, newest)) AS name_masked,
    array_to_string(list_sort(list_distinct(list(fixmedins_code))), '；') AS institutions
  FROM (
    SELECT prac_psn_code, prac_psn_name, fixmedins_code, struct_pack(d := snapshot_date, i := fixmedins_code) AS newest
    FROM staging.practitioner_status
  )
  GROUP BY prac_psn_code
),
principal AS (
  SELECT
    coalesce(own.practitioner_code, general.practitioner_code, i.principal_code) AS practitioner_code,
    string_agg(DISTINCT i.fixmedins_code, '；' ORDER BY i.fixmedins_code) AS pharmacies
  FROM core.institution_interval i
  CROSS JOIN ref.run p
  LEFT JOIN core.practitioner_alias own
    ON own.alias_code = i.principal_code AND own.fixmedins_code = i.fixmedins_code AND COALESCE(own.valid_from_day, -2932896) <= p.as_of_day
  LEFT JOIN core.practitioner_alias general
    ON general.alias_code = i.principal_code AND general.fixmedins_code IS NULL AND COALESCE(general.valid_from_day, -2932896) <= p.as_of_day
  WHERE i.fixmedins_type = '2' AND i.from_day <= p.as_of_day AND i.to_day > p.as_of_day AND i.principal_code <> ''
  GROUP BY 1
),
next_due AS (
  SELECT
    practitioner_code, due_day, kind,
    ROW_NUMBER() OVER (PARTITION BY practitioner_code ORDER BY deadline_no) AS position
  FROM core.points_deadline
  WHERE state <> 'starting'
)
SELECT
  e.practitioner_code, n.name_masked, n.institutions,
  CASE WHEN k.practitioner_code IS NOT NULL THEN status_name(coalesce(t.severity, 0)) END AS registry_status,
  status_name(coalesce(p.severity, 0)) AS derived_status,
  coalesce(p.total_points, 0) AS total_points, day_date(p.blocked_to_day) AS blocked_to,
  day_date(d.due_day) AS next_deadline, d.kind AS next_deadline_kind, r.pharmacies AS principal_of
FROM everyone e
LEFT JOIN core.practitioner k ON k.practitioner_code = e.practitioner_code
LEFT JOIN named n ON n.practitioner_code = e.practitioner_code
LEFT JOIN core.registry_today t ON t.practitioner_code = e.practitioner_code
LEFT JOIN core.points_person p ON p.practitioner_code = e.practitioner_code
LEFT JOIN principal r ON r.practitioner_code = e.practitioner_code
LEFT JOIN next_due d ON d.practitioner_code = e.practitioner_code AND d.position = 1
ORDER BY e.practitioner_code
