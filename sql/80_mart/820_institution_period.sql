-- 820 institution_period
-- Why: what heads sign: per institution and month, today's truth and what that month's statement issued.
-- Grain: one row per institution and period with effective settlements or something recovered or released.
-- Reads: audit.settlement_verdict, core.settlement, core.institution_interval, core.line_count, audit.statement_line
-- Writes: mart.institution_period
-- Params: none
WITH line_count AS (
  SELECT s.period, s.fixmedins_code, sum(l.line_count) AS lines
  FROM core.line_count l JOIN core.settlement s ON s.setl_id = l.setl_id
  WHERE s.is_effective
  GROUP BY s.period, s.fixmedins_code
),
part AS (
  SELECT
    period, fixmedins_code, count(*) AS settlements, 0 AS lines, sum(fund_cents) AS fund_cents, sum(pay_cents) AS pay_cents,
    sum(exempt_cents) AS exempt_cents, sum(review_cents) AS review_cents, sum(withhold_cents) AS withhold_cents,
    0 AS recover_cents, 0 AS release_cents
  FROM audit.settlement_verdict GROUP BY period, fixmedins_code
  UNION ALL
  SELECT period, fixmedins_code, 0, lines, 0, 0, 0, 0, 0, 0, 0 FROM line_count
  UNION ALL
  SELECT
    issued_in, fixmedins_code, 0, 0, 0, 0, 0, 0, 0,
    sum(CASE WHEN kind = 'recover' THEN amount_cents ELSE 0 END), sum(CASE WHEN kind = 'release' THEN amount_cents ELSE 0 END)
  FROM audit.statement_line WHERE kind <> 'withhold' GROUP BY issued_in, fixmedins_code
),
summed AS (
  SELECT
    period, fixmedins_code, sum(settlements) AS settlements, sum(lines) AS lines, sum(fund_cents) AS fund_cents,
    sum(pay_cents) AS pay_cents, sum(exempt_cents) AS exempt_cents, sum(review_cents) AS review_cents,
    sum(withhold_cents) AS withhold_cents, sum(recover_cents) AS recover_cents, sum(release_cents) AS release_cents
  FROM part GROUP BY period, fixmedins_code
),
own_name AS (
  SELECT fixmedins_code, max(fixmedins_name) AS fixmedins_name FROM core.settlement GROUP BY fixmedins_code
)
SELECT
  p.period, p.fixmedins_code, coalesce(i.fixmedins_name, n.fixmedins_name) AS fixmedins_name, i.fixmedins_type,
  CAST(p.settlements AS BIGINT) AS settlements, CAST(p.lines AS BIGINT) AS lines, yuan(p.fund_cents) AS fund_yuan,
  yuan(p.pay_cents) AS pay_yuan, yuan(p.exempt_cents) AS exempt_yuan, yuan(p.review_cents) AS review_yuan,
  yuan(p.withhold_cents) AS withhold_yuan, yuan(p.recover_cents) AS recover_yuan, yuan(p.release_cents) AS release_yuan
FROM summed p
LEFT JOIN core.institution_interval i
  ON i.fixmedins_code = p.fixmedins_code
  AND i.from_day <= unix_date(last_day(CAST(p.period || '-01' AS DATE))) AND i.to_day > unix_date(last_day(CAST(p.period || '-01' AS DATE)))
LEFT JOIN own_name n ON n.fixmedins_code = p.fixmedins_code
ORDER BY p.period, p.fixmedins_code
