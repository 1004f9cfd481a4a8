-- 868 scorecard_step
-- Why: what an institution can still do: vetoes first, then what it has to show, then where points were lost.
-- Grain: one row per year, institution and step, in order.
-- Reads: audit.scorecard_step
-- Writes: mart.scorecard_step
-- Params: none
SELECT year, fixmedins_code, step_no, indicator_no, kind, points_of(gain_hundredths) AS gain, step
FROM audit.scorecard_step
ORDER BY year, fixmedins_code, step_no
