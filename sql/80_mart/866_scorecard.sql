-- 866 scorecard
-- Why: each indicator of the year's table for each institution: points, where they come from, and how to see the rows behind
--      them (江医保中心发〔2024〕16号, Annex 2 and 4). What is missing has no score, but a range. A final row stays as it was
--      decided; where the data behind it says something else by now, that stands beside it.
-- Grain: one row per year, institution and indicator.
-- Reads: audit.scorecard, audit.scorecard_change
-- Writes: mart.scorecard
-- Params: none
SELECT
  s.year, s.fixmedins_code, s.indicator_no, s.category, s.title, s.explanation, s.method_text, s.method, s.article,
  points_of(s.max_hundredths) AS max_points, points_of(s.score_hundredths) AS score, points_of(s.lowest_hundredths) AS lowest,
  points_of(s.highest_hundredths) AS highest, s.is_vetoed AS vetoed, s.may_veto, s.source, s.evidence, s.query,
  points_of(s.self_hundredths) AS self_score, CASE WHEN s.is_final THEN 'final' ELSE 'open' END AS state,
  day_date(c.since_day) AS differs_since, points_of(c.score_hundredths) AS score_now, c.evidence AS evidence_now
FROM audit.scorecard s
LEFT JOIN audit.scorecard_change c
  ON s.is_final AND c.year = s.year AND c.fixmedins_code = s.fixmedins_code AND c.indicator_no = s.indicator_no
ORDER BY s.year, s.fixmedins_code, s.indicator_no
