-- 450 line_decision
-- Why: one verdict per line; emergency lifts what the rule pack lets it lift (Art. 19, 50), a person's newest decision
--      upholds or releases (contract 4). The reported rule is the lowest that decides.
-- Grain: one row per line with a finding; pay means released.
-- Reads: audit.finding, core.suspect_line, ref.rule
-- Writes: audit.line_decision
-- Params: none
WITH judged AS (
  SELECT
    l.period, l.fixmedins_code, l.setl_id, l.feedetl_sn, l.service_day, l.emergency_test, l.decision, l.review_no, l.file_id,
    MIN(CASE WHEN r.action = 'withhold' AND (NOT r.is_lifted_by_emergency OR l.emergency_test IS NULL) THEN r.rule END) AS withhold_rule,
    MIN(CASE WHEN r.action = 'withhold' THEN r.rule END) AS lifted_rule,
    MIN(CASE WHEN r.action = 'review' THEN r.rule END) AS review_rule
  FROM audit.finding f
  JOIN ref.rule r ON r.rule = f.rule
  JOIN core.suspect_line l ON l.setl_id = f.setl_id AND l.feedetl_sn = f.feedetl_sn
  GROUP BY
    l.period, l.fixmedins_code, l.setl_id, l.feedetl_sn, l.service_day, l.emergency_test, l.decision, l.review_no, l.file_id
),
ruled AS (
  SELECT
    period, fixmedins_code, setl_id, feedetl_sn, service_day, emergency_test, decision, review_no, file_id,
    CASE
      WHEN withhold_rule IS NOT NULL THEN 'withhold'
      WHEN lifted_rule IS NOT NULL THEN 'exempt'
      WHEN decision = 'uphold' THEN 'withhold'
      ELSE 'review'
    END AS verdict,
    COALESCE(withhold_rule, lifted_rule, review_rule) AS rule
  FROM judged
)
SELECT
  period, fixmedins_code, setl_id, feedetl_sn, service_day,
  CASE WHEN decision = 'release' AND verdict <> 'exempt' THEN 'pay' ELSE verdict END AS verdict,
  rule, emergency_test, decision, review_no, file_id
FROM ruled
