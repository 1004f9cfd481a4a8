-- 490 balance
-- Why: the shares of a settlement add up to it exactly; a settlement that does not balance stops the run (contract 4).
-- Grain: one row per settlement out of balance; must be empty.
-- Reads: audit.line_share, audit.decided_share, core.settlement, audit.line_decision
-- Writes: nothing (assertion)
-- Params: none
SELECT h.setl_id, s.fund_cents, CAST(SUM(h.fund_cents) AS BIGINT) AS shared_cents
FROM audit.line_share h
LEFT JOIN core.settlement s ON s.setl_id = h.setl_id
GROUP BY h.setl_id, s.fund_cents
HAVING s.fund_cents IS NULL OR s.fund_cents <> CAST(SUM(h.fund_cents) AS BIGINT)
UNION ALL
SELECT d.setl_id, CAST(NULL AS BIGINT) AS fund_cents, CAST(COUNT(*) AS BIGINT) AS shared_cents
FROM audit.line_decision d
LEFT JOIN audit.decided_share h ON h.setl_id = d.setl_id AND h.feedetl_sn = d.feedetl_sn
WHERE d.verdict <> 'pay' AND h.setl_id IS NULL
GROUP BY d.setl_id
