-- 897 status_reconciliation
-- Why: what the points record derives beside what the registry says, day by day (Art. 37, 38, 40): where they differ, an
--      institution has something to maintain, or the centre a decision to enter.
-- Grain: one row per practitioner and longest stretch on which neither changes and at least one is not normal.
-- Reads: core.points_status, core.practitioner_interval
-- Writes: mart.status_reconciliation
-- Params: none
WITH said AS (
  SELECT practitioner_code, from_day, least(to_day, 2932896) AS to_day, severity AS derived, 0 AS registered FROM core.points_status
  UNION ALL
  SELECT practitioner_code, from_day, to_day, 0, severity FROM core.practitioner_interval
),
edge AS (
  SELECT practitioner_code, from_day AS day FROM said
  UNION
  SELECT practitioner_code, to_day FROM said
),
stretch AS (
  SELECT practitioner_code, day AS from_day, lead(day) OVER (PARTITION BY practitioner_code ORDER BY day) AS to_day FROM edge
)
SELECT
  s.practitioner_code, day_date(s.from_day) AS valid_from, day_date(s.to_day) AS valid_to, status_name(max(b.derived)) AS derived_status,
  status_name(max(b.registered)) AS registry_status,
  CASE
    WHEN max(b.derived) = max(b.registered) THEN 'same'
    WHEN max(b.derived) > max(b.registered) THEN 'registry_behind'
    ELSE 'registry_ahead'
  END AS state
FROM stretch s
JOIN said b ON b.practitioner_code = s.practitioner_code AND b.from_day <= s.from_day AND b.to_day > s.from_day
WHERE s.to_day IS NOT NULL
GROUP BY s.practitioner_code, s.from_day, s.to_day
ORDER BY s.practitioner_code, s.from_day
