-- 890 points_record
-- Why: what happened to a person's points, and which measure followed (Art. 25, 26, 33, 43, 44).
-- Grain: one row per practitioner and event, in the order of event_no.
-- Reads: core.points_event
-- Writes: mart.points_record
-- Params: none
SELECT
  practitioner_code, year, day_date(on_day) AS on_date, event, ref_no, points, total_after, measure,
  day_date(block_from_day) AS block_from, day_date(block_to_day) AS block_to, article, event_no
FROM core.points_event
ORDER BY practitioner_code, event_no
