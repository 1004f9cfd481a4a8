-- 740 trace_code_metric
-- Why: trace codes at out-patient dispensing from the month after 31 October 2024 on (江医保中心发〔2024〕16号, institutions 16,
--      pharmacies 10(1)), at stock-in from the month after 30 June 2025 on (10(2)); the months are the rule pack's. Before
--      its month a share is not due.
-- Grain: one row per year, institution of the registry and share.
-- Reads: audit.drug_line_month, core.inventory, core.no_code_drug, core.institution_interval, ref.med_type_kind, ref.score_setting, ref.score_year
-- Writes: audit.score_metric
-- Replaces: metric IN ('trace_code_dispensing', 'trace_code_stock_in') AND year IN (SELECT year FROM ref.score_year)
-- Params: score_years
WITH inpatient AS (
  SELECT t.med_type
  FROM (SELECT med_type FROM audit.drug_line_month GROUP BY med_type) t
  JOIN ref.med_type_kind k
    ON k.kind = 'inpatient' AND (t.med_type = k.code OR (k.is_prefix AND SUBSTR(t.med_type, 1, LENGTH(k.code)) = k.code))
  GROUP BY t.med_type
),
counted AS (
  SELECT
    y.year, d.fixmedins_code, 'trace_code_dispensing' AS metric, CAST(SUM(d.traced) AS BIGINT) AS numerator,
    CAST(SUM(d.drug_lines) AS BIGINT) AS denominator
  FROM audit.drug_line_month d
  CROSS JOIN ref.score_setting g
  JOIN ref.score_year y ON d.period BETWEEN y.first_period AND y.last_period
  LEFT JOIN inpatient p ON p.med_type = d.med_type
  WHERE p.med_type IS NULL AND d.period >= g.dispensing_from
  GROUP BY y.year, d.fixmedins_code
  UNION ALL
  SELECT
    y.year, v.fixmedins_code, 'trace_code_stock_in' AS metric, CAST(SUM(CASE WHEN v.is_traced THEN 1 ELSE 0 END) AS BIGINT) AS numerator,
    CAST(COUNT(*) AS BIGINT) AS denominator
  FROM core.inventory v
  CROSS JOIN ref.score_setting g
  JOIN ref.score_year y ON v.event_period BETWEEN y.first_period AND y.last_period
  LEFT JOIN core.no_code_drug n
    ON n.med_list_codg = v.med_list_codg AND COALESCE(n.valid_from_day, -2932896) <= v.event_day
  WHERE v.inv_data_type = '3' AND v.cnt_e4 > 0 AND v.event_period >= g.stock_in_from AND n.med_list_codg IS NULL
  GROUP BY y.year, v.fixmedins_code
),
cell AS (
  SELECT y.year, i.fixmedins_code, 'trace_code_dispensing' AS metric, g.dispensing_from > y.last_period AS is_ahead
  FROM ref.score_year y
  CROSS JOIN ref.score_setting g
  JOIN core.institution_interval i ON i.from_day <= y.last_day AND i.to_day > y.last_day
  UNION ALL
  SELECT y.year, i.fixmedins_code, 'trace_code_stock_in' AS metric, g.stock_in_from > y.last_period AS is_ahead
  FROM ref.score_year y
  CROSS JOIN ref.score_setting g
  JOIN core.institution_interval i ON i.from_day <= y.last_day AND i.to_day > y.last_day
)
SELECT
  c.year, c.fixmedins_code, c.metric, COALESCE(v.numerator, 0) AS numerator, COALESCE(v.denominator, 0) AS denominator,
  CASE WHEN c.is_ahead THEN 'not_due' WHEN v.denominator > 0 THEN 'ok' ELSE 'no_data' END AS state
FROM cell c
LEFT JOIN counted v ON v.year = c.year AND v.fixmedins_code = c.fixmedins_code AND v.metric = c.metric
