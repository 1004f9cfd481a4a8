-- Lists for the office that no verdict looks at; jobs/warnings.go fills the tables with the others of the run's day.

-- Blocks whose notice was served: due_day is the last day on which the registry is maintained in time (Art. 37).
CREATE TABLE core.points_notice (
  practitioner_code VARCHAR, ref_no VARCHAR, measure VARCHAR, severity INTEGER, from_day INTEGER, to_day INTEGER, notice_day INTEGER,
  due_day INTEGER, is_over BOOLEAN);
-- Persons one step below a suspension, and suspensions that end soon.
CREATE TABLE core.points_warning (practitioner_code VARCHAR, kind VARCHAR, on_day INTEGER, points INTEGER, article VARCHAR);
ALTER TABLE ref.share ADD COLUMN article VARCHAR;

-- The persons of each institution in each calendar year, and the fewest blocked ones that flag it (Art. 34). Both counts
-- are the registry's and take the whole year, wherever the person was blocked.
CREATE VIEW core.institution_year AS
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
  CASE s.comparison WHEN 'at_least' THEN (c.registered * s.percent + 99) // 100 ELSE c.registered * s.percent // 100 + 1 END AS least_flagged
FROM counted c
CROSS JOIN ref.share s;
