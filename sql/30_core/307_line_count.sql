-- 307 line_count
-- Why: settlements without lines and lines without settlement are matters of data quality (contract 7 "Money"); the
--      totals are what the fund amount is shared by; drug lines are what ratios 605 and 607 are about.
-- Grain: one row per setl_id that has lines.
-- Reads: core.fee_line
-- Writes: core.line_count
-- Params: none
SELECT
  setl_id, CAST(COUNT(*) AS BIGINT) AS line_count,
  CAST(COUNT(scope_cents) AS BIGINT) AS scope_count,
  CAST(SUM(scope_cents) AS BIGINT) AS scope_total_cents,
  CAST(SUM(item_cents) AS BIGINT) AS item_total_cents,
  CAST(SUM(CASE WHEN is_drug THEN 1 ELSE 0 END) AS BIGINT) AS drug_count,
  CAST(SUM(CASE WHEN is_drug AND is_traced THEN 1 ELSE 0 END) AS BIGINT) AS traced_count
FROM core.fee_line
GROUP BY setl_id
