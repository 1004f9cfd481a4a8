-- 806 line_evidence
-- Why: whoever defends or disputes a line must find it: where it was delivered, and the delivered row its rule rests on.
-- Grain: one row per line whose verdict is not pay.
-- Reads: audit.line_decision, audit.line_floor, audit.finding, core.practitioner_interval, core.registry_row, core.points_event,
--   staging.practitioner_status, staging.institution, staging.points_decision, ref.role, meta.file
-- Writes: mart.line_evidence
-- Params: none
WITH shown AS (
  SELECT
    f.setl_id, f.feedetl_sn, f.rule, f.practitioner_code, f.status_from_day,
    ROW_NUMBER() OVER (PARTITION BY f.setl_id, f.feedetl_sn, f.rule ORDER BY r.role_order ASC NULLS LAST) AS position
  FROM audit.finding f
  LEFT JOIN ref.role r ON r.role = f.role
),
line AS (
  SELECT
    d.setl_id, d.feedetl_sn, d.fixmedins_code, d.service_day, d.rule, d.review_no, l.file_id, l.line_no,
    s.practitioner_code, s.status_from_day
  FROM audit.line_decision d
  JOIN audit.line_floor l ON l.setl_id = d.setl_id AND l.feedetl_sn = d.feedetl_sn
  JOIN shown s ON s.setl_id = d.setl_id AND s.feedetl_sn = d.feedetl_sn AND s.rule = d.rule AND s.position = 1
  WHERE d.verdict <> 'pay'
),
registry AS (
  SELECT
    prac_psn_code AS practitioner_code, fixmedins_code, snapshot_date, unix_date(snapshot_date) AS snapshot_day, file_id, line_no
  FROM staging.practitioner_status
),
blocked AS ( -- the row that governs the first day of the stretch
  SELECT p.practitioner_code, p.from_day, r.file_id, r.line_no, r.snapshot_date
  FROM core.practitioner_interval p
  JOIN registry r
    ON r.practitioner_code = p.practitioner_code AND r.fixmedins_code = p.fixmedins_code AND r.snapshot_day = p.snapshot_day
),
snapshot AS ( -- of a day, at an institution
  SELECT fixmedins_code, snapshot_day, max(next_snapshot_day) AS next_day FROM core.registry_row GROUP BY fixmedins_code, snapshot_day
),
promised AS ( -- the row that registers the person
  SELECT g.practitioner_code, g.fixmedins_code, g.base_from_day AS from_day, g.next_snapshot_day AS to_day, r.file_id, r.line_no, r.snapshot_date
  FROM core.registry_row g
  JOIN registry r
    ON r.practitioner_code = g.practitioner_code AND r.fixmedins_code = g.fixmedins_code AND r.snapshot_day = g.snapshot_day
  WHERE g.commitment_flag = '0'
),
agreement AS (
  SELECT
    fixmedins_code, valid_from, file_id, line_no,
    CASE WHEN ROW_NUMBER() OVER earlier > 1 THEN unix_date(valid_from) ELSE -2932896 END AS from_day,
    coalesce(unix_date(LEAD(valid_from) OVER earlier), 2932896) AS to_day
  FROM staging.institution
  WINDOW earlier AS (PARTITION BY fixmedins_code ORDER BY valid_from ASC NULLS FIRST)
),
decided AS ( -- the decision whose block runs; of several the latest
  SELECT
    l.setl_id, l.feedetl_sn, e.ref_no, p.decided_on, p.file_id, p.line_no,
    ROW_NUMBER() OVER (PARTITION BY l.setl_id, l.feedetl_sn ORDER BY e.block_from_day DESC, e.event_no DESC) AS position
  FROM line l
  JOIN core.points_event e
    ON e.practitioner_code = l.practitioner_code AND e.event = 'block' AND e.block_from_day <= l.service_day AND e.block_to_day > l.service_day
  LEFT JOIN staging.points_decision p ON p.decision_no = e.ref_no
  WHERE l.rule = 409
),
found AS (
  SELECT
    l.setl_id, l.feedetl_sn, l.file_id, l.line_no, l.review_no, l.rule, d.ref_no,
    coalesce(b.file_id, c.file_id, i.file_id, d.file_id) AS evidence_file_id,
    coalesce(b.line_no, c.line_no, i.line_no, d.line_no) AS evidence_line,
    coalesce(b.snapshot_date, c.snapshot_date, i.valid_from, d.decided_on, day_date(q.snapshot_day)) AS evidence_on
  FROM line l
  LEFT JOIN blocked b
    ON l.rule IN (401, 402, 403, 408) AND b.practitioner_code = l.practitioner_code AND b.from_day = l.status_from_day
  LEFT JOIN snapshot q
    ON l.rule = 406 AND q.fixmedins_code = l.fixmedins_code AND q.snapshot_day <= l.service_day AND q.next_day > l.service_day
  LEFT JOIN promised c
    ON l.rule = 407 AND c.practitioner_code = l.practitioner_code AND c.fixmedins_code = l.fixmedins_code
    AND c.from_day <= l.service_day AND c.to_day > l.service_day
  LEFT JOIN agreement i
    ON l.rule = 404 AND i.fixmedins_code = l.fixmedins_code AND i.from_day <= l.service_day AND i.to_day > l.service_day
  LEFT JOIN decided d ON d.setl_id = l.setl_id AND d.feedetl_sn = l.feedetl_sn AND d.position = 1
)
SELECT
  x.setl_id, x.feedetl_sn, f.file_name AS claim_file, x.line_no AS claim_line,
  CASE
    WHEN x.rule IN (401, 402, 403, 406, 407, 408) THEN 'practitioner_status'
    WHEN x.rule = 404 THEN 'institution'
    WHEN x.rule = 409 THEN 'points_decision'
  END AS evidence_feed,
  e.file_name AS evidence_file, x.evidence_line, x.evidence_on, x.ref_no AS evidence_no, x.review_no
FROM found x
LEFT JOIN meta.file f ON f.file_id = x.file_id
LEFT JOIN meta.file e ON e.file_id = x.evidence_file_id
ORDER BY x.setl_id, x.feedetl_sn
