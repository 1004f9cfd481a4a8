-- 894 status_not_maintained
-- Why: the institution that did not put a block into the registry within the working days of Art. 37 bears what the fund
--      paid meanwhile (Art. 48). The amounts are those of lines on which rule 409 waits for a person; late ones are of
--      service days after the due day. The rows of an institution add up: no line is in two of them.
-- Grain: one row per institution at which the person was registered after the notice, and block.
-- Reads: core.late_block, audit.finding, audit.line_decision, audit.decided_share, ref.rule
-- Writes: mart.status_not_maintained
-- Params: none
WITH waiting AS (
  SELECT DISTINCT d.fixmedins_code, f.practitioner_code, d.setl_id, d.feedetl_sn, d.service_day, h.fund_cents
  FROM audit.finding f
  JOIN audit.line_decision d ON d.setl_id = f.setl_id AND d.feedetl_sn = f.feedetl_sn
  JOIN audit.decided_share h ON h.setl_id = d.setl_id AND h.feedetl_sn = d.feedetl_sn
  WHERE f.rule = 409 AND d.verdict = 'review'
),
-- Blocks overlap and a line may name two blocked persons: it counts once, with the block whose notice was served first.
counted AS (
  SELECT
    l.fixmedins_code, l.practitioner_code, l.ref_no, w.service_day, w.fund_cents,
    ROW_NUMBER() OVER (PARTITION BY w.setl_id, w.feedetl_sn ORDER BY l.notice_day, l.from_day, l.practitioner_code, l.ref_no) AS position
  FROM core.late_block l
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
FROM core.late_block l
LEFT JOIN counted w
  ON w.fixmedins_code = l.fixmedins_code AND w.practitioner_code = l.practitioner_code AND w.ref_no = l.ref_no AND w.position = 1
JOIN ref.rule u ON u.rule = 409
GROUP BY
  l.fixmedins_code, l.practitioner_code, l.ref_no, l.measure, l.from_day, l.to_day, l.notice_day, l.due_day, l.maintained_day, u.article
ORDER BY l.fixmedins_code, l.practitioner_code, l.from_day, l.ref_no
