-- 703 fund_figure
-- Why: the true numbers of visits and amounts behind what an institution reports of itself (江医保中心发〔2024〕16号,
--      institutions 8-13, pharmacies 6-7): whoever got something of a fund counts as one visit of it.
-- Grain: one row per year, institution and insurance kind that settled; '' is every other kind of insurance.
-- Reads: core.settlement_delivered, ref.score_year, ref.med_type_kind, ref.insutype_kind
-- Writes: core.fund_figure
-- Replaces: year IN (SELECT year FROM ref.score_year)
-- Params: score_years
WITH category AS (
  SELECT t.med_type, MIN(k.kind) AS kind
  FROM (SELECT med_type FROM core.settlement_delivered GROUP BY med_type) t
  JOIN ref.med_type_kind k ON t.med_type = k.code OR (k.is_prefix AND SUBSTR(t.med_type, 1, LENGTH(k.code)) = k.code)
  GROUP BY t.med_type
)
SELECT
  y.year, s.fixmedins_code, COALESCE(i.insu, '') AS insu,
  CAST(COUNT(*) AS BIGINT) AS settlements,
  CAST(SUM(CASE WHEN c.kind = 'outpatient' AND s.pooled_cents > 0 THEN 1 ELSE 0 END) AS BIGINT) AS outpatient,
  CAST(SUM(CASE WHEN c.kind = 'outpatient' THEN s.pooled_cents ELSE 0 END) AS BIGINT) AS outpatient_cents,
  CAST(SUM(CASE WHEN c.kind = 'inpatient' AND s.pooled_cents > 0 THEN 1 ELSE 0 END) AS BIGINT) AS inpatient,
  CAST(SUM(CASE WHEN c.kind = 'inpatient' THEN s.pooled_cents ELSE 0 END) AS BIGINT) AS inpatient_cents,
  CAST(SUM(CASE WHEN s.large_amount_cents > 0 THEN 1 ELSE 0 END) AS BIGINT) AS large_amount,
  CAST(SUM(s.large_amount_cents) AS BIGINT) AS large_amount_cents,
  CAST(SUM(CASE WHEN s.serious_illness_cents > 0 THEN 1 ELSE 0 END) AS BIGINT) AS serious_illness,
  CAST(SUM(s.serious_illness_cents) AS BIGINT) AS serious_illness_cents,
  CAST(SUM(CASE WHEN s.medical_aid_cents > 0 THEN 1 ELSE 0 END) AS BIGINT) AS medical_aid,
  CAST(SUM(s.medical_aid_cents) AS BIGINT) AS medical_aid_cents,
  CAST(SUM(CASE WHEN s.pooled_cents > 0 THEN 1 ELSE 0 END) AS BIGINT) AS pooled,
  CAST(SUM(s.pooled_cents) AS BIGINT) AS pooled_cents
FROM core.settlement_delivered s
JOIN ref.score_year y ON s.period BETWEEN y.first_period AND y.last_period
LEFT JOIN category c ON c.med_type = s.med_type
LEFT JOIN ref.insutype_kind i ON i.insutype = s.insutype
WHERE s.vali_flag <> '0' AND s.refd_setl_flag = '0'
GROUP BY y.year, s.fixmedins_code, COALESCE(i.insu, '')
