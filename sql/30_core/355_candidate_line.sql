-- 355 candidate_line
-- Why: the one pass over all lines: those on which some rule may fire, or whose practitioner a person corrected, are
--      looked at one by one afterwards. Days before the rule pack's effect are not judged (Art. 51).
-- Grain: one row per line of an effective settlement that is not evidently clean.
-- Reads: core.fee_line, core.settlement, core.clean_registration, core.institution_interval, core.watched_institution, core.review_decision, ref.run
-- Writes: core.candidate_line
-- Params: effective_from_day
SELECT
  s.period, s.fixmedins_code, s.med_type, l.setl_id, l.feedetl_sn, l.service_day, l.bilg_dr_codg, l.orders_dr_code, l.er_flag, l.file_id
FROM core.fee_line l
JOIN core.settlement s ON s.setl_id = l.setl_id
CROSS JOIN ref.run p
LEFT JOIN core.clean_registration b
  ON b.practitioner_code = l.bilg_dr_codg AND b.fixmedins_code = s.fixmedins_code
  AND b.from_day <= l.service_day AND b.to_day > l.service_day
LEFT JOIN core.clean_registration o
  ON o.practitioner_code = l.orders_dr_code AND o.fixmedins_code = s.fixmedins_code
  AND o.from_day <= l.service_day AND o.to_day > l.service_day
LEFT JOIN core.institution_interval i
  ON i.fixmedins_code = s.fixmedins_code AND i.from_day <= l.service_day AND i.to_day > l.service_day
LEFT JOIN core.watched_institution w ON w.fixmedins_code = s.fixmedins_code
LEFT JOIN (
  SELECT setl_id FROM core.review_decision WHERE decision = 'correct_practitioner' GROUP BY setl_id
) c ON c.setl_id = l.setl_id
WHERE s.is_effective AND l.service_day >= p.effective_from_day
  AND ((l.bilg_dr_codg <> '' AND b.practitioner_code IS NULL)
    OR (l.orders_dr_code <> '' AND o.practitioner_code IS NULL)
    OR (l.bilg_dr_codg = '' AND l.orders_dr_code = '' AND i.fixmedins_type <> '2')
    OR w.fixmedins_code IS NOT NULL
    OR c.setl_id IS NOT NULL)
