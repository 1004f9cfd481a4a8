-- 891 points_matter
-- Why: a delivered row of the points record that has no effect, or one in doubt, is kept, and a person looks at it.
-- Grain: one row per row, or part of it, without effect or in doubt.
-- Reads: core.points_matter
-- Writes: mart.points_matter
-- Params: none
SELECT
  practitioner_code, feed, ref_no, day_date(on_day) AS on_date, reason, title, article, other_no AS counted_with
FROM core.points_matter
ORDER BY practitioner_code, feed, ref_no, reason
