-- 715 late_change
-- Why: changes of personnel are to be filed completely and in time (江医保中心发〔2024〕16号, institutions 4(2), pharmacies
--      3(2)), within the working days of Art. 37. A block of the points record that the institution's registry did not
--      show by then; and a status or a registration that began earlier than a snapshot of the institution which was taken
--      after the time was up and does not show it. A snapshot that was not taken proves nothing.
-- Grain: one row per year (of the due day), institution, person and change.
-- Reads: core.late_block, core.points_notice, core.practitioner_status, core.change_due, ref.score_year
-- Writes: audit.score_case
-- Replaces: metric = 'late_change' AND year IN (SELECT year FROM ref.score_year)
-- Params: score_years
WITH change AS (
  SELECT fixmedins_code, practitioner_code, 'late_status' AS kind, begin_day AS on_day, MIN(snapshot_day) AS seen_day
  FROM core.practitioner_status s
  WHERE status <> 'normal' AND begin_day IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM core.points_notice n -- that block is a case of its own
    WHERE n.practitioner_code = s.practitioner_code AND n.from_day <= s.begin_day AND n.to_day > s.begin_day)
  GROUP BY fixmedins_code, practitioner_code, begin_day
  UNION ALL
  SELECT fixmedins_code, practitioner_code, 'late_registration' AS kind, registered_day AS on_day, MIN(snapshot_day) AS seen_day
  FROM core.practitioner_status
  WHERE registered_day IS NOT NULL
  GROUP BY fixmedins_code, practitioner_code, registered_day
),
snapshot AS (
  SELECT fixmedins_code, snapshot_day FROM core.practitioner_status GROUP BY fixmedins_code, snapshot_day
),
late AS (
  SELECT c.fixmedins_code, c.practitioner_code, c.kind, CAST(NULL AS VARCHAR) AS ref_no, c.on_day, d.due_day, c.seen_day
  FROM change c
  JOIN core.change_due d ON d.begun_day = c.on_day
  WHERE c.kind = 'late_status' AND EXISTS (
      SELECT 1 FROM core.practitioner_status r -- listed as normal after the time was up
      WHERE r.fixmedins_code = c.fixmedins_code AND r.practitioner_code = c.practitioner_code AND r.status = 'normal'
        AND r.snapshot_day > d.due_day AND r.snapshot_day < c.seen_day)
    OR c.kind = 'late_registration' AND EXISTS (
      SELECT 1 FROM snapshot t
      WHERE t.fixmedins_code = c.fixmedins_code AND t.snapshot_day > d.due_day AND t.snapshot_day < c.seen_day
    ) AND NOT EXISTS (
      SELECT 1 FROM core.practitioner_status r -- not listed at all
      WHERE r.fixmedins_code = c.fixmedins_code AND r.practitioner_code = c.practitioner_code
        AND r.snapshot_day >= c.on_day AND r.snapshot_day < c.seen_day)
  UNION ALL
  SELECT b.fixmedins_code, b.practitioner_code, 'status_not_maintained' AS kind, b.ref_no, b.from_day AS on_day, b.due_day, b.maintained_day AS seen_day
  FROM core.late_block b
)
SELECT
  y.year, l.fixmedins_code, 'late_change' AS metric, l.kind, l.on_day, l.due_day, l.seen_day, l.practitioner_code, l.ref_no,
  CAST(NULL AS VARCHAR) AS med_list_codg, CAST(NULL AS VARCHAR) AS setl_id, CAST(NULL AS VARCHAR) AS feedetl_sn,
  CAST(NULL AS BIGINT) AS price_e6, CAST(NULL AS BIGINT) AS limit_e6, CAST(NULL AS BIGINT) AS line_count, CAST(NULL AS BIGINT) AS amount_cents
FROM late l
JOIN ref.score_year y ON l.due_day >= y.first_day AND l.due_day <= y.last_day
