-- 606 inventory_complete
-- Why: each of the four kinds of inventory data is uploaded every month (江医保中心发〔2024〕16号, institutions 14, pharmacies 8).
--      The denominator, 4 for each month of the window, is the rule pack's and is added with the window.
-- Grain: one row per institution and month with an upload.
-- Reads: core.inventory
-- Writes: audit.ratio_month
-- Replaces: ratio_no = 606
-- Params: none
SELECT
  606 AS ratio_no, fixmedins_code, upload_period AS period,
  CAST(COUNT(DISTINCT inv_data_type) AS BIGINT) AS numerator,
  CAST(0 AS BIGINT) AS denominator
FROM core.inventory
GROUP BY fixmedins_code, upload_period
