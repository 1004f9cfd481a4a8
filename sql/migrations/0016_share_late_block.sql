-- Blocks that an institution did not put into its registry in time (Art. 37): what the fund paid meanwhile and the scorecard
-- ask the same. Who was late before the rules' first day is held to nothing (Art. 51).
CREATE VIEW core.late_block AS
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
)
SELECT
  o.fixmedins_code, o.practitioner_code, o.ref_no, o.measure, o.from_day, o.to_day, o.notice_day, o.due_day, m.maintained_day
FROM obliged o
LEFT JOIN maintained m ON m.fixmedins_code = o.fixmedins_code AND m.practitioner_code = o.practitioner_code AND m.ref_no = o.ref_no
WHERE coalesce(m.maintained_day, 2932896) > o.due_day;
