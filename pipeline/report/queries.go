package report

// In every query $1 is the period, yyyy-MM. Money leaves the database as
// whole cents, because sums of floats are neither exact nor repeatable.

// names gives the institution's name as the period shows it, else as the
// registry last had it, and the masked name of a practitioner.
const names = `WITH
named AS (
  SELECT fixmedins_code, fixmedins_name, coalesce(valid_from, DATE '1900-01-01') AS known_from
  FROM mart.institution WHERE coalesce(valid_from, DATE '1900-01-01') <= last_day(CAST($1 || '-01' AS DATE))
  UNION ALL
  SELECT fixmedins_code, fixmedins_name, DATE '9999-12-31' FROM mart.institution_period WHERE period = $1),
place AS (SELECT fixmedins_code, arg_max(fixmedins_name, known_from) AS name FROM named
  WHERE fixmedins_name IS NOT NULL GROUP BY fixmedins_code),
person AS (SELECT practitioner_code, min(name_masked) AS name_masked FROM mart.practitioner GROUP BY practitioner_code)
`

const queryInstitutions = `SELECT fixmedins_code, fixmedins_name, fixmedins_type, settlements, lines,
  CAST(fund_yuan * 100 AS BIGINT), CAST(pay_yuan * 100 AS BIGINT), CAST(exempt_yuan * 100 AS BIGINT),
  CAST(review_yuan * 100 AS BIGINT), CAST(withhold_yuan * 100 AS BIGINT),
  CAST(recover_yuan * 100 AS BIGINT), CAST(release_yuan * 100 AS BIGINT)
FROM mart.institution_period WHERE period = $1 ORDER BY fixmedins_code`

const queryRules = `WITH hit AS (
  SELECT rule, min(article) AS article,
    count(*) FILTER (verdict = 'withhold') AS withhold_lines,
    CAST(coalesce(sum(fund_yuan) FILTER (verdict = 'withhold'), 0) AS DECIMAL(18,2)) AS withhold,
    count(*) FILTER (verdict = 'exempt') AS exempt_lines,
    CAST(coalesce(sum(fund_yuan) FILTER (verdict = 'exempt'), 0) AS DECIMAL(18,2)) AS exempt,
    count(*) FILTER (verdict = 'review') AS review_lines,
    CAST(coalesce(sum(fund_yuan) FILTER (verdict = 'review'), 0) AS DECIMAL(18,2)) AS review
  FROM mart.line_verdict WHERE period = $1 GROUP BY rule)
SELECT coalesce(r.rule, h.rule) AS no, coalesce(r.title, r.name, ''), coalesce(r.action, ''), coalesce(r.article, h.article, ''),
  coalesce(withhold_lines, 0), CAST(coalesce(withhold, 0) * 100 AS BIGINT),
  coalesce(exempt_lines, 0), CAST(coalesce(exempt, 0) * 100 AS BIGINT),
  coalesce(review_lines, 0), CAST(coalesce(review, 0) * 100 AS BIGINT)
FROM mart.rule r FULL JOIN hit h ON r.rule = h.rule ORDER BY no`

// What stands for the period's claims, whatever month's statement issued it.
const queryStands = `SELECT CAST(coalesce(sum(CAST(amount_yuan * 100 AS BIGINT)), 0) AS BIGINT) FROM mart.statement_line WHERE period = $1`

const queryStatement = `SELECT kind, count(*), CAST(sum(CAST(amount_yuan * 100 AS BIGINT)) AS BIGINT)
FROM mart.statement_line WHERE issued_in = $1 GROUP BY kind ORDER BY kind`

// percent rounds down: a ratio just short of its threshold must not look as if it had met it.
const percent = `CASE WHEN denominator > 0 THEN CAST(numerator::HUGEINT * 10000 // denominator AS BIGINT) END`

const ratioState = `CASE WHEN state = 'no_data' THEN 'no_data' WHEN threshold IS NULL THEN 'none'
  WHEN meets THEN 'met' ELSE 'missed' END`

const queryRatioTotals = `SELECT ratio_no, min(ratio_name),
  count(*) FILTER (verdict = 'met'), count(*) FILTER (verdict = 'missed'),
  count(*) FILTER (verdict = 'no_data'), count(*) FILTER (verdict = 'none')
FROM (SELECT *, ` + ratioState + ` AS verdict FROM mart.institution_ratio WHERE window_kind = 'month' AND window_key = $1)
GROUP BY ratio_no ORDER BY ratio_no`

// The widest gap to the threshold comes first, ties by institution.
const queryRatiosMissed = names + `, missed AS (
  SELECT *, ` + percent + ` AS hundredths FROM mart.institution_ratio
  WHERE window_kind = 'month' AND window_key = $1 AND ` + ratioState + ` = 'missed')
SELECT m.fixmedins_code, coalesce(p.name, ''), m.ratio_no, coalesce(m.ratio_name, ''), m.numerator, m.denominator, m.hundredths, m.threshold
FROM missed m LEFT JOIN place p ON p.fixmedins_code = m.fixmedins_code
ORDER BY m.threshold * 100 - m.hundredths DESC, m.fixmedins_code, m.ratio_no LIMIT $2`

const queryQuality = `SELECT coalesce(title, kind, ''), count(*) FROM mart.data_quality
WHERE period = $1 OR coalesce(period, '') = '' GROUP BY 1 ORDER BY 1`

const queryFiles = `SELECT coalesce(feed, ''), count(*), CAST(coalesce(sum(rows_read), 0) AS BIGINT),
  CAST(coalesce(sum(loaded), 0) AS BIGINT), CAST(coalesce(sum(superseded), 0) AS BIGINT),
  CAST(coalesce(sum(duplicate), 0) AS BIGINT), CAST(coalesce(sum(rejected), 0) AS BIGINT)
FROM mart.delivered_file GROUP BY 1 ORDER BY 1`

const queryOpenRejects = `SELECT coalesce(feed, ''), count(*) FROM mart.rejected_row
WHERE coalesce(replayed_in, '') = '' GROUP BY 1 ORDER BY 1`

// querySheetVerdict gives $6 lines behind institution $3, settlement $4, line $5; it has room for one more column.
const querySheetVerdict = names + `SELECT v.fixmedins_code, p.name, v.setl_id, v.feedetl_sn, v.service_date, CAST(v.rule AS VARCHAR),
  coalesce(r.title, r.name), v.article, v.practitioner_code, d.name_masked, v.role, v.status,
  v.status_from, v.status_to - 1%s, CAST(v.fund_yuan * 100 AS BIGINT)
FROM mart.line_verdict v
LEFT JOIN place p ON p.fixmedins_code = v.fixmedins_code
LEFT JOIN person d ON d.practitioner_code = v.practitioner_code
LEFT JOIN (SELECT rule, min(title) AS title, min(name) AS name FROM mart.rule GROUP BY rule) r ON r.rule = v.rule
WHERE v.period = $1 AND v.verdict = $2
  AND (coalesce(v.fixmedins_code, ''), v.setl_id, v.feedetl_sn) > ($3, $4, $5)
ORDER BY coalesce(v.fixmedins_code, ''), v.setl_id, v.feedetl_sn LIMIT $6`

// The statement's withheld lines are listed elsewhere; here their sums stand
// first, so that the sheet adds up to the statement.
const querySheetStatement = names + `, line AS (
  SELECT 1 AS part, max(statement_no) AS statement_no, period, fixmedins_code, NULL AS setl_id, NULL AS feedetl_sn,
    kind, NULL AS cause, count(*) AS lines, CAST(sum(CAST(amount_yuan * 100 AS BIGINT)) AS BIGINT) AS cents
  FROM mart.statement_line WHERE issued_in = $1 AND kind = 'withhold' GROUP BY period, fixmedins_code, kind
  UNION ALL
  SELECT 2, statement_no, period, fixmedins_code, setl_id, feedetl_sn, kind, cause, 1, CAST(amount_yuan * 100 AS BIGINT)
  FROM mart.statement_line WHERE issued_in = $1 AND kind <> 'withhold')
SELECT kind, l.statement_no, l.period, l.fixmedins_code, p.name, setl_id, feedetl_sn, cause, lines, cents
FROM line l LEFT JOIN place p ON p.fixmedins_code = l.fixmedins_code
ORDER BY part, kind, l.fixmedins_code, l.period, setl_id, feedetl_sn, l.statement_no`

const querySheetRatio = names + `SELECT q.fixmedins_code, p.name, window_kind, CAST(ratio_no AS VARCHAR), ratio_no || ' ' || coalesce(ratio_name, ''), numerator, denominator,
  ` + percent + `, CAST(threshold AS BIGINT) * 100, ` + ratioState + `
FROM mart.institution_ratio q LEFT JOIN place p ON p.fixmedins_code = q.fixmedins_code
WHERE window_kind IN ('month', 'ytd') AND window_key = $1
ORDER BY q.fixmedins_code, q.ratio_no, window_kind`

const querySheetRejected = `SELECT feed, file_name, CAST(line_no AS VARCHAR), column_name, reason, raw, file_sha256,
  CASE WHEN coalesce(replayed_in, '') = '' THEN '待更正' ELSE '已重新提交' END
FROM mart.rejected_row ORDER BY feed, file_name, file_sha256, line_no, reason, raw`

const querySheetQuality = `SELECT coalesce(title, kind), period, setl_id, feedetl_sn, note FROM mart.data_quality
WHERE period = $1 OR coalesce(period, '') = '' ORDER BY 1, setl_id, feedetl_sn, note`

const querySheetFiles = `SELECT feed, file_name, encoding, rows_read, loaded, superseded, duplicate, rejected,
  CAST(amount_yuan * 100 AS BIGINT), strftime(received_at, '%Y-%m-%d %H:%M:%S'), file_sha256, run_id
FROM mart.delivered_file ORDER BY received_at, feed, file_name, file_sha256`
