-- 604 e_prescription_settled
-- Why: share of settled outside prescriptions that are electronic (江医保中心发〔2024〕16号, institutions 22, pharmacies 14).
--      An institution is measured by what it wrote, a pharmacy by what it dispensed.
-- Grain: one row per institution and month of setl_time.
-- Reads: core.prescription, core.institution_interval
-- Writes: audit.ratio_month
-- Replaces: ratio_no = 604
-- Params: none
WITH measured AS (
  SELECT x.fixmedins_code, x.settled_period AS period, x.electronic_flag
  FROM core.prescription x
  JOIN core.institution_interval i ON i.fixmedins_code = x.fixmedins_code AND i.to_day = 2932896
  WHERE x.outside_flag = '1' AND x.rx_stas_codg <> '3' AND i.fixmedins_type <> '2'
  UNION ALL
  SELECT x.dispensing_fixmedins_code AS fixmedins_code, x.settled_period AS period, x.electronic_flag
  FROM core.prescription x
  JOIN core.institution_interval i ON i.fixmedins_code = x.dispensing_fixmedins_code AND i.to_day = 2932896
  WHERE x.outside_flag = '1' AND x.rx_stas_codg <> '3' AND i.fixmedins_type = '2'
)
SELECT
  604 AS ratio_no, fixmedins_code, period,
  CAST(SUM(CASE WHEN electronic_flag = '1' THEN 1 ELSE 0 END) AS BIGINT) AS numerator,
  CAST(COUNT(*) AS BIGINT) AS denominator
FROM measured
WHERE period IS NOT NULL
GROUP BY fixmedins_code, period
