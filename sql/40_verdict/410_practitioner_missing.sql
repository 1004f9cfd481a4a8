-- 410 practitioner_missing
-- Why: a line of a medical institution names no practitioner at all (Art. 10); pharmacies need none.
-- Grain: one row per line.
-- Reads: core.suspect_line
-- Writes: audit.finding
-- Replaces: rule = 410
-- Params: none
SELECT
  410 AS rule, period, setl_id, feedetl_sn, CAST(NULL AS VARCHAR) AS role, CAST(NULL AS VARCHAR) AS practitioner_code,
  CAST(NULL AS INTEGER) AS severity, CAST(NULL AS INTEGER) AS status_from_day, CAST(NULL AS INTEGER) AS status_to_day
FROM core.suspect_line
WHERE bilg_dr_codg = '' AND orders_dr_code = '' AND fixmedins_type <> '2'
