-- 863 score_metric
-- Why: every computed figure behind a score, in the words of the scorecard.
-- Grain: one row per year, institution and metric.
-- Reads: audit.score_metric, ref.ratio, ref.metric_title
-- Writes: mart.score_metric
-- Params: none
SELECT
  m.year, m.fixmedins_code, m.metric, coalesce(r.title, t.title, m.metric) AS title, m.numerator, m.denominator, m.state
FROM audit.score_metric m
LEFT JOIN ref.ratio r ON m.metric = 'ratio_' || CAST(r.ratio_no AS VARCHAR) OR m.metric = r.name
LEFT JOIN ref.metric_title t ON t.metric = m.metric
ORDER BY m.year, m.fixmedins_code, m.metric
