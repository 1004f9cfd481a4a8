-- 867 scorecard_total
-- Why: what the agreement of the next year hangs on: total, vetoes, decision, and the institution's own total beside it; and
--      whether a final card would come out otherwise by what is known now.
-- Grain: one row per year and institution.
-- Reads: audit.scorecard_change, audit.scorecard_total
-- Writes: mart.scorecard_total
-- Params: none
SELECT
  t.year, t.fixmedins_code, t.fixmedins_type, t.ownership, points_of(t.total_hundredths) AS total, points_of(t.lowest_hundredths) AS lowest,
  points_of(t.highest_hundredths) AS highest, t.is_vetoed AS vetoed, t.vetoes, t.missing, points_of(t.self_hundredths) AS self_total, t.decision,
  points_of(t.pass_hundredths) AS pass_mark, t.note, t.card, t.card_title, t.agreement_year, t.stands_in, t.window_key,
  CASE WHEN t.is_final THEN 'final' ELSE 'open' END AS state, day_date(t.final_day) AS final_on,
  day_date(c.since_day) AS differs_since, d.differs, points_of(c.score_hundredths) AS total_now, c.decision AS decision_now
FROM audit.scorecard_total t
LEFT JOIN audit.scorecard_change c ON t.is_final AND c.year = t.year AND c.fixmedins_code = t.fixmedins_code AND c.indicator_no = 0
LEFT JOIN (
  SELECT year, fixmedins_code, string_agg(CAST(indicator_no AS VARCHAR), ', ' ORDER BY indicator_no) AS differs
  FROM audit.scorecard_change
  WHERE indicator_no > 0
  GROUP BY year, fixmedins_code
) d ON c.indicator_no = 0 AND d.year = t.year AND d.fixmedins_code = t.fixmedins_code
ORDER BY t.year, t.fixmedins_code
