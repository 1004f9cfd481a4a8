-- 325 practitioner_interval
-- Why: status follows the person (Art. 20): on each day the most severe status over all institutions,
--      within an institution that of the latest snapshot (contract 3 rules 3 and 5).
-- Grain: one row per practitioner and longest stretch of one status that is not normal; disjoint per person.
--        Institution and snapshot are those of the stretch's first day.
-- Reads: core.blocked_piece
-- Writes: core.practitioner_interval
-- Params: none
WITH border AS (
  SELECT practitioner_code, from_day AS day FROM core.blocked_piece
  UNION
  SELECT practitioner_code, to_day AS day FROM core.blocked_piece
),
segment AS (
  SELECT
    practitioner_code, day AS from_day,
    LEAD(day) OVER (PARTITION BY practitioner_code ORDER BY day ASC NULLS LAST) AS to_day
  FROM border
),
at_institution AS (
  SELECT
    g.practitioner_code, g.from_day, g.to_day, p.fixmedins_code, p.snapshot_day, p.severity,
    ROW_NUMBER() OVER (PARTITION BY g.practitioner_code, g.from_day, p.fixmedins_code
      ORDER BY p.snapshot_day DESC NULLS LAST, p.severity DESC NULLS LAST) AS position
  FROM segment g
  JOIN core.blocked_piece p
    ON p.practitioner_code = g.practitioner_code AND p.from_day <= g.from_day AND p.to_day >= g.to_day
),
of_person AS (
  SELECT
    practitioner_code, from_day, to_day, fixmedins_code, snapshot_day, severity,
    ROW_NUMBER() OVER (PARTITION BY practitioner_code, from_day
      ORDER BY severity DESC NULLS LAST, snapshot_day DESC NULLS LAST, fixmedins_code ASC NULLS LAST) AS position
  FROM at_institution WHERE position = 1
),
marked AS (
  SELECT
    practitioner_code, from_day, to_day, fixmedins_code, snapshot_day, severity,
    CASE
      WHEN LAG(to_day) OVER (PARTITION BY practitioner_code ORDER BY from_day ASC NULLS LAST) = from_day
        AND LAG(severity) OVER (PARTITION BY practitioner_code ORDER BY from_day ASC NULLS LAST) = severity
      THEN 0 ELSE 1
    END AS is_start
  FROM of_person WHERE position = 1
),
numbered AS (
  SELECT
    practitioner_code, from_day, to_day, fixmedins_code, snapshot_day, severity, is_start,
    SUM(is_start) OVER (PARTITION BY practitioner_code ORDER BY from_day ASC NULLS LAST ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS stretch
  FROM marked
)
SELECT
  practitioner_code,
  MAX(severity) AS severity,
  MIN(from_day) AS from_day,
  MAX(to_day) AS to_day,
  MAX(CASE WHEN is_start = 1 THEN fixmedins_code END) AS fixmedins_code,
  MAX(CASE WHEN is_start = 1 THEN snapshot_day END) AS snapshot_day
FROM numbered
GROUP BY practitioner_code, stretch
