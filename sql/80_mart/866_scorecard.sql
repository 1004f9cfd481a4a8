-- 866 scorecard
-- Why: each indicator of the year's table for each institution: points, where they come from, and how to see the rows behind
--      them (江医保中心发〔2024〕16号, Annex 2 and 4). What is missing has no score, but a range.
-- Grain: one row per year, institution and indicator.
-- Reads: audit.scorecard
-- Writes: mart.scorecard
-- Params: none
SELECT
  year, fixmedins_code, indicator_no, category, title, explanation, method_text, method, article, points_of(max_hundredths) AS max_points,
  points_of(score_hundredths) AS score, points_of(lowest_hundredths) AS lowest, points_of(highest_hundredths) AS highest,
  is_vetoed AS vetoed, may_veto, source, evidence, query, points_of(self_hundredths) AS self_score,
  CASE WHEN is_final THEN 'final' ELSE 'open' END AS state
FROM audit.scorecard
ORDER BY year, fixmedins_code, indicator_no
