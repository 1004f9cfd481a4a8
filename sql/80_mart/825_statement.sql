-- 825 statement
-- Why: one statement per closed month; never rewritten.
-- Grain: one row per statement.
-- Reads: audit.statement, audit.statement_line
-- Writes: mart.statement
-- Params: none
SELECT
  s.statement_no, s.issued_in, s.as_of, s.run_id, s.line_count,
  yuan(coalesce(sum(CASE WHEN l.kind = 'withhold' THEN l.amount_cents END), 0)) AS withhold_yuan,
  yuan(coalesce(sum(CASE WHEN l.kind = 'recover' THEN l.amount_cents END), 0)) AS recover_yuan,
  yuan(coalesce(sum(CASE WHEN l.kind = 'release' THEN l.amount_cents END), 0)) AS release_yuan
FROM audit.statement s
LEFT JOIN audit.statement_line l ON l.statement_no = s.statement_no
GROUP BY s.statement_no, s.issued_in, s.as_of, s.run_id, s.line_count
ORDER BY s.issued_in
