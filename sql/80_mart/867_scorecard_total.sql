-- 867 scorecard_total
-- Why: what the agreement of the next year hangs on: total, vetoes, decision, and the institution's own total beside it.
-- Grain: one row per year and institution.
-- Reads: audit.scorecard_total
-- Writes: mart.scorecard_total
-- Params: none
SELECT
  year, fixmedins_code, fixmedins_type, ownership, points_of(total_hundredths) AS total, points_of(lowest_hundredths) AS lowest,
  points_of(highest_hundredths) AS highest, is_vetoed AS vetoed, vetoes, missing, points_of(self_hundredths) AS self_total, decision,
  points_of(pass_hundredths) AS pass_mark, note, card, card_title, agreement_year, stands_in, window_key,
  CASE WHEN is_final THEN 'final' ELSE 'open' END AS state, day_date(final_day) AS final_on
FROM audit.scorecard_total
ORDER BY year, fixmedins_code
