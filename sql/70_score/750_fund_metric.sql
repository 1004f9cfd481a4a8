-- 750 fund_metric
-- Why: what an institution reports of itself is held against these figures (江医保中心发〔2024〕16号, institutions 8-13,
--      pharmacies 6-7). An institution of which no claim of the year was delivered has no figures, not zeros.
-- Grain: one row per year, institution of the registry, fund and insurance kind, for visits and for cents.
-- Reads: core.fund_figure, core.institution_interval, ref.insutype_kind, ref.score_year
-- Writes: audit.score_metric
-- Replaces: (metric LIKE 'visits!_%' ESCAPE '!' OR metric LIKE 'amount!_%' ESCAPE '!') AND year IN (SELECT year FROM ref.score_year)
-- Params: score_years
WITH cell AS (
  SELECT y.year, i.fixmedins_code, k.insu, b.fixmedins_code IS NOT NULL AS is_billed
  FROM ref.score_year y
  JOIN core.institution_interval i ON i.from_day <= y.last_day AND i.to_day > y.last_day
  CROSS JOIN (SELECT insu FROM ref.insutype_kind GROUP BY insu) k
  LEFT JOIN (SELECT year, fixmedins_code FROM core.fund_figure GROUP BY year, fixmedins_code) b
    ON b.year = y.year AND b.fixmedins_code = i.fixmedins_code
),
figure AS (
  SELECT year, fixmedins_code, insu, 'outpatient' AS fund, outpatient AS visits, outpatient_cents AS cents FROM core.fund_figure
  UNION ALL
  SELECT year, fixmedins_code, insu, 'inpatient' AS fund, inpatient AS visits, inpatient_cents AS cents FROM core.fund_figure
  UNION ALL
  SELECT year, fixmedins_code, insu, 'large_amount' AS fund, large_amount AS visits, large_amount_cents AS cents FROM core.fund_figure
  UNION ALL
  SELECT year, fixmedins_code, insu, 'serious_illness' AS fund, serious_illness AS visits, serious_illness_cents AS cents FROM core.fund_figure
  UNION ALL
  SELECT year, fixmedins_code, insu, 'medical_aid' AS fund, medical_aid AS visits, medical_aid_cents AS cents FROM core.fund_figure
  UNION ALL
  SELECT year, fixmedins_code, insu, 'pooled' AS fund, pooled AS visits, pooled_cents AS cents FROM core.fund_figure
),
fund AS (
  SELECT 'outpatient' AS fund UNION ALL SELECT 'inpatient' AS fund UNION ALL SELECT 'large_amount' AS fund
  UNION ALL SELECT 'serious_illness' AS fund UNION ALL SELECT 'medical_aid' AS fund UNION ALL SELECT 'pooled' AS fund
)
SELECT
  c.year, c.fixmedins_code, 'visits_' || n.fund || '_' || c.insu AS metric, COALESCE(f.visits, 0) AS numerator, CAST(0 AS BIGINT) AS denominator,
  CASE WHEN c.is_billed THEN 'ok' ELSE 'no_data' END AS state
FROM cell c
CROSS JOIN fund n
LEFT JOIN figure f ON f.year = c.year AND f.fixmedins_code = c.fixmedins_code AND f.insu = c.insu AND f.fund = n.fund
UNION ALL
SELECT
  c.year, c.fixmedins_code, 'amount_' || n.fund || '_' || c.insu || '_cents' AS metric, COALESCE(f.cents, 0) AS numerator,
  CAST(0 AS BIGINT) AS denominator, CASE WHEN c.is_billed THEN 'ok' ELSE 'no_data' END AS state
FROM cell c
CROSS JOIN fund n
LEFT JOIN figure f ON f.year = c.year AND f.fixmedins_code = c.fixmedins_code AND f.insu = c.insu AND f.fund = n.fund
