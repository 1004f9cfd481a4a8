-- 893 institution_blocked_share
-- Why: an institution of whose registered persons too many were blocked within a calendar year loses its agreement
--      (Art. 34). Both counts are the registry's and take the whole year, wherever the person was blocked.
-- Grain: one row per calendar year and institution with a person registered in it.
-- Reads: core.share_year, core.registration, core.practitioner_interval, ref.share
-- Writes: mart.institution_blocked_share
-- Params: none
WITH registered AS (
  SELECT DISTINCT y.year, g.fixmedins_code, g.practitioner_code
  FROM core.share_year y
  JOIN core.registration g ON g.from_day < y.next_day AND g.to_day > y.first_day
),
blocked AS (
  SELECT DISTINCT y.year, t.practitioner_code
  FROM core.share_year y
  JOIN core.practitioner_interval t ON t.from_day < y.next_day AND t.to_day > y.first_day
  WHERE t.severity >= 2
),
counted AS (
  SELECT r.year, r.fixmedins_code, count(*) AS registered, count(b.practitioner_code) AS blocked
  FROM registered r
  LEFT JOIN blocked b ON b.year = r.year AND b.practitioner_code = r.practitioner_code
  GROUP BY r.year, r.fixmedins_code
)
SELECT
  c.year, c.fixmedins_code, c.registered, c.blocked,
  CASE s.comparison
    WHEN 'at_least' THEN c.blocked * 100 >= s.percent * c.registered
    ELSE c.blocked * 100 > s.percent * c.registered
  END AS flagged
FROM counted c
CROSS JOIN ref.share s
ORDER BY c.year, c.fixmedins_code
