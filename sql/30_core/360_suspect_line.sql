-- 360 suspect_line
-- Why: only lines on which some rule can fire, or whose practitioner a person corrected, are looked at one by one.
--      The newest decision counts, whatever its kind; emergency tests in their order (Art. 19, 50).
-- Grain: one row per line of an effective settlement that some rule may concern.
-- Reads: core.fee_line, core.settlement, core.service, core.practitioner_day, core.institution_day, core.review_decision,
--        ref.emergency_test, ref.run
-- Writes: core.suspect_line
-- Params: effective_from_day
WITH flagged_person AS (
  SELECT fixmedins_code, service_day, delivered_code
  FROM core.practitioner_day
  WHERE NOT is_known OR severity > 0 OR NOT is_registered OR commitment_flag = '0'
),
flagged_service AS (
  SELECT v.fixmedins_code, v.service_day, v.bilg_dr_codg, v.orders_dr_code
  FROM core.service v
  LEFT JOIN flagged_person b
    ON b.fixmedins_code = v.fixmedins_code AND b.service_day = v.service_day AND b.delivered_code = v.bilg_dr_codg
  LEFT JOIN flagged_person o
    ON o.fixmedins_code = v.fixmedins_code AND o.service_day = v.service_day AND o.delivered_code = v.orders_dr_code
  LEFT JOIN core.institution_day d
    ON d.fixmedins_code = v.fixmedins_code AND d.service_day = v.service_day
  LEFT JOIN core.practitioner_day p
    ON p.fixmedins_code = v.fixmedins_code AND p.service_day = v.service_day AND p.delivered_code = d.principal_code
  WHERE b.delivered_code IS NOT NULL
    OR o.delivered_code IS NOT NULL
    OR d.is_agreement_inactive
    OR p.severity >= 2
    OR (v.bilg_dr_codg = '' AND v.orders_dr_code = '' AND d.fixmedins_type <> '2')
),
corrected AS (
  SELECT setl_id FROM core.review_decision WHERE decision = 'correct_practitioner' GROUP BY setl_id
),
line AS (
  SELECT s.period, s.fixmedins_code, s.med_type, l.setl_id, l.feedetl_sn, l.service_day, l.bilg_dr_codg, l.orders_dr_code, l.er_flag, l.file_id
  FROM core.fee_line l
  JOIN core.settlement s ON s.setl_id = l.setl_id
  JOIN flagged_service f
    ON f.fixmedins_code = s.fixmedins_code AND f.service_day = l.service_day
    AND f.bilg_dr_codg = l.bilg_dr_codg AND f.orders_dr_code = l.orders_dr_code
  WHERE s.is_effective
  UNION
  SELECT s.period, s.fixmedins_code, s.med_type, l.setl_id, l.feedetl_sn, l.service_day, l.bilg_dr_codg, l.orders_dr_code, l.er_flag, l.file_id
  FROM core.fee_line l
  JOIN corrected c ON c.setl_id = l.setl_id
  JOIN core.settlement s ON s.setl_id = l.setl_id
  CROSS JOIN ref.run p
  WHERE s.is_effective AND l.service_day >= p.effective_from_day
),
decided AS (
  SELECT
    l.setl_id, l.feedetl_sn, v.decision, v.review_no, v.practitioner_code,
    ROW_NUMBER() OVER (PARTITION BY l.setl_id, l.feedetl_sn ORDER BY v.decided_day DESC NULLS LAST, v.review_no DESC NULLS LAST) AS position
  FROM line l
  JOIN core.review_decision v ON v.setl_id = l.setl_id AND (v.feedetl_sn = l.feedetl_sn OR v.feedetl_sn = '')
),
tested AS (
  SELECT l.setl_id, l.feedetl_sn, MIN(e.test_order) AS test_order
  FROM line l
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
FROM line l
LEFT JOIN core.institution_day d ON d.fixmedins_code = l.fixmedins_code AND d.service_day = l.service_day
LEFT JOIN decided v ON v.setl_id = l.setl_id AND v.feedetl_sn = l.feedetl_sn AND v.position = 1
LEFT JOIN tested t ON t.setl_id = l.setl_id AND t.feedetl_sn = l.feedetl_sn
LEFT JOIN test_name n ON n.test_order = t.test_order
