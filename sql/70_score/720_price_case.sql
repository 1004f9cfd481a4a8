-- 720 price_case
-- Why: negotiated drugs are sold at the payment standard (江医保中心发〔2024〕16号, institutions 6, pharmacies 5); the risk
--      drugs of a pharmacy not above the monitored price, below the set share (15%以上 includes it) above its own online price, not
--      dearer for the insured than for others (pharmacies 12). An institution's own price goes before one for all.
-- Grain: one row per year, line and price it exceeds.
-- Reads: audit.score_line, core.price_interval, core.institution_interval, ref.score_setting, ref.score_year
-- Writes: audit.score_case
-- Replaces: metric IN ('over_standard_price', 'price_over_monitored', 'price_over_online', 'price_over_uninsured') AND year IN (SELECT year FROM ref.score_year)
-- Params: score_years
WITH priced AS (
  SELECT
    l.year, l.fixmedins_code, l.setl_id, l.feedetl_sn, l.service_day, l.med_list_codg, l.pric_e6, l.item_cents, l.is_negotiated,
    p.price_kind, p.price_e6 AS limit_e6,
    ROW_NUMBER() OVER (PARTITION BY l.setl_id, l.feedetl_sn, p.price_kind ORDER BY p.fixmedins_code DESC NULLS LAST) AS position
  FROM audit.score_line l
  JOIN ref.score_year y ON y.year = l.year
  JOIN core.price_interval p
    ON p.med_list_codg = l.med_list_codg AND (p.fixmedins_code = l.fixmedins_code OR p.fixmedins_code = '')
    AND p.from_day <= l.service_day AND p.to_day > l.service_day
  WHERE l.is_dear
),
risk_drug AS (
  SELECT med_list_codg FROM core.price_interval WHERE price_kind = 'monitored' GROUP BY med_list_codg
),
judged AS (
  SELECT
    p.year, p.fixmedins_code, p.setl_id, p.feedetl_sn, p.service_day, p.med_list_codg, p.pric_e6, p.item_cents, p.limit_e6,
    CASE
      WHEN p.price_kind = 'standard' AND p.is_negotiated AND p.pric_e6 > p.limit_e6 THEN 'over_standard_price'
      WHEN i.fixmedins_type <> '2' OR r.med_list_codg IS NULL THEN NULL
      WHEN p.price_kind = 'monitored' AND p.pric_e6 > p.limit_e6 THEN 'price_over_monitored'
      WHEN p.price_kind = 'online' AND p.pric_e6 * 100 >= p.limit_e6 * (100 + g.online_percent) THEN 'price_over_online'
      WHEN p.price_kind = 'uninsured' AND p.pric_e6 > p.limit_e6 THEN 'price_over_uninsured'
    END AS metric
  FROM priced p
  CROSS JOIN ref.score_setting g
  LEFT JOIN core.institution_interval i
    ON i.fixmedins_code = p.fixmedins_code AND i.from_day <= p.service_day AND i.to_day > p.service_day
  LEFT JOIN risk_drug r ON r.med_list_codg = p.med_list_codg
  WHERE p.position = 1
)
SELECT
  year, fixmedins_code, metric, 'price_above_limit' AS kind, service_day AS on_day, CAST(NULL AS INTEGER) AS due_day,
  CAST(NULL AS INTEGER) AS seen_day, CAST(NULL AS VARCHAR) AS practitioner_code, CAST(NULL AS VARCHAR) AS ref_no, med_list_codg, setl_id,
  feedetl_sn, pric_e6 AS price_e6, limit_e6, CAST(1 AS BIGINT) AS line_count, item_cents AS amount_cents
FROM judged
WHERE metric IS NOT NULL
