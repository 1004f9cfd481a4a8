-- 830 statement_line
-- Why: what was issued, line by line; the rows of a line add up to what stands.
-- Grain: one row per statement and line.
-- Reads: audit.statement_line
-- Writes: mart.statement_line
-- Params: none
SELECT statement_no, issued_in, period, fixmedins_code, setl_id, feedetl_sn, kind, yuan(amount_cents) AS amount_yuan, cause
FROM audit.statement_line
ORDER BY issued_in, fixmedins_code, setl_id, feedetl_sn
