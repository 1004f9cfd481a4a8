-- 815 settlement_verdict
-- Why: fund = pay + exempt + review + withhold for every settlement.
-- Grain: one row per effective settlement.
-- Reads: audit.settlement_verdict
-- Writes: mart.settlement_verdict
-- Params: none
SELECT
  period, fixmedins_code, setl_id, yuan(fund_cents) AS fund_yuan, yuan(pay_cents) AS pay_yuan, yuan(exempt_cents) AS exempt_yuan,
  yuan(review_cents) AS review_yuan, yuan(withhold_cents) AS withhold_yuan
FROM audit.settlement_verdict
