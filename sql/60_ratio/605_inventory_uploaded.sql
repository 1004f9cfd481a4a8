-- 605 inventory_uploaded
-- Why: share of drug lines whose sale was uploaded in time, no later than the day after the service day
--      (江医保中心发〔2024〕16号, institutions 14, pharmacies 8).
-- Grain: one row per institution and month.
-- Reads: core.fee_line, core.settlement, core.inventory
-- Writes: audit.ratio_month
-- Replaces: ratio_no = 605
-- Params: none
WITH sale AS (
  SELECT fixmedins_code, setl_id, med_list_codg, MIN(upload_day) AS upload_day
  FROM core.inventory
  WHERE inv_data_type = '4' AND cnt_e4 > 0
  GROUP BY fixmedins_code, setl_id, med_list_codg
)
SELECT
  605 AS ratio_no, s.fixmedins_code, s.period,
  CAST(SUM(CASE WHEN v.upload_day <= l.service_day + 1 THEN 1 ELSE 0 END) AS BIGINT) AS numerator,
  CAST(COUNT(*) AS BIGINT) AS denominator
FROM core.fee_line l
JOIN core.settlement s ON s.setl_id = l.setl_id
LEFT JOIN sale v
  ON v.fixmedins_code = s.fixmedins_code AND v.setl_id = l.setl_id AND v.med_list_codg = l.med_list_codg
WHERE s.is_effective AND l.is_drug
GROUP BY s.fixmedins_code, s.period
