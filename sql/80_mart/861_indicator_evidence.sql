-- 861 indicator_evidence
-- Why: what was entered for an indicator, by whom and when, beside what counts today: nothing entered is ever lost.
-- Grain: one row per entry that gives something.
-- Reads: core.indicator_evidence, meta.file
-- Writes: mart.indicator_evidence
-- Params: none
SELECT
  e.year, e.fixmedins_code, e.indicator_no, nullif(e.part, '') AS part, CAST(CAST(e.value_e6 AS DECIMAL(24,0)) * 0.000001 AS DECIMAL(18,6)) AS value, e.count,
  e.yes_no, day_date(e.event_day) AS event_on, e.document_no, mask_name(e.entered_by) AS entered_by_masked, e.entered_at, e.is_current,
  f.file_name, e.line_no
FROM core.indicator_evidence e
LEFT JOIN meta.file f ON f.file_id = e.file_id
WHERE e.is_filled
ORDER BY e.year, e.fixmedins_code, e.indicator_no, e.part, e.entered_at, e.file_id, e.line_no
