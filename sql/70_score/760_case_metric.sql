-- 760 case_metric
-- Why: what is deducted per occurrence is counted from the listed cases: persons, changes, lines above the payment
--      standard, risk drugs of a pharmacy above a price. Where there was nothing to look at (no fee line of the year, no
--      snapshot, no price of that kind for the institution, or none of a risk drug) there is no data, which is not zero:
--      settlements alone name nobody and show no price.
-- Grain: one row per year, institution of the registry and metric.
-- Reads: audit.score_case, core.institution_interval, core.line_count, core.practitioner, core.price_interval, core.registry_row, core.settlement, ref.score_year
-- Writes: audit.score_metric
-- Replaces: metric IN ('uncoded_person', 'late_change', 'over_standard_price', 'price_over_monitored', 'price_over_online', 'price_over_uninsured') AND year IN (SELECT year FROM ref.score_year)
-- Params: score_years
WITH itemised AS MATERIALIZED (
  SELECT y.year, s.fixmedins_code
  FROM core.line_count n
  JOIN core.settlement s ON s.setl_id = n.setl_id
  JOIN ref.score_year y ON s.period BETWEEN y.first_period AND y.last_period
  WHERE s.is_effective
  GROUP BY y.year, s.fixmedins_code
),
institution AS (
  SELECT y.year, y.first_day, y.last_day, i.fixmedins_code, i.fixmedins_type, b.fixmedins_code IS NOT NULL AS has_lines
  FROM ref.score_year y
  JOIN core.institution_interval i ON i.from_day <= y.last_day AND i.to_day > y.last_day
  LEFT JOIN itemised b ON b.year = y.year AND b.fixmedins_code = i.fixmedins_code
),
first_snapshot AS (
  SELECT fixmedins_code, MIN(snapshot_day) AS snapshot_day FROM core.registry_row GROUP BY fixmedins_code
),
risk_drug AS (
  SELECT med_list_codg FROM core.price_interval WHERE price_kind = 'monitored' GROUP BY med_list_codg
),
price_list AS (
  SELECT
    CASE p.price_kind WHEN 'standard' THEN 'over_standard_price' ELSE 'price_over_' || p.price_kind END AS metric,
    p.fixmedins_code, p.from_day, p.to_day
  FROM core.price_interval p
  LEFT JOIN risk_drug r ON r.med_list_codg = p.med_list_codg
  WHERE p.price_kind = 'standard' OR r.med_list_codg IS NOT NULL
),
cell AS (
  SELECT year, fixmedins_code, 'uncoded_person' AS metric, has_lines AND EXISTS (SELECT 1 FROM core.practitioner) AS has_data
  FROM institution
  UNION ALL
  SELECT i.year, i.fixmedins_code, 'late_change' AS metric, s.fixmedins_code IS NOT NULL AS has_data
  FROM institution i
  LEFT JOIN first_snapshot s ON s.fixmedins_code = i.fixmedins_code AND s.snapshot_day <= i.last_day
  UNION ALL
  SELECT i.year, i.fixmedins_code, m.metric, i.has_lines AND COUNT(p.metric) > 0 AS has_data
  FROM institution i
  JOIN (
    SELECT 'over_standard_price' AS metric, FALSE AS is_pharmacy UNION ALL SELECT 'price_over_monitored' AS metric, TRUE AS is_pharmacy
    UNION ALL SELECT 'price_over_online' AS metric, TRUE AS is_pharmacy UNION ALL SELECT 'price_over_uninsured' AS metric, TRUE AS is_pharmacy
  ) m ON i.fixmedins_type = '2' OR NOT m.is_pharmacy
  LEFT JOIN price_list p
    ON p.metric = m.metric AND (p.fixmedins_code = i.fixmedins_code OR p.fixmedins_code = '')
    AND p.from_day <= i.last_day AND p.to_day > i.first_day
  GROUP BY i.year, i.fixmedins_code, i.has_lines, m.metric
),
-- Of a pharmacy's risk prices the drugs count, of everything else each case.
counted AS (
  SELECT
    year, fixmedins_code, metric,
    CAST(CASE WHEN metric LIKE 'price!_over!_%' ESCAPE '!' THEN COUNT(DISTINCT med_list_codg) ELSE COUNT(*) END AS BIGINT) AS cases
  FROM audit.score_case
  GROUP BY year, fixmedins_code, metric
)
SELECT
  c.year, c.fixmedins_code, c.metric, COALESCE(v.cases, 0) AS numerator, CAST(0 AS BIGINT) AS denominator,
  CASE WHEN c.has_data OR v.cases > 0 THEN 'ok' ELSE 'no_data' END AS state
FROM cell c
LEFT JOIN counted v ON v.year = c.year AND v.fixmedins_code = c.fixmedins_code AND v.metric = c.metric
