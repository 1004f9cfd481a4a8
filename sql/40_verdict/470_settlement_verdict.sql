-- 470 settlement_verdict
-- Why: fund = pay + exempt + review + withhold must hold for every settlement (contract 4).
-- Grain: one row per effective settlement.
-- Reads: core.settlement, audit.line_decision, audit.decided_share
-- Writes: audit.settlement_verdict
-- Params: none
WITH amount AS (
  SELECT
    d.setl_id,
    CAST(SUM(CASE WHEN d.verdict = 'exempt' THEN h.fund_cents ELSE 0 END) AS BIGINT) AS exempt_cents,
    CAST(SUM(CASE WHEN d.verdict = 'review' THEN h.fund_cents ELSE 0 END) AS BIGINT) AS review_cents,
    CAST(SUM(CASE WHEN d.verdict = 'withhold' THEN h.fund_cents ELSE 0 END) AS BIGINT) AS withhold_cents
  FROM audit.line_decision d
  JOIN audit.decided_share h ON h.setl_id = d.setl_id AND h.feedetl_sn = d.feedetl_sn
  GROUP BY d.setl_id
)
SELECT
  s.period, s.fixmedins_code, s.setl_id, s.fund_cents,
  s.fund_cents - COALESCE(a.exempt_cents, 0) - COALESCE(a.review_cents, 0) - COALESCE(a.withhold_cents, 0) AS pay_cents,
  COALESCE(a.exempt_cents, 0) AS exempt_cents,
  COALESCE(a.review_cents, 0) AS review_cents,
  COALESCE(a.withhold_cents, 0) AS withhold_cents
FROM core.settlement s
LEFT JOIN amount a ON a.setl_id = s.setl_id
WHERE s.is_effective
