-- 690 institution_ratio
-- Why: a row for every institution of the registry and every window, nothing billed or not; windows add up months.
--      Only the windows of this run are replaced, past keys stay as computed (contract 7 "Ratios").
-- Grain: one row per window, institution and ratio.
-- Reads: audit.ratio_month, core.institution_interval, ref.ratio, ref.ratio_threshold, ref.ratio_window
-- Writes: audit.institution_ratio
-- Replaces: (window_kind, window_key) IN (SELECT (window_kind, window_key) FROM ref.ratio_window)
-- Params: ratio_windows
WITH cell AS (
  SELECT
    w.window_kind, w.window_key, w.first_period, w.last_period, i.fixmedins_code, i.fixmedins_type, r.ratio_no,
    r.denominator_per_month * w.month_count AS fixed_denominator
  FROM ref.ratio_window w
  CROSS JOIN ref.ratio r
  JOIN core.institution_interval i ON i.from_day <= w.last_day AND i.to_day > w.last_day
)
SELECT
  c.window_kind, c.window_key, c.fixmedins_code, c.ratio_no,
  COALESCE(CAST(SUM(m.numerator) AS BIGINT), 0) AS numerator,
  COALESCE(CAST(SUM(m.denominator) AS BIGINT), 0) + c.fixed_denominator AS denominator,
  t.percent AS threshold
FROM cell c
LEFT JOIN audit.ratio_month m
  ON m.ratio_no = c.ratio_no AND m.fixmedins_code = c.fixmedins_code AND m.period BETWEEN c.first_period AND c.last_period
LEFT JOIN ref.ratio_threshold t ON t.ratio_no = c.ratio_no AND t.fixmedins_type = c.fixmedins_type
GROUP BY c.window_kind, c.window_key, c.fixmedins_code, c.ratio_no, c.fixed_denominator, t.percent
