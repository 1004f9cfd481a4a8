-- 894 status_not_maintained
-- Why: the institution that did not put a block into the registry within the working days of Art. 37 bears what the fund
--      paid meanwhile (Art. 48). The amounts are those of lines on which rule 409 waits for a person; late ones are of
--      service days after the due day. The rows of an institution add up: no line is in two of them. Who was late before
--      the rules' first day is held to nothing (Art. 51).
-- Grain: one row per institution at which the person was registered after the notice, and block.
-- Reads: core.points_notice, core.registration, core.registry_row, audit.finding, audit.line_decision, audit.line_share, ref.rule, ref.run
-- Writes: mart.status_not_maintained
-- Params: effective_from_day
WITH obliged AS (
  SELECT DISTINCT
    g.fixmedins_code, n.practitioner_code, n.ref_no, n.measure, n.severity, n.from_day, n.to_day, n.notice_day, n.due_day
  FROM core.points_notice n
  JOIN ref.run p ON n.due_day >= p.effective_from_day
  JOIN core.registration g
    ON g.practitioner_code = n.practitioner_code AND g.from_day < n.to_day AND g.to_day > greatest(n.from_day, n.notice_day)
  WHERE n.is_over
),
maintained AS (
  SELECT o.fixmedins_code, o.practitioner_code, o.ref_no, min(r.snapshot_day) AS maintained_day
  FROM obliged o
  JOIN core.registry_row r
    ON r.practitioner_code = o.practitioner_code AND r.fixmedins_code = o.fixmedins_code AND r.severity >= o.severity
    AND coalesce(r.begin_day, r.base_from_day) < o.to_day AND coalesce(r.end_day + 1, 2932896) > o.from_day
  WHERE NOT EXISTS ( -- taken back before the block began: that was an earlier one
    SELECT 1 FROM core.registry_row n
    WHERE n.practitioner_code = r.practitioner_code AND n.fixmedins_code = r.fixmedins_code
      AND n.snapshot_day > r.snapshot_day AND n.snapshot_day <= o.from_day
      AND (n.severity < o.severity OR coalesce(n.begin_day, n.base_from_day) >= o.to_day OR coalesce(n.end_day + 1, 2932896) <= o.from_day))
  GROUP BY o.fixmedins_code, o.practitioner_code, o.ref_no
),
late AS (
  SELECT
    o.fixmedins_code, o.practitioner_code, o.ref_no, o.measure, o.from_day, o.to_day, o.notice_day, o.due_day, m.maintained_day
  FROM obliged o
  LEFT JOIN maintained m ON m.fixmedins_code = o.fixmedins_code AND m.practitioner_code = o.practitioner_code AND m.ref_no = o.ref_no
  WHERE coalesce(m.maintained_day, 2932896) > o.due_day
),
waiting AS (
  SELECT DISTINCT d.fixmedins_code, f.practitioner_code, d.setl_id, d.feedetl_sn, d.service_day, h.fund_cents
  FROM audit.finding f
  JOIN audit.line_decision d ON d.setl_id = f.setl_id AND d.feedetl_sn = f.feedetl_sn
  JOIN audit.line_share h ON h.setl_id = d.setl_id AND h.feedetl_sn = d.feedetl_sn
  WHERE f.rule = 409 AND d.verdict = 'review'
),
-- Blocks overlap and a line may name two blocked persons: it counts once, with the block whose notice was served first.
counted AS (
  SELECT
    l.fixmedins_code, l.practitioner_code, l.ref_no, w.service_day, w.fund_cents,
    ROW_NUMBER() OVER (PARTITION BY w.setl_id, w.feedetl_sn ORDER BY l.notice_day, l.from_day, l.practitioner_code, l.ref_no) AS position
  FROM late l
  JOIN waiting w
    ON w.fixmedins_code = l.fixmedins_code AND w.practitioner_code = l.practitioner_code
    AND w.service_day >= l.from_day AND w.service_day < l.to_day
)
SELECT
  l.fixmedins_code, l.practitioner_code, l.ref_no, l.measure, day_date(l.from_day) AS block_from, day_date(l.to_day) AS block_to,
  day_date(l.notice_day) AS notice_on, day_date(l.due_day) AS due_on, day_date(l.maintained_day) AS maintained_on,
  count(w.ref_no) AS lines, yuan(coalesce(sum(w.fund_cents), 0)) AS fund_yuan,
  count(CASE WHEN w.service_day > l.due_day THEN 1 END) AS late_lines,
  yuan(coalesce(sum(CASE WHEN w.service_day > l.due_day THEN w.fund_cents END), 0)) AS late_fund_yuan,
  u.article
FROM late l
LEFT JOIN counted w
  ON w.fixmedins_code = l.fixmedins_code AND w.practitioner_code = l.practitioner_code AND w.ref_no = l.ref_no AND w.position = 1
JOIN ref.rule u ON u.rule = 409
GROUP BY
  l.fixmedins_code, l.practitioner_code, l.ref_no, l.measure, l.from_day, l.to_day, l.notice_day, l.due_day, l.maintained_day, u.article
ORDER BY l.fixmedins_code, l.practitioner_code, l.from_day, l.ref_no
