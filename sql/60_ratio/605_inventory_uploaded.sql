-- 605 inventory_uploaded
-- Why: share of drug lines whose sale was uploaded in time, no later than the day after the service day
--      (江医保中心发〔2024〕16号, institutions 14, pharmacies 8).
-- Grain: one row per institution and month.
-- Reads: core.fee_line, core.line_count, core.settlement, core.inventory
-- Writes: audit.ratio_month
-- Replaces: ratio_no = 605
-- Params: none
WITH sale AS (
  SELECT fixmedins_code, setl_id, med_list_codg, MIN(upload_day) AS upload_day
  FROM core.inventory
  WHERE inv_data_type = '4' AND cnt_e4 > 0
  GROUP BY fixmedins_code, setl_id, med_list_codg
),
uploaded AS (
  SELECT s.fixmedins_code, s.period, CAST(COUNT(*) AS BIGINT) AS numerator
  FROM core.fee_line l
  JOIN sale v ON v.setl_id = l.setl_id AND v.med_list_codg = l.med_list_codg
  JOIN core.settlement s ON s.setl_id = l.setl_id AND s.fixmedins_code = v.fixmedins_code
  WHERE s.is_effective AND l.is_drug AND v.upload_day <= l.service_day + 1
  GROUP BY s.fixmedins_code, s.period
),
drug AS (
  SELECT s.fixmedins_code, s.period, CAST(SUM(n.drug_count) AS BIGINT) AS denominator
  FROM core.line_count n
  JOIN core.settlement s ON s.setl_id = n.setl_id
  WHERE s.is_effective AND n.drug_count > 0
  GROUP BY s.fixmedins_code, s.period
)
SELECT 605 AS ratio_no, d.fixmedins_code, d.period, COALESCE(u.numerator, 0) AS numerator, d.denominator
FROM drug d
LEFT JOIN uploaded u ON u.fixmedins_code = d.fixmedins_code AND u.period = d.period
