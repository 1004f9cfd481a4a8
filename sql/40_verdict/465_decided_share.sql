-- 465 decided_share
-- Why: what verdicts, statement and reports ask of the shares is asked of few lines; each would look through all of them.
-- Grain: one row per line whose verdict is not pay.
-- Reads: audit.line_decision, audit.line_share
-- Writes: audit.decided_share
-- Params: none
SELECT h.setl_id, h.feedetl_sn, h.fund_cents
FROM audit.line_share h
JOIN audit.line_decision d ON d.setl_id = h.setl_id AND d.feedetl_sn = h.feedetl_sn
WHERE d.verdict <> 'pay'
