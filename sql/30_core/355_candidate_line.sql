-- 355 candidate_line
-- Why: the one pass over all lines: those on which some rule may fire, or whose practitioner a person corrected, are
--      looked at one by one afterwards, and by the scorecard.
-- Grain: one row per line of an effective settlement that is not evidently clean.
-- Reads: core.fee_line, core.settlement, core.clean_registration, core.institution_interval, core.watched_institution, core.review_decision
-- Writes: core.candidate_line
-- Params: none
WITH claim AS (
  SELECT s.setl_id, s.period, s.fixmedins_code, s.med_type, w.fixmedins_code IS NOT NULL OR c.setl_id IS NOT NULL AS is_watched
  FROM core.settlement s
  LEFT JOIN core.watched_institution w ON w.fixmedins_code = s.fixmedins_code
  LEFT JOIN (
    SELECT setl_id FROM core.review_decision WHERE decision = 'correct_practitioner' GROUP BY setl_id
  ) c ON c.setl_id = s.setl_id
  WHERE s.is_effective
),
line AS (
  SELECT
    s.period, s.fixmedins_code, s.med_type, s.is_watched, l.setl_id, l.feedetl_sn, l.service_day, l.bilg_dr_codg, l.orders_dr_code,
    l.er_flag, l.file_id, l.item_cents
  FROM core.fee_line l
  JOIN claim s ON s.setl_id = l.setl_id
  LEFT JOIN core.clean_registration b
    ON b.practitioner_code = l.bilg_dr_codg AND b.fixmedins_code = s.fixmedins_code
    AND b.from_day <= l.service_day AND b.to_day > l.service_day
  LEFT JOIN core.clean_registration o -- only where it is another person: mostly it is not
    ON o.practitioner_code = NULLIF(l.orders_dr_code, l.bilg_dr_codg) AND o.fixmedins_code = s.fixmedins_code
    AND o.from_day <= l.service_day AND o.to_day > l.service_day
  WHERE s.is_watched
    OR (l.bilg_dr_codg <> '' AND b.practitioner_code IS NULL)
    OR (l.orders_dr_code <> l.bilg_dr_codg AND l.orders_dr_code <> '' AND o.practitioner_code IS NULL)
    OR (l.bilg_dr_codg = '' AND l.orders_dr_code = '')
)
SELECT
  l.period, l.fixmedins_code, l.med_type, l.setl_id, l.feedetl_sn, l.service_day, l.bilg_dr_codg, l.orders_dr_code, l.er_flag, l.file_id,
  l.item_cents
FROM line l
LEFT JOIN core.institution_interval i -- only a line without any code still depends on the kind of institution
  ON i.fixmedins_code = l.fixmedins_code AND i.from_day <= l.service_day AND i.to_day > l.service_day
WHERE l.is_watched OR l.bilg_dr_codg <> '' OR l.orders_dr_code <> '' OR i.fixmedins_type <> '2'
