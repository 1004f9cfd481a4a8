-- 862 self_report
-- Why: what the institution says of itself, item by item; the newer report of an item counts, the older one is kept.
-- Grain: one row per item reported.
-- Reads: core.self_report, staging.self_report, meta.file
-- Writes: mart.self_report
-- Params: none
SELECT
  e.year, e.fixmedins_code, e.report_item, CAST(CAST(d.figure_e6 AS DECIMAL(24,0)) * 0.000001 AS DECIMAL(18,6)) AS figure, e.indicator_no,
  CAST(CAST(e.score_hundredths AS DECIMAL(18,0)) * 0.01 AS DECIMAL(9,2)) AS self_score, e.reported_at, e.is_current, f.file_name, e.line_no
FROM core.self_report e
JOIN staging.self_report d ON d.file_id = e.file_id AND d.line_no = e.line_no
LEFT JOIN meta.file f ON f.file_id = e.file_id
WHERE e.is_filled
ORDER BY e.year, e.fixmedins_code, e.report_item, e.indicator_no, e.reported_at, e.file_id, e.line_no
