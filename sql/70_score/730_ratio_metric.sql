-- 730 ratio_metric
-- Why: the ratios of the whole year, or of the year to date while it runs, are what the scorecard asks of 医保码, mobile payment, e-prescriptions, inventory and
--      procurement (江医保中心发〔2024〕16号, institutions 14, 16, 18, 20-22, pharmacies 8, 10, 11, 14). Ratio 606 has its
--      denominator whatever happened: of an institution that neither billed nor uploaded in the year there is no data.
-- Grain: one row per year, institution of the registry and ratio.
-- Reads: audit.institution_ratio, core.fund_figure, ref.ratio, ref.score_year
-- Writes: audit.score_metric
-- Replaces: (metric LIKE 'ratio!_%' ESCAPE '!' OR metric LIKE 'inventory!_%' ESCAPE '!') AND year IN (SELECT year FROM ref.score_year)
-- Params: score_years
WITH measured AS (
  SELECT
    y.year, r.fixmedins_code, r.ratio_no, n.name, r.numerator, r.denominator,
    CASE WHEN r.denominator > 0 AND (r.ratio_no <> 606 OR r.numerator > 0 OR b.fixmedins_code IS NOT NULL) THEN 'ok' ELSE 'no_data' END AS state
  FROM audit.institution_ratio r
  JOIN ref.ratio n ON n.ratio_no = r.ratio_no
  JOIN ref.score_year y ON r.window_kind = y.window_kind AND r.window_key = y.window_key
  LEFT JOIN (SELECT year, fixmedins_code FROM core.fund_figure GROUP BY year, fixmedins_code) b
    ON b.year = y.year AND b.fixmedins_code = r.fixmedins_code
)
SELECT
  year, fixmedins_code, 'ratio_' || CAST(ratio_no AS VARCHAR) AS metric, numerator, denominator, state
FROM measured
UNION ALL
SELECT
  year, fixmedins_code, name AS metric, numerator, denominator, state
FROM measured
WHERE ratio_no = 605 OR ratio_no = 606
