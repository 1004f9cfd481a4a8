-- 365 suspect_line
-- Why: days before the rule pack's effect are not judged (Art. 51). Of all decisions on a line the newest counts,
--      whatever its kind; a corrected practitioner replaces the ordering code, and the executing code where it was the
--      same; emergency tests apply in their order (Art. 19, 50).
-- Grain: one row per candidate line from the rules' first day on.
-- Reads: core.candidate_line, core.institution_day, core.review_decision, ref.emergency_test, ref.run
-- Writes: core.suspect_line
-- Params: effective_from_day
WITH decided AS (
  SELECT
    l.setl_id, l.feedetl_sn, v.decision, v.review_no, v.practitioner_code,
    ROW_NUMBER() OVER (PARTITION BY l.setl_id, l.feedetl_sn ORDER BY v.decided_day DESC NULLS LAST, v.review_no DESC NULLS LAST) AS position
  FROM core.candidate_line l
  JOIN core.review_decision v ON v.setl_id = l.setl_id AND (v.feedetl_sn = l.feedetl_sn OR v.feedetl_sn = '')
),
tested AS (
  SELECT l.setl_id, l.feedetl_sn, MIN(e.test_order) AS test_order
  FROM core.candidate_line l
  LEFT JOIN decided v ON v.setl_id = l.setl_id AND v.feedetl_sn = l.feedetl_sn AND v.position = 1
  JOIN ref.emergency_test e
    ON (e.name = 'review' AND e.value = v.decision)
    OR (e.name = 'med_type' AND e.value = l.med_type)
    OR (e.name = 'er_flag' AND e.value = l.er_flag)
  GROUP BY l.setl_id, l.feedetl_sn
),
test_name AS (
  SELECT test_order, name FROM ref.emergency_test GROUP BY test_order, name
)
SELECT
  l.period, l.fixmedins_code, l.setl_id, l.feedetl_sn, l.service_day, d.fixmedins_type,
  CASE WHEN v.decision = 'correct_practitioner' THEN v.practitioner_code ELSE l.bilg_dr_codg END AS bilg_dr_codg,
  CASE
    WHEN v.decision = 'correct_practitioner' AND l.bilg_dr_codg <> '' AND l.orders_dr_code = l.bilg_dr_codg
    THEN v.practitioner_code ELSE l.orders_dr_code
  END AS orders_dr_code,
  COALESCE(d.is_agreement_inactive, FALSE) AS is_agreement_inactive,
  COALESCE(d.principal_code, '') AS principal_code,
  n.name AS emergency_test,
  v.decision, v.review_no, l.file_id
FROM core.candidate_line l
JOIN ref.run p ON p.effective_from_day <= l.service_day
LEFT JOIN core.institution_day d ON d.fixmedins_code = l.fixmedins_code AND d.service_day = l.service_day
LEFT JOIN decided v ON v.setl_id = l.setl_id AND v.feedetl_sn = l.feedetl_sn AND v.position = 1
LEFT JOIN tested t ON t.setl_id = l.setl_id AND t.feedetl_sn = l.feedetl_sn
LEFT JOIN test_name n ON n.test_order = t.test_order
